import type { DeviceInterface, EpochMs } from '@proactive/shared'
import type { InterfaceState } from '@proactive/shared/http'
import type { Db } from '../db/database.ts'
import type { Point } from '../metrics/metric-store.ts'
import { withDeadline } from '../net/with-deadline.ts'
import type { InterfaceTables } from './tables.ts'

/** Interfaces of routers and switches: their names from the inventory, their readings from the metric store. */
export interface Interfaces {
  /** Keeps the whole list of a Location; what is not in it is gone. An older list than the one that is kept changes nothing. */
  keep(locationId: string, interfaces: readonly DeviceInterface[], atMs: EpochMs): Promise<void>
  /** In the device's own order. Without the metric store they have no readings. */
  list(locationId: string, deviceId: string): Promise<InterfaceState[]>
}

const readTimeoutMs = 2_000

export function createInterfaces(dependencies: {
  readonly db: Db
  /** The newest point of each (family, subject) of the Location within a day. */
  readonly latest: (locationId: string) => Promise<readonly Point[]>
  /** Readings could not be had; interfaces are shown without. */
  readonly onReadFailure: (err: unknown, locationId: string) => void
}): Interfaces {
  const { latest, onReadFailure } = dependencies
  const db = dependencies.db.withTables<InterfaceTables>()

  async function readings(locationId: string): Promise<ReadonlyMap<string, Point>> {
    try {
      const points = await withDeadline(latest(locationId), readTimeoutMs)
      const own = points.filter(({ family }) => family === 'interface')
      return new Map(own.map((point) => [point.subjectId, point]))
    } catch (err) {
      onReadFailure(err, locationId)
      return new Map()
    }
  }

  return {
    keep: (locationId, interfaces, atMs) =>
      db.transaction().execute(async (trx) => {
        const newest = await trx
          .selectFrom('device_interfaces')
          .select('told_at_ms')
          .where('location_id', '=', locationId)
          .orderBy('told_at_ms', 'desc')
          .limit(1)
          .executeTakeFirst()
        if (newest !== undefined && newest.told_at_ms > atMs) return
        await trx.deleteFrom('device_interfaces').where('location_id', '=', locationId).execute()
        const rows = new Map(
          interfaces.map(({ id, deviceId, index, name, note }) => [
            id,
            {
              location_id: locationId,
              id,
              device_id: deviceId,
              number: index,
              name,
              note: note ?? null,
              told_at_ms: atMs,
            },
          ]),
        )
        if (rows.size > 0)
          await trx
            .insertInto('device_interfaces')
            .values([...rows.values()])
            .execute()
      }),
    list: async (locationId, deviceId) => {
      const rows = await db
        .selectFrom('device_interfaces')
        .selectAll()
        .where('location_id', '=', locationId)
        .where('device_id', '=', deviceId)
        .orderBy('number')
        .execute()
      if (rows.length === 0) return []
      const pointById = await readings(locationId)
      return rows.map(({ id, number, name, note }) => ({
        id,
        index: number,
        name,
        ...(note === null ? {} : { note }),
        ...stateOf(pointById.get(id)),
      }))
    },
  }
}

function stateOf(point: Point | undefined): Omit<InterfaceState, 'id' | 'index' | 'name' | 'note'> {
  const field = (name: string) => point?.fields.get(name) ?? null
  const isSet = (name: string) => {
    const value = field(name)
    return value === null ? null : value >= 0.5
  }
  return {
    isUp: isSet('operUp'),
    speedMbps: field('speedMbps'),
    isFullDuplex: isSet('fullDuplex'),
    rxBitsPerSecond: field('rxBitsPerSecond'),
    txBitsPerSecond: field('txBitsPerSecond'),
    rxErrors: field('rxErrors'),
    txErrors: field('txErrors'),
    atMs: point?.atMs ?? null,
  }
}
