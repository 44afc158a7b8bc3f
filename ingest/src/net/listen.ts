import type { Server } from 'node:net'

/** Where a server listens; port 0 = the system chooses. */
export interface ListenAddress {
  readonly host: string
  readonly port: number
}

/** Connections that may wait to be accepted: a fleet that reconnects comes all at once. */
const backlog = 4_096

/** Starts listening; port 0 takes one from the system. Rejects with the system's error, `EADDRINUSE` among them. */
export function listen(server: Server, { host, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, backlog }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** Where it listens now. @throws Error where it does not. */
export function boundAddress(server: Server): ListenAddress {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port')
  return { host: address.address, port: address.port }
}
