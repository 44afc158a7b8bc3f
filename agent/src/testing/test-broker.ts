import { createServer as createTcpServer, connect, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { type DownKind, formatTopic, safeParseTopic } from '@proactive/shared'
import { Aedes, type Client } from 'aedes'
import type { Identity } from '../adapters/identity-store.ts'
import { createTestCertificate } from './certificates.ts'

/** A real broker behind mutual TLS, and a proxy before it whose link can be cut. */
export interface TestBroker {
  readonly identity: Identity
  /** Where it listens on loopback. */
  readonly port: number
  /** Payloads in the order in which the broker acknowledged them, by kind of topic. */
  readonly received: { readonly kind: string; readonly payload: Buffer }[]
  /** Bytes that passed the link, TLS and MQTT included. */
  bytes(): { readonly up: number; readonly down: number }
  /** Publishes towards the appliance, as the cloud does. */
  send(kind: DownKind, payload: Uint8Array): void
  /** Told of each payload when it was acknowledged; returns what ends that. */
  onReceived(listener: (kind: string, payload: Buffer) => void): () => void
  /** Cuts every connection without a word; new ones are refused until `mend`. */
  cut(): void
  mend(): void
  /** Acknowledges nothing while true, as a cloud whose log is full. */
  setStalled(isStalled: boolean): void
  stop(): Promise<void>
}

const ids = { applianceId: 'ap-test', locationId: 'loc-test' } as const

/**
 * @param options.ackDelayMs what the cloud takes to store one message
 * @param options.host the name that the appliance calls it by, beside its address
 */
export async function startTestBroker(options: {
  readonly ackDelayMs: number
  readonly host?: string
}): Promise<TestBroker> {
  const ca = createTestCertificate('test authority')
  const server = createTestCertificate('test server', {
    issuer: ca,
    ip: '127.0.0.1',
    ...(options.host === undefined ? {} : { host: options.host }),
  })
  const appliance = createTestCertificate('ap-test', { issuer: ca })
  const received: { kind: string; payload: Buffer }[] = []
  const listeners = new Set<(kind: string, payload: Buffer) => void>()
  let isStalled = false
  const released: (() => void)[] = []
  const broker = await Aedes.createBroker({
    authorizePublish: (_: Client | null, packet, done) => {
      const kind = safeParseTopic(packet.topic)?.kind
      setTimeout(() => {
        const acknowledge = () => {
          if (kind !== undefined) {
            const payload = Buffer.from(packet.payload)
            received.push({ kind, payload })
            for (const listener of listeners) listener(kind, payload)
          }
          done(null)
        }
        if (isStalled) released.push(acknowledge)
        else acknowledge()
      }, options.ackDelayMs)
    },
  })
  const tls = createTlsServer(
    {
      key: server.keyPem,
      cert: server.certificatePem,
      ca: ca.certificatePem,
      requestCert: true,
      rejectUnauthorized: true,
    },
    (socket) => {
      socket.on('error', () => undefined)
      broker.handle(socket)
    },
  )
  const tlsPort = await listen(tls)

  let isCut = false
  const sockets = new Set<Socket>()
  const moved = { up: 0, down: 0 }
  const proxy = createTcpServer((near) => {
    if (isCut) {
      near.destroy()
      return
    }
    const far = connect(tlsPort, '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.once('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.on('data', (chunk: Buffer) => {
      moved.up += chunk.length
    })
    far.on('data', (chunk: Buffer) => {
      moved.down += chunk.length
    })
    near.pipe(far).pipe(near)
  })
  const port = await listen(proxy)
  return {
    identity: {
      ...ids,
      mqttUrl: `mqtts://127.0.0.1:${port}`,
      enrollUrl: 'https://127.0.0.1',
      renewAfterMs: 0,
      keyPem: appliance.keyPem,
      certificatePem: appliance.certificatePem,
      caPem: ca.certificatePem,
    },
    port,
    received,
    bytes: () => ({ ...moved }),
    send(kind, payload) {
      const topic = formatTopic({ ...ids, kind })
      broker.publish(
        { cmd: 'publish', topic, payload: Buffer.from(payload), qos: 1, retain: false, dup: false },
        () => undefined,
      )
    },
    onReceived(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    cut() {
      isCut = true
      for (const socket of sockets) socket.resetAndDestroy()
    },
    mend() {
      isCut = false
    },
    setStalled(next) {
      isStalled = next
      if (!next) for (const acknowledge of released.splice(0)) acknowledge()
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => proxy.close(() => resolve()))
      await new Promise<void>((resolve) => broker.close(() => resolve()))
      await new Promise<void>((resolve) => tls.close(() => resolve()))
    },
  }
}

function listen(server: {
  listen(port: number, host: string, done: () => void): unknown
  address(): unknown
}) {
  return new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
  })
}
