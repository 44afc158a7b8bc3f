import {
  type ChangePage,
  type changeQuerySchema,
  changeWordSchema,
  type ChangeWord,
  type LocationChange,
} from '@proactive/shared/http'
import type { z } from 'zod'
import type { Db, Trx } from '../db/database.ts'
import type { HistoryTables } from './tables.ts'

/** Kept of one Location; the oldest go first. */
export const mostChanges = 2_000

/** What changed at Locations, for people who ask what was done before it broke. */
export interface Changes {
  /** Keeps a change; one that is kept already is left as it is. */
  keep(locationId: string, change: LocationChange): Promise<void>
  /** As {@link keep}, within the caller's transaction. */
  keepIn(trx: Trx, locationId: string, changes: readonly LocationChange[]): Promise<void>
  page(locationId: string, query: z.infer<typeof changeQuerySchema>): Promise<ChangePage>
}

export function createChanges({ db }: { readonly db: Db }): Changes {
  async function keepIn(trx: Trx, locationId: string, changes: readonly LocationChange[]): Promise<void> {
    if (changes.length === 0) return
    const own = trx.withTables<HistoryTables>()
    await own
      .insertInto('location_changes')
      .values(
        changes.map(({ id, atMs, change }) => {
          const { deviceId, otherId } = devicesOf(change)
          return {
            id,
            location_id: locationId,
            at_ms: atMs,
            device_id: deviceId,
            other_device_id: otherId,
            change: JSON.stringify(change),
          }
        }),
      )
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute()
    const tooOld = await own
      .selectFrom('location_changes')
      .select('at_ms')
      .where('location_id', '=', locationId)
      .orderBy('at_ms', 'desc')
      .offset(mostChanges)
      .limit(1)
      .executeTakeFirst()
    if (tooOld === undefined) return
    await own
      .deleteFrom('location_changes')
      .where('location_id', '=', locationId)
      .where('at_ms', '<=', tooOld.at_ms)
      .execute()
  }

  return {
    keep: (locationId, change) => db.transaction().execute((trx) => keepIn(trx, locationId, [change])),
    keepIn,
    page: async (locationId, { device, fromMs, toMs, cursor, limit }) => {
      const after = cursor === undefined ? undefined : parseCursor(cursor)
      let query = db
        .withTables<HistoryTables>()
        .selectFrom('location_changes')
        .select(['id', 'at_ms', 'change'])
        .where('location_id', '=', locationId)
      if (device !== undefined)
        query = query.where((eb) => eb.or([eb('device_id', '=', device), eb('other_device_id', '=', device)]))
      if (fromMs !== undefined) query = query.where('at_ms', '>=', fromMs)
      if (toMs !== undefined) query = query.where('at_ms', '<', toMs)
      if (after !== undefined)
        query = query.where((eb) =>
          eb.or([
            eb('at_ms', '<', after.atMs),
            eb.and([eb('at_ms', '=', after.atMs), eb('id', '<', after.id)]),
          ]),
        )
      const rows = await query
        .orderBy('at_ms', 'desc')
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute()
      const shown = rows.slice(0, limit)
      const last = rows.length > limit ? shown.at(-1) : undefined
      return {
        items: shown.flatMap(({ id, at_ms, change }) => {
          const word = changeWordSchema.safeParse(JSON.parse(change))
          return word.success ? [{ id, atMs: at_ms, change: word.data }] : []
        }),
        nextCursor: last === undefined ? null : `${last.at_ms}.${last.id}`,
      }
    },
  }
}

function devicesOf(change: ChangeWord): {
  readonly deviceId: string | null
  readonly otherId: string | null
} {
  switch (change.type) {
    case 'device-new':
      return { deviceId: change.unit.deviceId, otherId: null }
    case 'device-replaced':
      return { deviceId: change.after.deviceId, otherId: change.before.deviceId }
    case 'devices-merged':
      return { deviceId: change.deviceId, otherId: change.goneId }
    case 'ip-conflict':
    case 'agent-started':
    case 'agent-updated':
    case 'public-address-changed':
      return { deviceId: null, otherId: null }
    default:
      return { deviceId: change.deviceId, otherId: null }
  }
}

function parseCursor(cursor: string): { readonly atMs: number; readonly id: string } {
  const [atMs = '', id = ''] = cursor.split('.')
  return { atMs: Number(atMs), id }
}
