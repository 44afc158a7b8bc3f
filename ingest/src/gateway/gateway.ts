import type { TLSSocket } from 'node:tls'
import { Aedes, type AuthenticateError, type Client, type PublishPacket } from 'aedes'
import type { CommandResult, DownKind, EpochMs, Reported } from '@proactive/shared'
import { downKinds, formatTopic, ipSchema, ProactiveError, subscribedKinds } from '@proactive/shared'
import { encode, maxPayloadBytes } from '@proactive/shared/codec'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { CertifiedKey } from '../identity/certificates.ts'
import type { ApplianceRegistry } from '../identity/ports.ts'
import type { IngestLog } from '../log/ingest-log.ts'
import type { ListenAddress } from '../net/listen.ts'
import { withDeadline } from '../net/with-deadline.ts'
import { type Admission, admit, RefusedError, rememberConnect } from './admission.ts'
import { createGatewayCounters } from './counters.ts'
import { createFrameGuard, type FrameGuard } from './frame-guard.ts'
import { guardSocket } from './guard-socket.ts'
import { createLogBudget } from './log-budget.ts'
import type { CommandLink, DesiredSource } from './ports.ts'
import { checkPublish } from './publish-check.ts'
import type { Session } from './session.ts'
import { createSessionTable } from './session-table.ts'
import { createTlsListener } from './tls-listener.ts'

/** The door of the appliances: MQTT 3.1.1 behind mutual TLS, where a PUBACK means "durably in the log" (ADR 004). */
export interface Gateway extends CommandLink {
  /** Settles what an earlier run left open, then listens. */
  start(at: ListenAddress): Promise<ListenAddress>
  /** Cuts the appliance off at once and lets it in no more, whatever its certificate says. */
  revoke(applianceId: string): void
  /** Sends the newest desired configuration, where the appliance is connected. */
  sendDesired(applianceId: string): Promise<void>
  /** Safe to call twice. */
  stop(): Promise<void>
}

export interface GatewayOptions {
  readonly log: IngestLog
  readonly registry: ApplianceRegistry
  readonly desired: DesiredSource
  readonly server: CertifiedKey
  readonly caPem: string
  readonly metrics: Registry
  readonly logger: Logger
  readonly nowMs: () => EpochMs
  /** Called for each `reported` once it is in the log. */
  readonly onReported?: (applianceId: string, reported: Reported) => void
  readonly limits?: Partial<GatewayLimits>
}

/** Bounds against strangers and broken clients. */
export interface GatewayLimits {
  readonly maxPendingPerAddress: number
  readonly maxConnections: number
  readonly handshakeTimeoutMs: number
  readonly connectTimeoutMs: number
  /** Longest keepalive a client may ask for, seconds; 0 (none) is refused too. */
  readonly maxKeepaliveSeconds: number
}

const defaultLimits: GatewayLimits = {
  maxPendingPerAddress: 512,
  maxConnections: 20_000,
  handshakeTimeoutMs: 10_000,
  connectTimeoutMs: 10_000,
  maxKeepaliveSeconds: 30,
}
const frameLimits = { maxBytesBeforeConnack: 8_192, maxPacketBytes: maxPayloadBytes + 256 }
const logLinesPerMinute = 10
const desiredTimeoutMs = 5_000

export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { log, registry, desired, logger, nowMs } = options
  const limits = { ...defaultLimits, ...options.limits }
  const counters = createGatewayCounters(options.metrics)
  const mayLog = createLogBudget(logLinesPerMinute, nowMs)
  const revokedHere = new Set<string>()
  const sessionByClient = new WeakMap<Client, Session>()
  const guardBySocket = new WeakMap<object, FrameGuard>()
  const resultListeners = new Set<(applianceId: string, result: CommandResult) => void>()
  const disconnectListeners = new Set<(applianceId: string) => void>()
  const sessions = createSessionTable({
    log,
    logger,
    onSize: (size) => counters.sessions(size),
    onEnd: ({ applianceId }) => {
      for (const listener of disconnectListeners) listener(applianceId)
    },
  })

  function refused(reason: string, facts: object): void {
    counters.refused(reason)
    if (mayLog(`refused ${reason}`)) logger.warn({ reason, ...facts }, 'connection refused')
  }
  function violation(session: Session | undefined, reason: string, facts: object = {}): Error {
    counters.violation(reason)
    if (session) session.isPoisoned = true
    const { applianceId, locationId } = session ?? {}
    if (mayLog(`violation ${reason}`))
      logger.warn({ reason, applianceId, locationId, ...facts }, 'connection cut')
    return new Error(reason)
  }

  async function authenticate(client: Client): Promise<void> {
    const admission: Admission = await admit(client, { registry, nowMs })
    if (revokedHere.has(admission.applianceId)) throw new RefusedError('revoked', 5)
    const socket = client.conn as TLSSocket
    const guard = guardBySocket.get(socket)
    if (guard === undefined) throw new RefusedError('unguarded', 3)
    const session = await sessions.open({ ...admission, client, guard }).catch((cause) => {
      throw new RefusedError('log-unavailable', 3, { cause })
    })
    sessionByClient.set(client, session)
    if (socket.destroyed) {
      await sessions.end(session)
      throw new RefusedError('gone', 3)
    }
    socket.once('close', () => void sessions.end(session))
    if (revokedHere.has(session.applianceId)) throw new RefusedError('revoked', 5)
  }

  async function store(session: Session, packet: PublishPacket): Promise<void> {
    const { applianceId, locationId } = session
    // A copy of its own: the packet's payload is a view into the socket's buffer, and the log keeps what it gets.
    const payload = new Uint8Array(packet.payload as Buffer)
    const verdict = checkPublish(session, { topic: packet.topic, qos: packet.qos, payload })
    if (verdict.kind === 'violation')
      throw violation(session, verdict.reason, { topic: packet.topic.slice(0, 200) })
    if (verdict.kind === 'drop') {
      counters.dropped(verdict.reason)
      const { upKind, error } = verdict
      if (mayLog(`dropped ${applianceId}`)) {
        logger.warn(
          { applianceId, locationId, kind: upKind, why: error.message },
          'message dropped: it breaks the contract',
        )
      }
      return
    }
    try {
      await log.append(
        { from: 'appliance', locationId, applianceId, kind: verdict.upKind, payload },
        session.id,
      )
    } catch (error) {
      session.isPoisoned = true
      const code = error instanceof ProactiveError ? error.code : 'unknown'
      counters.appendFailed(code)
      if (mayLog(`append ${code}`))
        logger.error({ err: error, applianceId }, 'message not stored: no PUBACK, connection cut')
      throw error
    }
    counters.stored(verdict.upKind)
    if (verdict.upKind === 'result') {
      for (const listener of resultListeners) listener(applianceId, verdict.message as CommandResult)
    } else if (verdict.upKind === 'reported') options.onReported?.(applianceId, verdict.message as Reported)
  }

  const broker = await Aedes.createBroker({
    connectTimeout: limits.connectTimeoutMs,
    keepaliveLimit: limits.maxKeepaliveSeconds,
    maxClientsIdLength: 64,
    preConnect(client, packet, done) {
      rememberConnect(client, packet)
      // Wills and kept sessions would live in the broker's memory; the gateway sees connections break by itself.
      delete packet.will
      packet.clean = true
      done(null, true)
    },
    authenticate(client, _username, _password, done) {
      authenticate(client).then(
        () => done(null, true),
        (error: unknown) => {
          const reason =
            error instanceof RefusedError ? error : new RefusedError('failed', 3, { cause: error })
          refused(reason.reason, { clientId: String(client.id).slice(0, 64), err: reason.cause })
          done(
            Object.assign(new Error(reason.reason), { returnCode: reason.returnCode }) as AuthenticateError,
            null,
          )
        },
      )
    },
    authorizePublish(client, packet, done) {
      const session = client === null ? undefined : sessionByClient.get(client)
      if (session === undefined || session.isPoisoned) return done(new Error('no session'))
      packet.retain = false
      store(session, packet).then(() => done(null), done)
    },
    authorizeSubscribe(client, subscription, done) {
      const session = sessionByClient.get(client)
      const own = session === undefined ? [] : topicsOf(session, subscribedKinds)
      if (own.includes(subscription.topic)) return done(null, subscription)
      done(violation(session, 'foreign-subscription', { topic: subscription.topic.slice(0, 200) }))
    },
    authorizeForward(client, packet) {
      const session = sessionByClient.get(client)
      return session !== undefined && topicsOf(session, downKinds).includes(packet.topic) ? packet : null
    },
  })
  broker.on('connackSent', (packet, client) => {
    if (packet.returnCode !== 0) return
    const socket = client.conn as TLSSocket
    guardBySocket.get(socket)?.admit()
    listener.settle(socket)
  })
  broker.on('subscribe', (subscriptions, client) => {
    const session = sessionByClient.get(client)
    if (session === undefined) return
    const topic = formatTopic({ ...session, kind: 'desired' })
    if (!subscriptions.some((subscription) => subscription.topic === topic)) return
    sendSeen(session)
    void sendDesired(session.applianceId)
  })
  broker.on('clientError', (client, error) => {
    logger.debug({ err: error, applianceId: client.id }, 'connection ended with an error')
  })
  broker.on('connectionError', (client, error) => {
    const protocol = (error as { errorCode?: number }).errorCode === 1
    const reason = protocol
      ? 'mqtt-version'
      : error.message.includes('in time')
        ? 'connect-timeout'
        : 'connect-failed'
    refused(reason, { address: (client.conn as TLSSocket).remoteAddress, err: error })
  })

  const listener = createTlsListener({
    server: options.server,
    caPem: options.caPem,
    ...limits,
    onRefused: (reason, address) => refused(reason, { address }),
    onConnection(socket) {
      const guard = createFrameGuard(frameLimits)
      guardBySocket.set(socket, guard)
      guardSocket(socket, guard, (reason) => {
        const client = (socket as TLSSocket & { client?: Client }).client
        violation(client && sessionByClient.get(client), reason, { address: socket.remoteAddress })
      })
      broker.handle(socket)
    },
  })

  function send(session: Session, kind: DownKind, payload: Uint8Array): void {
    const topic = formatTopic({ ...session, kind })
    const packet = {
      cmd: 'publish',
      topic,
      payload: Buffer.from(payload),
      qos: 0,
      dup: false,
      retain: false,
    } as const
    session.client.publish(packet, () => undefined)
  }

  /** Where it comes from is asked of nobody else: the appliance learns its public address from the connection it has anyway. */
  function sendSeen(session: Session): void {
    const address = ipSchema.safeParse(session.remoteAddress.replace(/^::ffff:(?=\d+\.)/, ''))
    if (address.success) send(session, 'seen', encode('seen', { v: 1, address: address.data }))
  }

  async function sendDesired(applianceId: string): Promise<void> {
    try {
      const wanted = await withDeadline(desired.current(applianceId), desiredTimeoutMs)
      const session = sessions.get(applianceId)
      if (wanted !== undefined && session !== undefined) send(session, 'desired', encode('desired', wanted))
    } catch (err) {
      logger.error({ err, applianceId }, 'the desired configuration could not be sent')
    }
  }

  let isStopped = false
  return {
    async start(at) {
      await sessions.closeLost()
      return listener.start(at)
    },
    isConnected: (applianceId) => sessions.get(applianceId) !== undefined,
    send(applianceId, command) {
      const session = sessions.get(applianceId)
      if (session === undefined) return false
      send(session, 'command', encode('command', command))
      return true
    },
    onResult(listener) {
      resultListeners.add(listener)
      return () => void resultListeners.delete(listener)
    },
    onDisconnect(listener) {
      disconnectListeners.add(listener)
      return () => void disconnectListeners.delete(listener)
    },
    revoke(applianceId) {
      revokedHere.add(applianceId)
      const session = sessions.get(applianceId)
      if (session === undefined) return
      violation(session, 'revoked')
      session.client.close()
    },
    sendDesired,
    async stop() {
      if (isStopped) return
      isStopped = true
      const closed = listener.stop()
      await sessions.stop()
      await new Promise<void>((resolve) => broker.close(resolve))
      await closed
    },
  }
}

function topicsOf(session: Session, kinds: readonly DownKind[]): string[] {
  return kinds.map((kind) => formatTopic({ ...session, kind }))
}
