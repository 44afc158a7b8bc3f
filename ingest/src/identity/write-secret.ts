import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs'

/** Writes a whole file or nothing: to a neighbour first, then renamed; readable by its owner only unless `mode` says otherwise. */
export function writeSecret(file: string, text: string, mode = 0o600): void {
  const neighbour = `${file}.new`
  const handle = openSync(neighbour, 'w', mode)
  try {
    writeSync(handle, text)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(neighbour, file)
}
