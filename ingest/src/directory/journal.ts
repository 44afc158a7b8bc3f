import type { DirectoryEntity } from '@proactive/shared/http'
import type { Database, Trx } from '../db/database.ts'
import { subjectOf } from './change-subject.ts'

/** What a write tells the rest of the program after its commit. */
export interface DirectoryNews {
  /** New entries stand in the change feed. */
  readonly hasEntities: boolean
  /** Locations whose facts for the fault core changed. */
  readonly configuredLocationIds: readonly string[]
  /** Appliances that shall hear a new desired configuration. */
  readonly desiredApplianceIds: readonly string[]
  /** Appliances whose certificate counts no longer; open connections are cut. */
  readonly revokedApplianceIds: readonly string[]
}

/** A write under way: its transaction, and what it must not forget to tell. */
export interface DirectoryWrite {
  readonly trx: Trx
  /** Appends the entity, as it now is, to the change feed. */
  record(entity: DirectoryEntity): Promise<void>
  configured(locationId: string): Promise<void>
  desired(applianceId: string): void
  revoked(applianceId: string): void
}

/** The one way to write the directory: rows and change feed in one transaction, news after the commit. */
export interface DirectoryJournal {
  write<T>(work: (write: DirectoryWrite) => Promise<T>): Promise<T>
  /** @returns how to stop listening. A listener must not throw; what it starts, it watches itself. */
  onNews(listener: (news: DirectoryNews) => void): () => void
}

export interface JournalDependencies {
  readonly database: Database
  readonly nowMs: () => number
}

export function createJournal({ database, nowMs }: JournalDependencies): DirectoryJournal {
  const listeners = new Set<(news: DirectoryNews) => void>()
  return {
    write: async (work) => {
      const configured = new Set<string>()
      const desired = new Set<string>()
      const revoked = new Set<string>()
      let hasEntities = false
      const result = await database.db.transaction().execute(async (trx) => {
        // One writer at a time, as on SQLite: what a write checked first still holds when it commits.
        if (database.engine === 'postgres')
          await trx.selectFrom('change_counter').select('id').forUpdate().execute()
        return work({
          trx,
          record: async (entity) => {
            hasEntities = true
            await append(trx, entity, nowMs())
          },
          configured: async (locationId) => {
            configured.add(locationId)
            await trx
              .updateTable('locations')
              .set((eb) => ({ config_version: eb('config_version', '+', 1) }))
              .where('id', '=', locationId)
              .execute()
          },
          desired: (applianceId) => desired.add(applianceId),
          revoked: (applianceId) => revoked.add(applianceId),
        })
      })
      const news: DirectoryNews = {
        hasEntities,
        configuredLocationIds: [...configured],
        desiredApplianceIds: [...desired],
        revokedApplianceIds: [...revoked],
      }
      for (const listener of listeners) listener(news)
      return result
    },
    onNews: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/**
 * Numbers the change from a counter row, not from a sequence: the row stays locked until the commit, so cursors become visible in their order
 * and a reader that resumes behind a cursor misses nothing.
 */
async function append(trx: Trx, entity: DirectoryEntity, atMs: number): Promise<void> {
  const { value } = await trx
    .updateTable('change_counter')
    .set((eb) => ({ value: eb('value', '+', 1) }))
    .where('id', '=', 1)
    .returning('value')
    .executeTakeFirstOrThrow()
  const subject = subjectOf(entity)
  // A reader that has not seen the former change sees this one, which says everything: the feed holds one line for each thing.
  await trx.deleteFrom('directory_changes').where('subject', '=', subject).execute()
  await trx
    .insertInto('directory_changes')
    .values({ cursor: value, entity: JSON.stringify(entity), at_ms: atMs, subject })
    .execute()
}
