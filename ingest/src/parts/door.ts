import { type CommandDispatcher, createCommandDispatcher } from '../commands/dispatcher.ts'
import { createGateway, type Gateway } from '../gateway/gateway.ts'
import { createClaimBundle } from '../identity/claim-bundle.ts'
import { createEnrollServer } from '../identity/enroll-server.ts'
import { explainListen } from '../net/explain-listen.ts'
import type { Runtime } from './runtime.ts'
import type { Stores } from './stores.ts'

/** The appliances' way in, and the way of commands to them. */
export interface Door {
  readonly gateway: Gateway
  readonly commands: CommandDispatcher
}

/** Where appliances come in. */
export interface OpenDoor {
  /** `host:port` of MQTT over TLS. */
  readonly mqtt: string
  /** `host:port` of the enrolment. */
  readonly enroll: string
  /** Packs a claim token with the enrolment address and the authority's fingerprint. */
  readonly claimBundle: (token: string) => string
}

/** Builds the gateway; nobody can come in before {@link openDoor}. */
export async function createDoor(
  { metrics, nowMs, child, warn }: Runtime,
  { authority, directory, log }: Stores,
): Promise<Door> {
  const gateway = await createGateway({
    log,
    registry: directory.appliances,
    desired: directory.desired,
    server: authority.server,
    caPem: authority.caPem,
    metrics,
    logger: child('gateway'),
    nowMs,
    onReported: (applianceId, reported) => {
      directory.desired
        .recordReported(applianceId, reported)
        .catch(warn('gateway', 'a reported configuration was not kept'))
    },
  })
  return { gateway, commands: createCommandDispatcher({ link: gateway, metrics }) }
}

/** Listens for appliances, and for those that are to become ours. @throws ListenError where a port cannot be had. */
export async function openDoor(
  { config, metrics, stops, nowMs, child }: Runtime,
  { authority, directory }: Stores,
  { gateway }: Door,
): Promise<OpenDoor> {
  const { bind } = config
  stops.add('gateway', () => gateway.stop())
  const mqtt = await explainListen(
    { name: 'MQTT', host: bind, port: config.mqttPort, variable: 'PROACTIVE_MQTT_PORT' },
    () => gateway.start({ host: bind, port: config.mqttPort }),
  )
  const publicHost = config.publicHosts[0] ?? 'localhost'
  const enrollServer = createEnrollServer({
    authority,
    claims: directory.claims,
    registry: directory.appliances,
    mqttUrl: () => config.mqttUrl ?? `mqtts://${publicHost}:${mqtt.port}`,
    metrics,
    logger: child('enrolment'),
    nowMs,
  })
  stops.add('enrolment', () => enrollServer.stop())
  const enroll = await explainListen(
    { name: 'enrolment', host: bind, port: config.enrollPort, variable: 'PROACTIVE_ENROLL_PORT' },
    () => enrollServer.start({ host: bind, port: config.enrollPort }),
  )
  const enrollUrl = config.enrollUrl ?? `https://${publicHost}:${enroll.port}`
  directory.appliances.onRevoked((applianceId) => gateway.revoke(applianceId))
  directory.desired.onDesiredChanged((applianceId) => void gateway.sendDesired(applianceId))
  return {
    mqtt: `${mqtt.host}:${mqtt.port}`,
    enroll: `${enroll.host}:${enroll.port}`,
    claimBundle: (token) => createClaimBundle({ url: enrollUrl, token, caDer: authority.caDer }),
  }
}
