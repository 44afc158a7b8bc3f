import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import {
  type ControlAnswer,
  type ControlRequest,
  controlRequestSchema,
  controlSocketName,
  maxLineChars,
} from './control-protocol.ts'

export interface ControlServer {
  stop(): Promise<void>
}

/** Serves control requests on `<dataDir>/control.sock`, which only this user may open. */
export async function startControlServer(
  dataDir: string,
  handle: (request: ControlRequest) => Promise<ControlAnswer>,
): Promise<ControlServer> {
  const path = join(dataDir, controlSocketName)
  rmSync(path, { force: true })
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
    let seenChars = 0
    socket.on('data', (chunk) => {
      seenChars += chunk.length
      if (seenChars > maxLineChars) socket.destroy()
    })
    const lines = createInterface({ input: socket }).on('error', () => socket.destroy())
    lines.once('line', (line) => {
      void answer(line, handle).then((result) => socket.end(`${JSON.stringify(result)}\n`))
    })
  })
  server.maxConnections = 16
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  chmodSync(path, 0o600)
  return {
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      rmSync(path, { force: true })
    },
  }
}

async function answer(
  line: string,
  handle: (request: ControlRequest) => Promise<ControlAnswer>,
): Promise<ControlAnswer> {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return { kind: 'failed', message: 'the request was no JSON line' }
  }
  const request = controlRequestSchema.safeParse(value)
  if (!request.success) return { kind: 'failed', message: 'the request has an unknown form' }
  try {
    return await handle(request.data)
  } catch (error) {
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) }
  }
}
