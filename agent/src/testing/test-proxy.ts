import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'

/** An HTTP proxy on loopback that only knows CONNECT. */
export interface TestProxy {
  readonly url: string
  /** Where it was asked to lead to, in order. */
  readonly targets: readonly string[]
  stop(): Promise<void>
}

/** @param login `user:password` that it asks for; default: nobody is asked */
export async function startTestProxy(login?: string): Promise<TestProxy> {
  const targets: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((_, response) => void response.writeHead(405).end())
  server.on('connect', (request, near: Socket, head: Buffer) => {
    const wanted =
      login === undefined ? undefined : `Basic ${Buffer.from(decodeURIComponent(login)).toString('base64')}`
    if (request.headers['proxy-authorization'] !== wanted) {
      near.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
      return
    }
    const target = request.url ?? ''
    targets.push(target)
    const far = connect(Number(target.split(':').at(-1)), '127.0.0.1', () => {
      near.write('HTTP/1.1 200 OK\r\n\r\n')
      far.write(head)
      near.pipe(far).pipe(near)
    })
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.once('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
  })
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
  })
  return {
    url: `http://${login === undefined ? '' : `${login}@`}127.0.0.1:${port}`,
    targets,
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
