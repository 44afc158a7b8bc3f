import { type EpochMs, faultClassSchema } from '@proactive/shared'
import {
  type createMaintenanceSchema,
  type createSilenceSchema,
  type MaintenanceWindow,
  maintenanceScheduleSchema,
  type Silence,
} from '@proactive/shared/http'
import type { z } from 'zod'
import type { Database, Trx } from '../db/database.ts'
import { type MaintenanceFacts, type SilenceFacts, windowAt } from '../faults/planned-work.ts'
import { DirectoryError, found } from './errors.ts'
import type { DirectoryJournal } from './journal.ts'
import { newId } from './new-id.ts'
import type { MaintenanceWindowRow, SilenceRow } from './tables.ts'

/** Maintenance windows and silences of Locations: when faults are recorded and open no Issue. */
export interface PlannedWork {
  /** The newest first, with those that ended within 30 days. */
  windows(locationId: string): Promise<MaintenanceWindow[]>
  /** @throws DirectoryError where the Location has as many as it may, or the work is over already. */
  plan(
    locationId: string,
    work: z.output<typeof createMaintenanceSchema>,
    byUserId: string,
  ): Promise<MaintenanceWindow>
  /** For good; a second time changes nothing. @throws DirectoryError where there is none. */
  endWindow(locationId: string, windowId: string): Promise<MaintenanceWindow>
  silences(locationId: string): Promise<Silence[]>
  /** @throws DirectoryError where the Location has as many as it may, or its end is past or too far. */
  silence(
    locationId: string,
    silence: z.output<typeof createSilenceSchema>,
    byUserId: string,
  ): Promise<Silence>
  endSilence(locationId: string, silenceId: string): Promise<Silence>
}

export interface PlannedWorkDependencies {
  readonly database: Database
  readonly journal: DirectoryJournal
  readonly nowMs: () => number
}

/** What is in force at one time at one Location: enough for any shop, few enough for the core's state. */
const mostInForce = 16
const dayMs = 86_400_000
const shownMs = 30 * dayMs
/** How long what is over is kept, for whoever asks what was planned a year ago. */
const keptMs = 400 * dayMs
const longestSilenceMs = 31 * dayMs

export function createPlannedWork({ database, journal, nowMs }: PlannedWorkDependencies): PlannedWork {
  const { db } = database

  async function windowRows(trx: Db, locationId: string, sinceMs: number): Promise<MaintenanceWindowRow[]> {
    return trx
      .selectFrom('maintenance_windows')
      .selectAll()
      .where('location_id', '=', locationId)
      .where((eb) => eb.or([eb('ended_at_ms', 'is', null), eb('ended_at_ms', '>=', sinceMs)]))
      .where((eb) => eb.or([eb('over_at_ms', 'is', null), eb('over_at_ms', '>=', sinceMs)]))
      .orderBy('created_at_ms', 'desc')
      .orderBy('id')
      .limit(500)
      .execute()
  }

  async function timeZoneOf(trx: Db, locationId: string): Promise<string> {
    const row = await trx
      .selectFrom('locations')
      .select('time_zone')
      .where('id', '=', locationId)
      .executeTakeFirst()
    return found(row, 'Location').time_zone
  }

  return {
    windows: async (locationId) => {
      const timeZone = await timeZoneOf(db, locationId)
      const rows = await windowRows(db, locationId, nowMs() - shownMs)
      return rows.map((row) => toWindow(row, timeZone, nowMs()))
    },
    plan: (locationId, { deviceId, schedule, note }, byUserId) =>
      journal.write(async ({ trx, configured }) => {
        const timeZone = await timeZoneOf(trx, locationId)
        const now = nowMs()
        if (schedule.kind === 'once' && schedule.toMs <= now)
          throw new DirectoryError('conflict', 'This work is over already: choose a time that is to come.')
        refuseTooMany(await liveWindows(trx, locationId, now))
        const row: MaintenanceWindowRow = {
          id: newId('work'),
          location_id: locationId,
          device_id: deviceId ?? null,
          schedule: JSON.stringify(schedule),
          note,
          created_by: byUserId,
          created_at_ms: now,
          ended_at_ms: null,
          over_at_ms: schedule.kind === 'once' ? schedule.toMs : null,
        }
        await trx
          .deleteFrom('maintenance_windows')
          .where((eb) => eb.or([eb('ended_at_ms', '<', now - keptMs), eb('over_at_ms', '<', now - keptMs)]))
          .execute()
        await trx.insertInto('maintenance_windows').values(row).execute()
        await configured(locationId)
        return toWindow(row, timeZone, now)
      }),
    endWindow: (locationId, windowId) =>
      journal.write(async ({ trx, configured }) => {
        const timeZone = await timeZoneOf(trx, locationId)
        const ended = await trx
          .updateTable('maintenance_windows')
          .set({ ended_at_ms: nowMs() })
          .where('location_id', '=', locationId)
          .where('id', '=', windowId)
          .where('ended_at_ms', 'is', null)
          .executeTakeFirst()
        if (ended.numUpdatedRows > 0n) await configured(locationId)
        const row = await trx
          .selectFrom('maintenance_windows')
          .selectAll()
          .where('location_id', '=', locationId)
          .where('id', '=', windowId)
          .executeTakeFirst()
        return toWindow(found(row, 'maintenance window at this Location'), timeZone, nowMs())
      }),
    silences: async (locationId) => {
      const rows = await db
        .selectFrom('silences')
        .selectAll()
        .where('location_id', '=', locationId)
        .where('until_ms', '>=', nowMs() - shownMs)
        .orderBy('from_ms', 'desc')
        .orderBy('id')
        .limit(500)
        .execute()
      return rows.map((row) => toSilence(row, nowMs()))
    },
    silence: (locationId, { deviceId, faultClass, untilMs, note }, byUserId) =>
      journal.write(async ({ trx, configured }) => {
        await timeZoneOf(trx, locationId)
        const now = nowMs()
        if (untilMs <= now || untilMs > now + longestSilenceMs)
          throw new DirectoryError('conflict', 'A silence ends in the future, within 31 days.')
        refuseTooMany(await liveSilences(trx, locationId, now))
        const row: SilenceRow = {
          id: newId('quiet'),
          location_id: locationId,
          device_id: deviceId ?? null,
          fault_class: faultClass ?? null,
          from_ms: now,
          until_ms: untilMs,
          note,
          created_by: byUserId,
          ended_at_ms: null,
        }
        await trx
          .deleteFrom('silences')
          .where('until_ms', '<', now - keptMs)
          .execute()
        await trx.insertInto('silences').values(row).execute()
        await configured(locationId)
        return toSilence(row, now)
      }),
    endSilence: (locationId, silenceId) =>
      journal.write(async ({ trx, configured }) => {
        const ended = await trx
          .updateTable('silences')
          .set({ ended_at_ms: nowMs() })
          .where('location_id', '=', locationId)
          .where('id', '=', silenceId)
          .where('ended_at_ms', 'is', null)
          .executeTakeFirst()
        if (ended.numUpdatedRows > 0n) await configured(locationId)
        const row = await trx
          .selectFrom('silences')
          .selectAll()
          .where('location_id', '=', locationId)
          .where('id', '=', silenceId)
          .executeTakeFirst()
        return toSilence(found(row, 'silence at this Location'), nowMs())
      }),
  }
}

type Db = Database['db'] | Trx

/** What the fault core must know of: neither ended nor over, the one that is over soonest first. */
export async function liveWindows(
  trx: Db,
  locationId: string,
  nowMs: EpochMs,
): Promise<readonly MaintenanceFacts[]> {
  const rows = await trx
    .selectFrom('maintenance_windows')
    .selectAll()
    .where('location_id', '=', locationId)
    .where('ended_at_ms', 'is', null)
    .where((eb) => eb.or([eb('over_at_ms', 'is', null), eb('over_at_ms', '>', nowMs)]))
    .orderBy('id')
    .execute()
  return rows.map(({ id, device_id, schedule }) => ({
    id,
    ...(device_id === null ? {} : { deviceId: device_id }),
    schedule: maintenanceScheduleSchema.parse(JSON.parse(schedule)),
  }))
}

/** What the fault core must know of: neither ended nor over. */
export async function liveSilences(
  trx: Db,
  locationId: string,
  nowMs: EpochMs,
): Promise<readonly SilenceFacts[]> {
  const rows = await trx
    .selectFrom('silences')
    .selectAll()
    .where('location_id', '=', locationId)
    .where('ended_at_ms', 'is', null)
    .where('until_ms', '>', nowMs)
    .orderBy('id')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    ...scopeOf(row),
    fromMs: row.from_ms,
    untilMs: row.until_ms,
  }))
}

function refuseTooMany(live: readonly unknown[]): void {
  if (live.length >= mostInForce)
    throw new DirectoryError('conflict', `A Location has at most ${mostInForce} of these: end one first.`)
}

function toWindow(row: MaintenanceWindowRow, timeZone: string, nowMs: EpochMs): MaintenanceWindow {
  const schedule = maintenanceScheduleSchema.parse(JSON.parse(row.schedule))
  const current = row.ended_at_ms === null ? windowAt(schedule, timeZone, nowMs) : null
  return {
    id: row.id,
    locationId: row.location_id,
    ...(row.device_id === null ? {} : { deviceId: row.device_id }),
    schedule,
    note: row.note,
    createdBy: row.created_by,
    createdAtMs: row.created_at_ms,
    ...(row.ended_at_ms === null ? {} : { endedAtMs: row.ended_at_ms }),
    isActive: current !== null,
    activeToMs: current?.toMs ?? null,
  }
}

function toSilence(row: SilenceRow, nowMs: EpochMs): Silence {
  return {
    id: row.id,
    locationId: row.location_id,
    ...scopeOf(row),
    fromMs: row.from_ms,
    untilMs: row.until_ms,
    note: row.note,
    createdBy: row.created_by,
    ...(row.ended_at_ms === null ? {} : { endedAtMs: row.ended_at_ms }),
    isActive: row.ended_at_ms === null && nowMs < row.until_ms,
  }
}

function scopeOf(row: SilenceRow): Pick<SilenceFacts, 'deviceId' | 'faultClass'> {
  return {
    ...(row.device_id === null ? {} : { deviceId: row.device_id }),
    ...(row.fault_class === null ? {} : { faultClass: faultClassSchema.parse(row.fault_class) }),
  }
}
