import type { LookupFunction, Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { downKinds, formatTopic, safeParseTopic, subscribedKinds } from '@proactive/shared'
import { maxPayloadBytes } from '@proactive/shared/codec'
import mqttClient from 'mqtt/lib/client'
import { writeToStream } from 'mqtt-packet'
import { type CloudConnection, type CloudLink, CloudLinkError, type CloudRoute } from '../ports/index.ts'
import type { Identity } from './identity-store.ts'

export interface MqttLinkDeps {
  /** Read at each attempt: a renewed certificate is used from the next connection on. */
  readonly identity: () => Identity
  /** Finds the cloud's address on a way out. */
  readonly lookup: (host: string, route: CloudRoute) => Promise<string>
  /** HTTP proxy in the way; it looks the name up itself. */
  readonly proxy?: string | undefined
  /** This address worked; the next search may start with it. */
  readonly onConnected?: (host: string, ip: string) => void
}

/** The client alone: the package's main module brings WebSocket and SOCKS along. It is CommonJS; loaders disagree on how deep its class lies. */
type ClientClass = typeof mqttClient.default
const loaded: { readonly default: ClientClass } | ClientClass = mqttClient
const MqttClient = 'default' in loaded ? loaded.default : loaded
// Else the first packet makes 65,536 buffers for all numbers there are: 7 MB.
writeToStream.cacheNumbers = false

const keepaliveSeconds = 15
const closeTimeoutMs = 1_000

/**
 * The cloud by MQTT 3.1.1 over mutual TLS. One client per connection: mqtt.js's own store and reconnect lose messages on a
 * flapping link, so neither is used.
 */
export function createMqttLink(deps: MqttLinkDeps): CloudLink {
  return {
    async open({ route, will, timeoutMs, events }) {
      const identity = deps.identity()
      const { hostname, port } = new URL(identity.mqttUrl)
      const host = hostname.replace(/^\[|\]$/g, '')
      const topic = (kind: Parameters<typeof formatTopic>[0]['kind']) =>
        formatTopic({ locationId: identity.locationId, applianceId: identity.applianceId, kind })
      const deadline = AbortSignal.timeout(timeoutMs)
      const target = { host, port: Number(port || 8883) }
      const finding = findWay(deps, target, route, timeoutMs)
      const way = await withDeadline(finding, deadline).catch((error: unknown) => {
        // A proxy that answers a moment too late has made a connection that nobody uses.
        finding.then(
          (late) => 'tunnel' in late && late.tunnel.destroy(),
          () => undefined,
        )
        throw error
      })

      const client = new MqttClient(() => openSocket(identity, target, way, route), {
        clientId: identity.applianceId,
        clean: true,
        protocolVersion: 4,
        reconnectPeriod: 0,
        connectTimeout: timeoutMs,
        keepalive: keepaliveSeconds,
        resubscribe: false,
        queueQoSZero: false,
        manualConnect: true,
        will: { topic: topic('status'), payload: Buffer.from(will), qos: 1, retain: true },
      })
      let lastError = 'the connection was closed'
      let isOver = false
      const whenOver: ((error: CloudLinkError) => void)[] = []
      const over = (reason: string) => {
        if (isOver) return
        isOver = true
        for (const reject of whenOver.splice(0)) reject(new CloudLinkError(reason))
        events.onClosed(reason)
      }
      client.on('error', (error) => {
        lastError = describe(error)
      })
      client.on('close', () => over(lastError))
      client.on('end', () => over(lastError))
      client.on('message', (name, payload) => {
        const parsed = safeParseTopic(name)
        if (parsed === undefined || payload.length > maxPayloadBytes) return
        for (const kind of downKinds) if (parsed.kind === kind) events.onMessage(kind, payload)
      })

      /** Settles with `action`, or rejects when the connection ends first. */
      const whileOpen = <T>(action: (resolve: (value: T) => void, reject: (error: Error) => void) => void) =>
        new Promise<T>((resolve, reject) => {
          if (isOver) {
            reject(new CloudLinkError(lastError))
            return
          }
          whenOver.push(reject)
          const settled = () => whenOver.splice(whenOver.indexOf(reject) >>> 0, 1)
          action(
            (value) => {
              settled()
              resolve(value)
            },
            (error) => {
              settled()
              reject(new CloudLinkError(describe(error), { cause: error }))
            },
          )
        })

      const connection: CloudConnection = {
        publish: (kind, payload, options) =>
          whileOpen((resolve, reject) =>
            client.publish(
              topic(kind),
              Buffer.from(payload),
              { qos: 1, retain: options?.isRetained ?? false },
              (error) => (error ? reject(error) : resolve()),
            ),
          ),
        close: () =>
          new Promise((resolve) => {
            const timer = setTimeout(() => {
              client.stream?.destroy()
              resolve()
            }, closeTimeoutMs)
            client.end(false, {}, () => {
              clearTimeout(timer)
              resolve()
            })
          }),
        cut: () => {
          client.stream?.destroy()
          client.end(true)
          over('cut')
        },
      }

      try {
        const opened = whileOpen<void>((resolve) => client.once('connect', () => resolve()))
        client.connect()
        await withDeadline(opened, deadline)
        await withDeadline(
          whileOpen<void>((resolve, reject) =>
            client.subscribe(
              subscribedKinds.map((kind) => topic(kind)),
              { qos: 1 },
              (error) => (error ? reject(error) : resolve()),
            ),
          ),
          deadline,
        )
      } catch (error) {
        connection.cut()
        throw error instanceof CloudLinkError ? error : new CloudLinkError(describe(error), { cause: error })
      }
      if ('ip' in way) deps.onConnected?.(host, way.ip)
      return connection
    },
  }
}

/** How the cloud is reached: by an address, or inside a connection that a proxy made. */
type Way = { readonly ip: string } | { readonly tunnel: Socket }

async function findWay(
  { proxy, lookup }: MqttLinkDeps,
  target: { readonly host: string; readonly port: number },
  route: CloudRoute,
  timeoutMs: number,
): Promise<Way> {
  if (proxy === undefined) return { ip: await lookup(target.host, route) }
  // Loaded where a proxy is set: node:http costs memory that most appliances can spare elsewhere.
  const { openTunnel } = await import('./proxy-tunnel.ts')
  try {
    return { tunnel: await openTunnel({ proxy, ...target, localAddress: route.localAddress, timeoutMs }) }
  } catch (error) {
    throw new CloudLinkError(describe(error), { cause: error })
  }
}

function openSocket(
  identity: Identity,
  { host, port }: { readonly host: string; readonly port: number },
  way: Way,
  route: CloudRoute,
): TLSSocket {
  const socket = connectTls({
    ...('ip' in way
      ? {
          host,
          port,
          lookup: pinnedTo(way.ip),
          ...(route.localAddress === undefined ? {} : { localAddress: route.localAddress }),
        }
      : { socket: way.tunnel, host }),
    ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
    key: identity.keyPem,
    cert: identity.certificatePem,
    ca: identity.caPem,
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
  })
  // mqtt.js takes its own listener away again when it gives a socket up; an error after that must not end the process.
  socket.on('error', () => undefined)
  return socket
}

/**
 * The name was looked up on the way the connection takes; the certificate is checked against the name.
 * Answered a tick later: where connecting fails at once (no route), tls.connect would throw in setServername and leave behind a
 * socket that nobody listens to, whose error then ends the process (Node 24.21).
 */
const pinnedTo =
  (ip: string): LookupFunction =>
  (_, options, callback) =>
    process.nextTick(() =>
      options.all ? callback(null, [{ address: ip, family: 4 }]) : callback(null, ip, 4),
    )

function withDeadline<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(new CloudLinkError('no connection in time'))
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    // Also where it is too late: work that fails with nobody listening would end the process.
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

function describe(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const code = (error as { code?: unknown }).code
  return typeof code === 'string' && !text.includes(code) ? `${text} (${code})` : text
}
