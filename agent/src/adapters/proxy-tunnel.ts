import { request } from 'node:http'
import type { Socket } from 'node:net'

/** Where a connection goes and how it leaves. */
export interface TunnelOptions {
  /** `http://host:port`, with `user:password@` where the proxy asks for it. */
  readonly proxy: string
  readonly host: string
  readonly port: number
  readonly localAddress?: string | undefined
  readonly timeoutMs: number
}

/**
 * A connection to the cloud through an HTTP proxy (CONNECT, RFC 9110 §9.3.6). TLS goes inside, so the proxy sees where to, not what.
 * @throws Error with one sentence when the proxy cannot be reached or refuses
 */
export function openTunnel({ proxy, host, port, localAddress, timeoutMs }: TunnelOptions): Promise<Socket> {
  const { hostname, port: proxyPort, username, password } = new URL(proxy)
  const target = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return new Promise((resolve, reject) => {
    const asked = request({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(proxyPort || 80),
      method: 'CONNECT',
      path: target,
      agent: false,
      timeout: timeoutMs,
      ...(localAddress === undefined ? {} : { localAddress }),
      headers: {
        host: target,
        ...(username === ''
          ? {}
          : { 'proxy-authorization': `Basic ${Buffer.from(login).toString('base64')}` }),
      },
    })
    asked.once('connect', (answer, socket, head) => {
      const status = answer.statusCode ?? 0
      if (status < 200 || status >= 300) {
        socket.destroy()
        reject(new Error(`the proxy ${hostname} refused the way to ${target} with status ${status}`))
        return
      }
      socket.setTimeout(0)
      if (head.length > 0) socket.unshift(head)
      resolve(socket as Socket)
    })
    asked.once('timeout', () => asked.destroy(new Error('no answer in time')))
    asked.once('error', (cause) =>
      reject(new Error(`the proxy ${hostname} cannot be reached (${cause.message})`, { cause })),
    )
    asked.end()
  })
}
