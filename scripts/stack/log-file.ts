import { closeSync, existsSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** A log that cannot fill the disk: at `maxBytes` it becomes `<file>.1`, in place of the one before, and begins anew. */
export interface LogFile {
  write(text: string): void
  /** Safe to call twice. */
  end(): void
}

/** Appends to what is there; folder and file are made where they lack, the file 0600. */
export function openLogFile(file: string, maxBytes = 10 * 1024 * 1024): LogFile {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const open = () => openSync(file, 'a', 0o600)
  let fd: number | undefined = open()
  let bytes = fstatSync(fd).size
  return {
    write(text) {
      if (fd === undefined) return
      const line = Buffer.from(text)
      if (bytes > 0 && bytes + line.length > maxBytes) {
        closeSync(fd)
        // Somebody may have removed it meanwhile.
        if (existsSync(file)) renameSync(file, `${file}.1`)
        fd = open()
        bytes = 0
      }
      bytes += writeSync(fd, line)
    },
    end() {
      if (fd !== undefined) closeSync(fd)
      fd = undefined
    },
  }
}
