import { type LocationUsual as ShownUsual, locationUsualSchema } from '@proactive/shared/http'
import type { Db } from '../db/database.ts'
import type { LocationUsual } from '../faults/model.ts'
import type { UsualTables } from './tables.ts'

/** What is usual on a Location's paths, as the fault core told it last. */
export interface Usual {
  /** Keeps it; an older word than the one that is kept changes nothing. */
  keep(usual: LocationUsual): Promise<void>
  read(locationId: string): Promise<ShownUsual>
}

export function createUsual(dependencies: { readonly db: Db }): Usual {
  const db = dependencies.db.withTables<UsualTables>()
  return {
    keep: async ({ locationId, atMs, paths }) => {
      const row = { at_ms: atMs, paths: JSON.stringify(paths) }
      await db
        .insertInto('location_usual')
        .values({ location_id: locationId, ...row })
        .onConflict((conflict) =>
          conflict.column('location_id').doUpdateSet(row).where('location_usual.at_ms', '<=', atMs),
        )
        .execute()
    },
    read: async (locationId) => {
      const row = await db
        .selectFrom('location_usual')
        .selectAll()
        .where('location_id', '=', locationId)
        .executeTakeFirst()
      if (row === undefined) return { items: [], atMs: null }
      return locationUsualSchema.parse({ items: JSON.parse(row.paths), atMs: row.at_ms })
    },
  }
}
