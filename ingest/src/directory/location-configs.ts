import type { DeviceRole } from '@proactive/shared'
import { calendarSchema } from '@proactive/shared/http'
import type { Database, Trx } from '../db/database.ts'
import type { LocationConfig } from '../faults/model.ts'
import type { DeviceOverrideFacts } from '../faults/vocabulary.ts'
import type { DirectoryJournal } from './journal.ts'
import { liveSilences, liveWindows } from './planned-work.ts'
import { regionOf } from './region-of.ts'
import type { DeviceConfirmationRow, LocationRow } from './tables.ts'

/** A configuration that the log does not hold yet. */
export interface PendingLocationConfig {
  readonly config: LocationConfig
  readonly version: number
}

/** What the fault core must know of the directory, and which of it the log holds already. */
export interface LocationConfigs {
  get(locationId: string): Promise<LocationConfig | undefined>
  /** Changed since they were last marked, at most `limit`. */
  pending(limit: number): Promise<PendingLocationConfig[]>
  markAppended(locationId: string, version: number): Promise<void>
  /** Called after the commit of a change; returns how to stop listening. */
  onLocationConfigChanged(listener: (locationId: string) => void): () => void
}

export interface LocationConfigsDependencies {
  readonly database: Database
  readonly journal: DirectoryJournal
  readonly nowMs: () => number
}

export function createLocationConfigs(dependencies: LocationConfigsDependencies): LocationConfigs {
  const {
    database: { db },
    journal,
    nowMs,
  } = dependencies
  return {
    get: async (locationId) => {
      const row = await db.selectFrom('locations').selectAll().where('id', '=', locationId).executeTakeFirst()
      return row && compose(db, row, nowMs())
    },
    pending: async (limit) => {
      const rows = await db
        .selectFrom('locations')
        .selectAll()
        .whereRef('config_version', '>', 'config_appended_version')
        .orderBy('id')
        .limit(limit)
        .execute()
      const pending: PendingLocationConfig[] = []
      for (const row of rows)
        pending.push({ config: await compose(db, row, nowMs()), version: row.config_version })
      return pending
    },
    markAppended: async (locationId, version) => {
      await db
        .updateTable('locations')
        .set({ config_appended_version: version })
        .where('id', '=', locationId)
        .where('config_appended_version', '<', version)
        .execute()
    },
    onLocationConfigChanged: (listener) =>
      journal.onNews(({ configuredLocationIds }) => {
        for (const locationId of configuredLocationIds) listener(locationId)
      }),
  }
}

async function compose(db: Database['db'] | Trx, row: LocationRow, nowMs: number): Promise<LocationConfig> {
  const confirmations = await db
    .selectFrom('device_confirmations')
    .selectAll()
    .where('location_id', '=', row.id)
    .orderBy('device_id')
    .execute()
  const maintenance = await liveWindows(db, row.id, nowMs)
  const silences = await liveSilences(db, row.id, nowMs)
  const region = regionOf(row.address)
  return {
    locationId: row.id,
    name: row.name,
    timeZone: row.time_zone,
    calendar: calendarSchema.parse(JSON.parse(row.calendar)),
    devices: Object.fromEntries(
      confirmations.map((confirmation) => [confirmation.device_id, toFacts(confirmation)]),
    ),
    hasBackupUplink: row.has_backup_uplink === 1,
    ...(region === undefined ? {} : { region }),
    ...(maintenance.length === 0 ? {} : { maintenance }),
    ...(silences.length === 0 ? {} : { silences }),
  }
}

function toFacts(row: DeviceConfirmationRow): DeviceOverrideFacts {
  return {
    ...(row.role === null ? {} : { role: row.role as DeviceRole }),
    ...(row.name === null ? {} : { name: row.name }),
    ...(row.is_sleeper === null ? {} : { isSleeper: row.is_sleeper === 1 }),
    ...(row.is_retired === 1 ? { isRetired: true } : {}),
  }
}
