import type { Device, EpochMs } from '@proactive/shared'
import { type DeviceTrait, traitKinds } from '@proactive/shared/http'
import type { Db, Trx } from '../db/database.ts'
import type { HistoryTables } from './tables.ts'

/** Kept of one Location beside what its devices have now: traits they had once; those lost longest ago go first. */
export const mostLostTraits = 4_000
const rowsPerInsert = 200

type Kind = (typeof traitKinds)[number]
/** What a device is known by at a moment. */
export type Traits = readonly (readonly [Kind, string])[]

/** What a device is known by, each with its kind. */
export function traitsOf({ name, ips, macs, serial, version }: Device): Traits {
  const one = (kind: Kind, value: string | undefined): Traits =>
    value === undefined || value === '' ? [] : [[kind, value]]
  return [
    ...one('name', name),
    ...ips.map((ip) => ['ip', ip] as const),
    ...macs.map((mac) => ['mac', mac] as const),
    ...one('serial', serial),
    ...one('version', version),
  ]
}

/**
 * Brings what is kept of these devices up to what they have now: new traits begin, lost ones end, one that came back goes on.
 * No traits = the device is gone. Harmless when repeated.
 */
export async function keepTraits(
  outer: Trx,
  locationId: string,
  traitsByDeviceId: ReadonlyMap<string, Traits>,
  atMs: EpochMs,
): Promise<void> {
  if (traitsByDeviceId.size === 0) return
  const trx = outer.withTables<HistoryTables>()
  const rows = await trx
    .selectFrom('device_traits')
    .selectAll()
    .where('location_id', '=', locationId)
    .where('device_id', 'in', [...traitsByDeviceId.keys()])
    .execute()
  const keyOf = (deviceId: string, kind: string, value: string) => JSON.stringify([deviceId, kind, value])
  const rowByKey = new Map(rows.map((row) => [keyOf(row.device_id, row.kind, row.value), row]))
  const begun: HistoryTables['device_traits'][] = []
  const had = new Set<string>()
  for (const [deviceId, traits] of traitsByDeviceId)
    for (const [kind, value] of traits) {
      const key = keyOf(deviceId, kind, value)
      if (had.has(key)) continue
      had.add(key)
      if (rowByKey.get(key)?.last_seen_ms === null) continue
      begun.push({
        location_id: locationId,
        device_id: deviceId,
        kind,
        value,
        first_seen_ms: rowByKey.get(key)?.first_seen_ms ?? atMs,
        last_seen_ms: null,
      })
    }
  for (let from = 0; from < begun.length; from += rowsPerInsert)
    await trx
      .insertInto('device_traits')
      .values(begun.slice(from, from + rowsPerInsert))
      .onConflict((conflict) =>
        conflict.columns(['location_id', 'device_id', 'kind', 'value']).doUpdateSet({ last_seen_ms: null }),
      )
      .execute()
  const lost = rows.filter(
    (row) => row.last_seen_ms === null && !had.has(keyOf(row.device_id, row.kind, row.value)),
  )
  for (const { device_id, kind, value } of lost)
    await trx
      .updateTable('device_traits')
      .set({ last_seen_ms: atMs })
      .where('location_id', '=', locationId)
      .where('device_id', '=', device_id)
      .where('kind', '=', kind)
      .where('value', '=', value)
      .execute()
  if (lost.length > 0) await trim(outer, locationId)
}

async function trim(outer: Trx, locationId: string): Promise<void> {
  const trx = outer.withTables<HistoryTables>()
  const tooOld = await trx
    .selectFrom('device_traits')
    .select('last_seen_ms')
    .where('location_id', '=', locationId)
    .where('last_seen_ms', 'is not', null)
    .orderBy('last_seen_ms', 'desc')
    .offset(mostLostTraits)
    .limit(1)
    .executeTakeFirst()
  if (tooOld === undefined) return
  await trx
    .deleteFrom('device_traits')
    .where('location_id', '=', locationId)
    .where('last_seen_ms', '<=', tooOld.last_seen_ms)
    .execute()
}

/** Devices of the Location that have something by what is kept. */
export async function devicesWithTraits(outer: Trx, locationId: string): Promise<string[]> {
  const rows = await outer
    .withTables<HistoryTables>()
    .selectFrom('device_traits')
    .select('device_id')
    .distinct()
    .where('location_id', '=', locationId)
    .where('last_seen_ms', 'is', null)
    .execute()
  return rows.map((row) => row.device_id)
}

const mostShown = 200

/** What a device is and was known by; what it has now first, then the newest. */
export async function readTraits(db: Db, locationId: string, deviceId: string): Promise<DeviceTrait[]> {
  const rows = await db
    .withTables<HistoryTables>()
    .selectFrom('device_traits')
    .selectAll()
    .where('location_id', '=', locationId)
    .where('device_id', '=', deviceId)
    .execute()
  const rank = (kind: string) => (traitKinds as readonly string[]).indexOf(kind)
  return rows
    .sort(
      (a, b) =>
        (b.last_seen_ms ?? Infinity) - (a.last_seen_ms ?? Infinity) ||
        rank(a.kind) - rank(b.kind) ||
        b.first_seen_ms - a.first_seen_ms,
    )
    .slice(0, mostShown)
    .map((row) => ({
      kind: row.kind as Kind,
      value: row.value,
      firstSeenMs: row.first_seen_ms,
      lastSeenMs: row.last_seen_ms,
    }))
}
