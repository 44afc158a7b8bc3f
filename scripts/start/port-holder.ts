import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { basename } from 'node:path'

const listenState = '0A'

/**
 * Who listens on a TCP port of this machine: `node (process 4711)`, or "another program" where /proc does not tell;
 * undefined where the port is free.
 */
export async function portHolder(port: number): Promise<string | undefined> {
  if (await isFree(port)) return undefined
  const inode = listeningInode(port)
  const pid = inode === undefined ? undefined : ownerOfSocket(inode)
  if (pid === undefined) return 'another program'
  return `${programName(pid)} (process ${pid})`
}

/** A process by its program as it was called; `comm` is the first thread's name, which Node 24 calls "MainThread". */
function programName(pid: string): string {
  const [program = ''] = (readText(`/proc/${pid}/cmdline`) ?? '').split('\0')
  // Some servers write a whole title there ("nginx: master process …"): its first word is the program.
  const [name = ''] = basename(program).split(/[\s:]/)
  return name || readText(`/proc/${pid}/comm`)?.trim() || 'a program'
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/** Socket inode of the listener, from proc_net(5): local address in hexadecimal, state 0A = LISTEN. */
function listeningInode(port: number): string | undefined {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of (readText(table) ?? '').split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/)
      if (fields[1]?.endsWith(suffix) && fields[3] === listenState) return fields[9]
    }
  }
  return undefined
}

function ownerOfSocket(inode: string): string | undefined {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const folder = `/proc/${pid}/fd`
      if (readdirSync(folder).some((fd) => readlinkSync(`${folder}/${fd}`) === `socket:[${inode}]`))
        return pid
    } catch {
      // It ended meanwhile, or belongs to another user.
    }
  }
  return undefined
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
