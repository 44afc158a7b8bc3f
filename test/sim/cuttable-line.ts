import { createServer, connect as dial, type Socket } from 'node:net'
import { listening } from '../lab/forwarder.ts'

/** A stretch of network between two programs of this machine, on loopback, that can be cut without either end being told. */
export interface CuttableLine {
  /** Where the near end connects. */
  readonly port: number
  /** A cut line carries nothing, not even the end of a connection; what was under way goes on when it is whole again. */
  setUp(isUp: boolean): void
  /** Safe to call twice. */
  stop(): Promise<void>
}

const connectionCap = 64

/** Starts a line from a free port on 127.0.0.1 to a port there. */
export async function startCuttableLine(options: {
  readonly targetPort: number
  readonly isUp: boolean
}): Promise<CuttableLine> {
  let isUp = options.isUp
  const pairs = new Set<{ readonly near: Socket; readonly far: Socket }>()
  /** Ends that happened while the line was cut: told when it is whole. */
  const untold = new Set<() => void>()

  const server = createServer((near) => {
    if (pairs.size >= connectionCap) {
      near.destroy()
      return
    }
    const far = dial({ host: '127.0.0.1', port: options.targetPort })
    const pair = { near, far }
    pairs.add(pair)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.setNoDelay(true)
      one.on('error', () => undefined)
      one.on('data', (chunk: Buffer) => {
        if (!other.write(chunk)) one.pause()
      })
      other.on('drain', () => {
        if (isUp) one.resume()
      })
      one.on('close', () => {
        const tell = () => {
          other.destroy()
          pairs.delete(pair)
        }
        if (isUp) tell()
        else untold.add(tell)
      })
      if (!isUp) one.pause()
    }
  })
  await listening(server, { host: '127.0.0.1', port: 0 })
  const address = server.address()
  let stopping: Promise<void> | undefined
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    setUp(next) {
      if (next === isUp) return
      isUp = next
      for (const { near, far } of pairs) {
        for (const socket of [near, far]) {
          if (isUp) socket.resume()
          else socket.pause()
        }
      }
      if (!isUp) return
      for (const tell of untold) tell()
      untold.clear()
    },
    stop() {
      stopping ??= new Promise<void>((resolve) => {
        server.close(() => resolve())
        for (const { near, far } of pairs) {
          near.destroy()
          far.destroy()
        }
      })
      return stopping
    },
  }
}
