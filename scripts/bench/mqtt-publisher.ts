import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { formatTopic, type UpKind } from '@proactive/shared'

/** An appliance as the load generator plays it. */
export interface PublisherIdentity {
  readonly clientId: string
  readonly locationId: string
  /** Client certificate and key; without them plain TCP. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly ca: string } | undefined
}

/**
 * The least MQTT 3.1.1 client that can publish with QoS 1: a full one would cost more than the broker that is measured.
 * Keeps a window of unacknowledged messages; acknowledgements come in order (MQTT 3.1.1 §4.6).
 */
export interface Publisher {
  /** Publishes all, `window` of them under way; resolves when the last is acknowledged. `onAck` gets each one's waiting time. */
  publish(
    kind: UpKind,
    payloads: readonly Uint8Array[],
    window: number,
    onAck: (waitMs: number) => void,
  ): Promise<void>
  close(): void
}

const connectDeadlineMs = 30_000
const keepaliveSeconds = 30
const puback = 0x40
const connack = 0x20

export async function connectPublisher(port: number, identity: PublisherIdentity): Promise<Publisher> {
  const host = '127.0.0.1'
  const socket: Socket =
    identity.tls === undefined
      ? connectTcp({ host, port, noDelay: true })
      : connectTls({ host, port, servername: 'localhost', ...identity.tls })
  await once(socket, identity.tls === undefined ? 'connect' : 'secureConnect', {
    signal: AbortSignal.timeout(connectDeadlineMs),
  })
  let onAnswer: (type: number, code: number) => void = () => undefined
  let fail: (error: Error) => void = () => undefined
  const takeFrames = createFrameReader((type, lastByte) => {
    // Commands are not ours to answer: the ingest takes that as "offline".
    if (type === connack || type === puback) onAnswer(type, lastByte)
  })
  socket.on('data', takeFrames)
  socket.on('error', (error) => fail(error))
  socket.on('close', () => fail(new Error(`${identity.clientId}: the connection was closed`)))

  await new Promise<void>((resolve, reject) => {
    fail = reject
    onAnswer = (type, code) =>
      type === connack && code === 0 ? resolve() : reject(new Error(`${identity.clientId}: CONNACK ${code}`))
    socket.write(connectPacket(identity.clientId))
  })

  let lastId = 0
  return {
    publish(kind, payloads, window, onAck) {
      const { locationId, clientId: applianceId } = identity
      const topic = withLength(Buffer.from(formatTopic({ locationId, applianceId, kind })))
      return new Promise<void>((resolve, reject) => {
        fail = reject
        const sentAt: number[] = []
        let sent = 0
        let acked = 0
        const fill = () => {
          socket.cork()
          while (sent < payloads.length && sent - acked < window) {
            lastId = (lastId % 65_535) + 1
            sentAt[sent] = performance.now()
            socket.write(publishPacket(topic, lastId, payloads[sent] ?? new Uint8Array()))
            sent++
          }
          socket.uncork()
        }
        onAnswer = (type) => {
          if (type !== puback) return reject(new Error(`${identity.clientId}: a second CONNACK`))
          onAck(performance.now() - (sentAt[acked] ?? 0))
          acked++
          if (acked === payloads.length) resolve()
          else if (sent - acked <= window / 2) fill()
        }
        if (payloads.length === 0) resolve()
        else fill()
      })
    },
    close() {
      fail = () => undefined
      socket.destroy()
    },
  }
}

/** Cuts a stream into packets (MQTT 3.1.1 §2.2) and tells each one's type and last byte. */
function createFrameReader(onFrame: (type: number, lastByte: number) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let at = 0
    while (rest.length - at >= 2) {
      let length = 0
      let head = 1
      while (head < rest.length - at) {
        const byte = rest[at + head] ?? 0
        length += (byte & 0x7f) * 128 ** (head - 1)
        head++
        if (byte < 0x80) break
      }
      if ((rest[at + head - 1] ?? 0x80) >= 0x80 || rest.length - at < head + length) break
      onFrame((rest[at] ?? 0) & 0xf0, rest[at + head + length - 1] ?? 0)
      at += head + length
    }
    rest = rest.subarray(at)
  }
}

function connectPacket(clientId: string): Buffer {
  const id = withLength(Buffer.from(clientId))
  // Protocol name and level 4 (3.1.1), clean session, keepalive.
  const head = Buffer.from([0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, keepaliveSeconds])
  return Buffer.concat([Buffer.from([0x10]), remainingLength(head.length + id.length), head, id])
}

function publishPacket(topic: Buffer, packetId: number, payload: Uint8Array): Buffer {
  const length = remainingLength(topic.length + 2 + payload.length)
  const id = Buffer.from([packetId >> 8, packetId & 0xff])
  return Buffer.concat([Buffer.from([0x32]), length, topic, id, payload])
}

const withLength = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes])

/** MQTT 3.1.1 §2.2.3. */
function remainingLength(length: number): Buffer {
  const bytes: number[] = []
  let rest = length
  do {
    const digit = rest % 128
    rest = Math.floor(rest / 128)
    bytes.push(rest > 0 ? digit | 0x80 : digit)
  } while (rest > 0)
  return Buffer.from(bytes)
}
