import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** What a helpdesk, or the way to it, does to a request (facts of real trackers: lost answers, 502 after the create, late arrival). */
export const proxyFaults = [
  'lost-response',
  '502-after',
  '503-before',
  '429-before',
  'hang',
  'reset-before',
  'late-arrival',
  'garbage-after',
] as const
/** Those above are doubt or pass by themselves; `403-before` is a refusal for good. */
export type ProxyFault = (typeof proxyFaults)[number] | '403-before'

const passedHeaders = ['authorization', 'content-type', 'x-redmine-api-key'] as const

export interface FaultProxyOptions {
  /** How late a late arrival is (ms); longer than the caller waits for its answer. */
  readonly lateByMs?: number
  /** Name of a request in the plans; `METHOD /path` unless told otherwise. */
  readonly nameOf?: (method: string, url: string, body: Buffer) => string
}

/** A proxy before the real helpdesk that spoils the requests it was told to, each once, and counts them. */
export async function startFaultProxy(
  upstream: () => string,
  { lateByMs = 400, nameOf = (method, url) => `${method} ${url}` }: FaultProxyOptions = {},
) {
  const plans = new Map<string, ProxyFault[]>()
  const injected: ProxyFault[] = []
  const late: Promise<unknown>[] = []
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await read(request)
    const fault = plans.get(nameOf(request.method ?? '', request.url ?? '', body))?.shift()
    if (fault !== undefined) injected.push(fault)
    switch (fault) {
      case '503-before':
        response.writeHead(503).end('unavailable')
        return
      case '403-before':
        response.writeHead(403).end('no')
        return
      case '429-before':
        response.writeHead(429, { 'retry-after': '1' }).end('slow down')
        return
      case 'reset-before':
        request.socket.resetAndDestroy()
        return
      case 'hang':
        // Nobody answers; the caller's deadline ends it.
        return
      case 'late-arrival':
        request.socket.destroy()
        late.push(delay(lateByMs).then(() => forward(request, body)))
        return
      default: {
        const answer = await forward(request, body)
        if (fault === 'lost-response') request.socket.destroy()
        else if (fault === '502-after') response.writeHead(502).end('<html>bad gateway</html>')
        else if (fault === 'garbage-after') response.writeHead(200).end('<html>it worked</html>')
        else response.writeHead(answer.status, answer.headers).end(answer.body)
      }
    }
  }

  function forward(request: IncomingMessage, body: Buffer) {
    return new Promise<{ status: number; headers: Record<string, string>; body: Buffer }>(
      (resolve, reject) => {
        const outgoing = httpRequest(
          new URL(request.url ?? '/', upstream()),
          {
            method: request.method,
            agent: false,
            headers: {
              ...Object.fromEntries(
                passedHeaders.flatMap((name) => {
                  const value = request.headers[name]
                  return value === undefined ? [] : [[name, value]]
                }),
              ),
              'content-length': body.byteLength,
            },
          },
          (answer) => {
            read(answer).then((payload) => {
              const type = answer.headers['content-type'] ?? 'text/plain'
              resolve({ status: answer.statusCode ?? 500, headers: { 'content-type': type }, body: payload })
            }, reject)
          },
        )
        outgoing.on('error', reject)
        outgoing.end(body)
      },
    )
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Spoils the next such requests, in this order. */
    plan: (method: string, path: string, faults: readonly ProxyFault[]) =>
      plans.set(`${method} ${path}`, [...faults]),
    /** The same by a name that `nameOf` gives. */
    planNamed: (name: string, faults: readonly ProxyFault[]) => plans.set(name, [...faults]),
    injected: () => injected.length,
    /** Resolves when what was held back has arrived. */
    lateOnesArrived: () => Promise.allSettled(late),
    async stop() {
      server.closeAllConnections()
      server.close()
      await Promise.allSettled(late)
    },
  }
}

async function read(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
