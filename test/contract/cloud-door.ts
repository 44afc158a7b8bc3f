import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { base32, type Desired } from '@proactive/shared'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { createGateway, type Gateway, type GatewayLimits } from '../../ingest/src/gateway/gateway.ts'
import { type CertificateAuthority, openCertificateAuthority } from '../../ingest/src/identity/authority.ts'
import { createClaimBundle } from '../../ingest/src/identity/claim-bundle.ts'
import { createEnrollServer } from '../../ingest/src/identity/enroll-server.ts'
import type { ApplianceRegistry, KnownAppliance } from '../../ingest/src/identity/ports.ts'
import type { IngestLog } from '../../ingest/src/log/ingest-log.ts'
import { createSqliteLog } from '../../ingest/src/log/sqlite-log.ts'
import type { ListenAddress } from '../../ingest/src/net/listen.ts'
import { createRequest } from './certificate-request.ts'

/** The cloud as an appliance sees it: real authority, enrolment, gateway and log on loopback, with the directory in memory. */
export interface CloudDoor {
  readonly authority: CertificateAuthority
  readonly gateway: Gateway
  readonly log: IngestLog
  readonly metrics: Registry
  readonly mqtt: ListenAddress
  readonly enroll: ListenAddress
  /** Location id → what its appliances should be configured with. */
  readonly desiredByApplianceId: Map<string, Desired>
  readonly applianceById: Map<string, KnownAppliance>
  /** A one-use token; `bundle` is what a person would type at the appliance. */
  createClaim(locationId: string): { token: string; bundle: string }
  /** A registered appliance with its own key and certificate, without going through enrolment. */
  createAppliance(locationId: string): Promise<ApplianceIdentity>
  /** Sum of a counter over all its labels, or of those with this reason. */
  count(name: string, reason?: string): Promise<number>
  stop(): Promise<void>
}

export interface ApplianceIdentity {
  readonly applianceId: string
  readonly locationId: string
  readonly key: string
  readonly cert: string
  readonly ca: string
}

export interface CloudDoorOptions {
  /** Instead of an own SQLite log; it is not stopped with the door. */
  readonly log?: IngestLog
  /** Kept when given, else a temporary one is made and removed. */
  readonly dataDir?: string
  readonly limits?: Partial<GatewayLimits>
  readonly registry?: Partial<ApplianceRegistry>
}

const loopback = { host: '127.0.0.1', port: 0 }

export async function startCloudDoor(options: CloudDoorOptions = {}): Promise<CloudDoor> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'proactive-door-')))
  const logger = pino({ level: process.env.PROACTIVE_TEST_LOG ?? 'silent' })
  const nowMs = Date.now
  const metrics = new Registry()
  const authority = await openCertificateAuthority({ dataDir, hosts: ['localhost', '127.0.0.1'], nowMs })
  const log =
    options.log ?? (await createSqliteLog({ file: join(dataDir, 'log', 'log.sqlite'), consumers: [] }))
  const applianceById = new Map<string, KnownAppliance>()
  const claimByToken = new Map<string, { readonly locationId: string; by?: string }>()
  const desiredByApplianceId = new Map<string, Desired>()
  const registry: ApplianceRegistry = {
    register: async ({ applianceId, locationId }) => void applianceById.set(applianceId, { locationId }),
    renewed: async () => undefined,
    find: async (applianceId) => applianceById.get(applianceId),
    revoke: async (applianceId) => {
      const known = applianceById.get(applianceId)
      if (known !== undefined) applianceById.set(applianceId, { revokedAtMs: nowMs(), ...known })
    },
    ...options.registry,
  }
  const gateway = await createGateway({
    log,
    registry,
    desired: { current: async (applianceId) => desiredByApplianceId.get(applianceId) },
    server: authority.server,
    caPem: authority.caPem,
    metrics,
    logger,
    nowMs,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  })
  const mqtt = await gateway.start(loopback)
  const enrollServer = createEnrollServer({
    authority,
    claims: {
      async consume(token, applianceId) {
        const claim = claimByToken.get(token)
        if (claim === undefined || (claim.by ?? applianceId) !== applianceId) return undefined
        claim.by = applianceId
        return { locationId: claim.locationId }
      },
    },
    registry,
    mqttUrl: () => `mqtts://127.0.0.1:${mqtt.port}`,
    metrics,
    logger,
    nowMs,
  })
  const enroll = await enrollServer.start(loopback)
  return {
    authority,
    gateway,
    log,
    metrics,
    mqtt,
    enroll,
    desiredByApplianceId,
    applianceById,
    createClaim(locationId) {
      const token = base32(randomBytes(20))
      claimByToken.set(token, { locationId })
      const url = `https://127.0.0.1:${enroll.port}`
      return { token, bundle: createClaimBundle({ url, token, caDer: authority.caDer }) }
    },
    async createAppliance(locationId) {
      const applianceId = `ap-${base32(randomBytes(10))}`
      const { csrPem, keyPem } = await createRequest()
      const { certificatePem } = await authority.issue(applianceId, csrPem)
      applianceById.set(applianceId, { locationId })
      return { applianceId, locationId, key: keyPem, cert: certificatePem, ca: authority.caPem }
    },
    async count(name, reason) {
      const values = (await metrics.getSingleMetric(name)?.get())?.values ?? []
      return values
        .filter(({ labels }) => reason === undefined || Object.values(labels).includes(reason))
        .reduce((sum, { value }) => sum + value, 0)
    },
    async stop() {
      await enrollServer.stop()
      await gateway.stop()
      if (options.log === undefined) await log.stop()
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true })
    },
  }
}
