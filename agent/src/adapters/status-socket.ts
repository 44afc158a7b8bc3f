import { chmodSync, existsSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import { UsageError } from '@proactive/shared'
import type { AgentStatus } from '../agent-deps.ts'

export interface StatusSocketOptions {
  readonly path: string
  /** undefined while the agent is starting. */
  readonly status: () => AgentStatus | undefined
  /** Prometheus text. */
  readonly metrics: () => Promise<string>
}

/**
 * Taken this way because an `import` reads every export of node:http, some of which load the whole of fetch and WebSocket: 15 MB of memory
 * that the appliance does not have to spare (Node 24).
 */
const { createServer, request } = process.getBuiltinModule('node:http')

const maxAnswerBytes = 4_000_000
const answerTimeoutMs = 3_000

/**
 * Serves `/healthz`, `/readyz`, `/metrics` and `/status` on a unix socket (0600); the agent listens on no TCP port.
 * @throws UsageError where another agent serves there already
 */
export async function startStatusSocket(options: StatusSocketOptions): Promise<() => Promise<void>> {
  const { path } = options
  if (existsSync(path)) {
    if (await isServed(path))
      throw new UsageError(
        `Another agent is running on this data folder (${path} answers): stop that one first.`,
      )
    rmSync(path, { force: true })
  }
  const server = createServer((question, answer) => {
    const end = (status: number, type: string, body: string) => {
      answer.writeHead(status, { 'content-type': type })
      answer.end(body)
    }
    const url = question.url?.split('?')[0]
    if (url === '/healthz') end(200, 'text/plain', 'ok\n')
    else if (url === '/readyz') {
      const isReady = options.status()?.connection.isConnected === true
      end(isReady ? 200 : 503, 'text/plain', isReady ? 'ok\n' : 'not connected\n')
    } else if (url === '/status') {
      const status = options.status()
      end(status === undefined ? 503 : 200, 'application/json', JSON.stringify(status ?? {}))
    } else if (url === '/metrics')
      options.metrics().then(
        (text) => end(200, 'text/plain; version=0.0.4', text),
        () => end(500, 'text/plain', 'metrics failed\n'),
      )
    else end(404, 'text/plain', 'there is /healthz, /readyz, /metrics and /status\n')
  })
  await listen(server, path)
  chmodSync(path, 0o600)
  return async () => {
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
    rmSync(path, { force: true })
  }
}

/** Reads one page of a running agent's socket; undefined where none is running. */
export function readStatusSocket(path: string, page: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const question = request({ socketPath: path, path: page, timeout: answerTimeoutMs }, (answer) => {
      const chunks: Buffer[] = []
      let size = 0
      answer.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > maxAnswerBytes) answer.destroy()
        else chunks.push(chunk)
      })
      answer.once('error', () => resolve(undefined))
      answer.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
    })
    question.once('timeout', () => question.destroy())
    question.once('error', () => resolve(undefined))
    question.end()
  })
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new UsageError(`The socket ${path} cannot be made (${cause.message}): check the data folder.`, {
          cause,
        }),
      ),
    )
    server.listen(path, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })
}

function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
