import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { SpeedLimits, SpeedMeter, SpeedOutcome, SpeedServer } from '../ports/index.ts'

const connectMs = 3_000
const maxHeadBytes = 16_384
const blockBytes = 65_536

/** HTTP/1.1 by hand over one socket (RFC 9112): all that counts is how many bytes moved, and no client library is loaded for it. */
export const speedMeter: SpeedMeter = {
  download: (server, limits) =>
    withSocket(server, limits, (socket, path, host, end) => {
      let head = Buffer.alloc(0)
      let isBody = false
      let bytes = 0
      let startedAt = 0
      const done = () => end(moved(bytes, startedAt))
      socket.on('data', (chunk: Buffer) => {
        if (!isBody) {
          head = Buffer.concat([head, chunk])
          const bodyAt = head.indexOf('\r\n\r\n')
          if (bodyAt < 0) {
            if (head.length > maxHeadBytes) end({ kind: 'failed', detail: 'no HTTP answer' })
            return
          }
          const status = /^HTTP\/1\.[01] (\d{3})/.exec(head.toString('latin1', 0, 32))?.[1]
          if (status !== '200')
            return end({ kind: 'failed', detail: `the server answered ${status ?? 'no HTTP'}` })
          isBody = true
          startedAt = performance.now()
          bytes = head.length - bodyAt - 4
        } else bytes += chunk.length
        if (bytes >= limits.maxBytes || performance.now() - startedAt >= limits.maxMs) done()
      })
      socket.once('end', done)
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
      return done
    }),
  upload: (server, limits) =>
    withSocket(server, limits, (socket, path, host, end) => {
      const block = Buffer.alloc(blockBytes)
      const startedAt = performance.now()
      let written = 0
      const done = () => end(moved(written - socket.writableLength, startedAt))
      const write = () => {
        while (written < limits.maxBytes) {
          if (performance.now() - startedAt >= limits.maxMs) return done()
          written += block.length
          if (!socket.write(block)) {
            socket.once('drain', write)
            return
          }
        }
        socket.end(done)
      }
      socket.on('data', () => undefined)
      const length = Math.ceil(limits.maxBytes / blockBytes) * blockBytes
      socket.write(
        `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/octet-stream\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n`,
      )
      write()
      return done
    }),
}

function moved(bytes: number, startedAt: number): SpeedOutcome {
  if (startedAt === 0 || bytes <= 0) return { kind: 'failed', detail: 'no bytes came' }
  return { kind: 'moved', bytes, tookMs: Math.max(1, performance.now() - startedAt) }
}

/** Runs `work` on an open connection; a limit of time ends it with what was moved, a broken connection too. */
function withSocket(
  { url, ip, localAddress }: SpeedServer,
  { maxMs }: SpeedLimits,
  work: (socket: Socket, path: string, host: string, end: (outcome: SpeedOutcome) => void) => () => void,
): Promise<SpeedOutcome> {
  return new Promise((resolve) => {
    const { protocol, hostname, host, port, pathname, search } = new URL(url)
    const isTls = protocol === 'https:'
    const own = localAddress === undefined ? {} : { localAddress }
    const raw = connectTcp({ host: ip, port: Number(port || (isTls ? 443 : 80)), ...own })
    let timer: ReturnType<typeof setTimeout> | undefined
    let giveUp = () => end({ kind: 'failed', detail: 'no connection in time' })
    const end = (outcome: SpeedOutcome) => {
      clearTimeout(timer)
      raw.destroy()
      resolve(outcome)
    }
    timer = setTimeout(() => giveUp(), connectMs)
    const fail = (error: NodeJS.ErrnoException) =>
      end({ kind: 'failed', detail: (error.code ?? error.message).slice(0, 120) })
    raw.on('error', fail)
    raw.once('connect', () => {
      const socket = isTls ? connectTls({ socket: raw, servername: hostname }) : raw
      if (socket !== raw) socket.on('error', fail)
      const begin = () => {
        clearTimeout(timer)
        giveUp = work(socket, `${pathname}${search}`, host, end)
        timer = setTimeout(() => giveUp(), maxMs + connectMs)
      }
      if (isTls) socket.once('secureConnect', begin)
      else begin()
    })
  })
}
