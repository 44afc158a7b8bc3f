import { chmodSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { Registry } from 'prom-client'

export interface MetricsSocket {
  /** Safe to call twice. */
  stop(): Promise<void>
}

/**
 * Serves the numbers on a unix socket that only our own user may open: where a reverse proxy stands before the web port,
 * every visitor looks like this machine (ADR 012). What a killed run left at the path is cleared.
 */
export async function openMetricsSocket(path: string, registry: Registry): Promise<MetricsSocket> {
  rmSync(path, { force: true })
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end()
      return
    }
    void registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    )
  })
  server.headersTimeout = 5_000
  server.requestTimeout = 5_000
  server.maxConnections = 16
  // The socket file appears with the mask's mode; nobody else may open it in between either.
  const mask = process.umask(0o177)
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(path, resolve)
    })
  } finally {
    process.umask(mask)
  }
  chmodSync(path, 0o600)
  let stopping: Promise<void> | undefined
  return {
    stop: () => {
      stopping ??= new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      })
      return stopping
    },
  }
}
