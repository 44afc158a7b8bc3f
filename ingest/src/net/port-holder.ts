import { readdir, readFile, readlink } from 'node:fs/promises'

/** Who listens on a TCP port of this machine, as far as we may know. */
export interface PortHolder {
  readonly pid: number
  readonly command: string
}

const listenState = '0A'
const maxCommand = 120

/** Best effort by /proc: undefined where nobody is found, the system has none, or the process is somebody else's. */
export async function findPortHolder(port: number): Promise<PortHolder | undefined> {
  const inodes = new Set([
    ...(await listeners('/proc/net/tcp', port)),
    ...(await listeners('/proc/net/tcp6', port)),
  ])
  if (inodes.size === 0) return undefined
  const sockets = new Set([...inodes].map((inode) => `socket:[${inode}]`))
  for (const pid of (await list('/proc')).filter((name) => /^\d+$/.test(name))) {
    for (const handle of await list(`/proc/${pid}/fd`)) {
      const target = await readlink(`/proc/${pid}/fd/${handle}`).catch(() => '')
      if (sockets.has(target)) return { pid: Number(pid), command: await commandOf(pid) }
    }
  }
  return undefined
}

async function listeners(file: string, port: number): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(suffix) === true && state === listenState)
    .flatMap((columns) => columns[9] ?? [])
}

async function commandOf(pid: string): Promise<string> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return text.split('\0').join(' ').trim().slice(0, maxCommand) || 'unknown'
}

function list(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => [])
}
