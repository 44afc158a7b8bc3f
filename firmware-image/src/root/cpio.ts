/** A file of an initial RAM disk. `data` of a symbolic link is its target; a directory has none. */
export interface CpioEntry {
  readonly path: string
  readonly kind: 'file' | 'directory' | 'link'
  readonly mode: number
  readonly data?: Buffer
}

const modeByKind = { file: 0o100000, directory: 0o040000, link: 0o120000 } as const
const TRAILER = 'TRAILER!!!'

/**
 * A "newc" archive as the kernel unpacks it (Linux, Documentation/driver-api/early-userspace/buffer-format.rst): owner 0:0,
 * one time for all, inode numbers in the order given.
 * @param time seconds since 1970
 */
export function encodeCpio(entries: readonly CpioEntry[], time: number): Buffer {
  const parts = entries.map(({ path, kind, mode, data }, index) =>
    record(path, modeByKind[kind] | mode, index + 1, time, data ?? Buffer.alloc(0)),
  )
  parts.push(record(TRAILER, 0, 0, 0, Buffer.alloc(0)))
  return padTo(Buffer.concat(parts), 512)
}

function record(path: string, mode: number, inode: number, time: number, data: Buffer): Buffer {
  const name = Buffer.from(`${path}\0`)
  const links = path === TRAILER ? 1 : mode & 0o040000 ? 2 : 1
  const fields = [inode, mode, 0, 0, links, time, data.length, 0, 0, 0, 0, name.length, 0]
  const header = Buffer.from(`070701${fields.map(hex).join('')}`, 'latin1')
  return Buffer.concat([padTo(Buffer.concat([header, name]), 4), padTo(data, 4)])
}

const hex = (value: number): string => value.toString(16).toUpperCase().padStart(8, '0')

const padTo = (bytes: Buffer, multiple: number): Buffer =>
  Buffer.concat([bytes, Buffer.alloc((multiple - (bytes.length % multiple)) % multiple)])
