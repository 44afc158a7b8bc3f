import { directoryEntitySchema, type DirectoryEntity } from '@proactive/shared/http'
import type { Database } from '../db/database.ts'

export interface DirectoryChange {
  readonly cursor: number
  readonly entity: DirectoryEntity
}

/** The change feed: every write of the directory, in the order in which they became visible. */
export interface DirectoryChanges {
  /** Changes behind the cursor, oldest first, at most `limit`. */
  after(cursor: number, limit: number): Promise<DirectoryChange[]>
  /** Cursor of the newest change, 0 before the first. */
  newest(): Promise<number>
}

export function createChanges({ db }: Database): DirectoryChanges {
  return {
    after: async (cursor, limit) => {
      const rows = await db
        .selectFrom('directory_changes')
        .select(['cursor', 'entity'])
        .where('cursor', '>', cursor)
        .orderBy('cursor')
        .limit(limit)
        .execute()
      return rows.map((row) => ({
        cursor: row.cursor,
        entity: directoryEntitySchema.parse(JSON.parse(row.entity)),
      }))
    },
    newest: async () => {
      const row = await db.selectFrom('change_counter').select('value').where('id', '=', 1).executeTakeFirst()
      return row?.value ?? 0
    },
  }
}
