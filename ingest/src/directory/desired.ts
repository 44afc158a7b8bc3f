import type { AgentConfig, Desired, DeviceOverride, Reported } from '@proactive/shared'
import { agentConfigSchema, reportedSchema } from '@proactive/shared'
import { type LocationAgentConfig, locationAgentConfigSchema } from '@proactive/shared/http'
import type { Database, Trx } from '../db/database.ts'
import type { DesiredSource } from '../gateway/ports.ts'
import { found } from './errors.ts'
import type { DirectoryJournal } from './journal.ts'
import { storedSnmpOf } from './stored-snmp.ts'
import type { DeviceConfirmationRow } from './tables.ts'

/** What an appliance gets while nobody asked for more: it watches what it was configured with on site. */
export const defaultAgentConfig: LocationAgentConfig = {
  telemetrySeconds: 30,
  networks: [],
  payPaths: [],
  internetTargets: [],
  dnsNames: [],
}

/** How many versions stay readable for an appliance. */
const keptVersions = 50

/** Desired configurations, versioned for each appliance, and what the appliances say is in force. */
export interface DesiredConfigs extends DesiredSource {
  locationConfig(locationId: string): Promise<LocationAgentConfig>
  putLocationConfig(locationId: string, config: LocationAgentConfig): Promise<void>
  recordReported(applianceId: string, reported: Reported): Promise<void>
  reported(applianceId: string): Promise<Reported | undefined>
  /** Called when an appliance should hear its configuration anew. Returns how to stop listening. */
  onDesiredChanged(listener: (applianceId: string) => void): () => void
}

export interface DesiredDependencies {
  readonly database: Database
  readonly journal: DirectoryJournal
  readonly nowMs: () => number
}

export function createDesiredConfigs({
  database: { db },
  journal,
  nowMs,
}: DesiredDependencies): DesiredConfigs {
  return {
    current: async (applianceId) => {
      const row = await db
        .selectFrom('desired_configs')
        .select(['version', 'config'])
        .where('appliance_id', '=', applianceId)
        .orderBy('version', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row && parseDesired(row)
    },
    locationConfig: (locationId) => readLocationConfig(db, locationId),
    putLocationConfig: (locationId, config) =>
      journal.write(async ({ trx, desired }) => {
        const location = trx.selectFrom('locations').select('id').where('id', '=', locationId)
        found(await location.executeTakeFirst(), 'Location')
        const text = JSON.stringify(locationAgentConfigSchema.parse(config))
        await trx
          .insertInto('location_agent_configs')
          .values({ location_id: locationId, config: text })
          .onConflict((conflict) => conflict.column('location_id').doUpdateSet({ config: text }))
          .execute()
        for (const applianceId of await refreshDesired(trx, locationId, nowMs())) desired(applianceId)
      }),
    recordReported: async (applianceId, reported) => {
      const row = {
        version: reported.version,
        report: JSON.stringify(reportedSchema.parse(reported)),
        received_at_ms: nowMs(),
      }
      await db
        .insertInto('reported_configs')
        .values({ appliance_id: applianceId, ...row })
        .onConflict((conflict) => conflict.column('appliance_id').doUpdateSet(row))
        .execute()
    },
    reported: async (applianceId) => {
      const row = await db
        .selectFrom('reported_configs')
        .select('report')
        .where('appliance_id', '=', applianceId)
        .executeTakeFirst()
      return row && reportedSchema.parse(JSON.parse(row.report))
    },
    onDesiredChanged: (listener) =>
      journal.onNews(({ desiredApplianceIds }) => {
        for (const applianceId of desiredApplianceIds) listener(applianceId)
      }),
  }
}

/**
 * Writes a new version for each appliance in service at the Location whose configuration differs from its newest one.
 * @returns the appliances that got one.
 */
export async function refreshDesired(trx: Trx, locationId: string, nowMs: number): Promise<string[]> {
  const appliances = await trx
    .selectFrom('appliances')
    .select(['id', 'snmp_access'])
    .where('location_id', '=', locationId)
    .where('revoked_at_ms', 'is', null)
    .execute()
  if (appliances.length === 0) return []
  const confirmations = await trx
    .selectFrom('device_confirmations')
    .selectAll()
    .where('location_id', '=', locationId)
    .orderBy('device_id')
    .execute()
  const devices = confirmations.map(toOverride).filter((override) => Object.keys(override).length > 1)
  const shared: AgentConfig = { ...(await readLocationConfig(trx, locationId)), devices }
  const changed: string[] = []
  for (const { id, snmp_access } of appliances) {
    const secret = snmp_access === null ? {} : { sealedSnmpCommunity: storedSnmpOf(snmp_access).sealed }
    const config: AgentConfig = { ...shared, ...secret }
    const text = JSON.stringify(config)
    const newest = await trx
      .selectFrom('desired_configs')
      .select(['version', 'config'])
      .where('appliance_id', '=', id)
      .orderBy('version', 'desc')
      .limit(1)
      .executeTakeFirst()
    if (newest?.config === text) continue
    const version = (newest?.version ?? 0) + 1
    await trx
      .insertInto('desired_configs')
      .values({ appliance_id: id, version, config: text, created_at_ms: nowMs })
      .execute()
    await trx
      .deleteFrom('desired_configs')
      .where('appliance_id', '=', id)
      .where('version', '<=', version - keptVersions)
      .execute()
    changed.push(id)
  }
  return changed
}

async function readLocationConfig(
  db: Database['db'] | Trx,
  locationId: string,
): Promise<LocationAgentConfig> {
  const row = await db
    .selectFrom('location_agent_configs')
    .select('config')
    .where('location_id', '=', locationId)
    .executeTakeFirst()
  return row === undefined ? defaultAgentConfig : locationAgentConfigSchema.parse(JSON.parse(row.config))
}

function parseDesired(row: { version: number; config: string }): Desired {
  return { v: 1, version: row.version, config: agentConfigSchema.parse(JSON.parse(row.config)) }
}

function toOverride(row: DeviceConfirmationRow): DeviceOverride {
  return {
    deviceId: row.device_id,
    ...(row.role === null ? {} : { role: row.role as NonNullable<DeviceOverride['role']> }),
    ...(row.name === null ? {} : { name: row.name }),
    ...(row.vendor === null ? {} : { vendor: row.vendor }),
    ...(row.model === null ? {} : { model: row.model }),
    ...(row.is_sleeper === null ? {} : { isSleeper: row.is_sleeper === 1 }),
  }
}
