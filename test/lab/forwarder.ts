import { rm } from 'node:fs/promises'
import {
  type AddressInfo,
  createServer,
  connect as dial,
  type NetConnectOpts,
  type Server,
  type Socket,
} from 'node:net'

/** A running forwarder; `stop` closes its connections too and may be called twice. */
export interface CloudForwarder {
  /** Open connections right now. */
  readonly connections: number
  /** TCP port it listens on; 0 for a unix socket. */
  readonly port: number
  stop(): Promise<void>
}

/** Most connections a forwarder carries; more are closed at once. */
const connectionCap = 1_000

/**
 * The cloud's end of the lab's way to it: takes connections on a unix socket and carries them to a port of the machine,
 * in practice the gateway on loopback. Runs outside the lab, in the machine's own network namespace.
 */
export async function startCloudForwarder(options: {
  readonly socketPath: string
  readonly host: string
  readonly port: number
}): Promise<CloudForwarder> {
  const { socketPath, host, port } = options
  // Left by a killed run; a living listener would have its own folder.
  await rm(socketPath, { force: true })
  return startForwarder({ path: socketPath }, { host, port })
}

/** Carries bytes both ways between each connection on `listen` and a new one to `target`, until either side ends. */
export async function startForwarder(
  listen: { readonly path: string } | { readonly host: string; readonly port: number },
  target: NetConnectOpts,
): Promise<CloudForwarder> {
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (near) => {
    if (sockets.size >= connectionCap * 2) {
      near.destroy()
      return
    }
    const far = dial({ ...target, allowHalfOpen: true })
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.setKeepAlive(true, 30_000)
      one.setNoDelay(true)
      one.pipe(other)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        sockets.delete(one)
        other.destroySoon()
      })
    }
  })
  await listening(server, listen)
  const address = server.address() as AddressInfo | string | null
  let stopping: Promise<void> | undefined
  return {
    get connections() {
      return sockets.size / 2
    },
    port: typeof address === 'object' && address !== null ? address.port : 0,
    stop: () => {
      stopping ??= new Promise<void>((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      })
      return stopping
    },
  }
}

/** Resolves once the server listens; rejects when it cannot. */
export function listening(
  server: Server,
  where: { readonly path: string } | { readonly host: string; readonly port: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen('path' in where ? { ...where, readableAll: false, writableAll: false } : where, () => {
      server.off('error', reject)
      server.on('error', () => undefined)
      resolve()
    })
  })
}
