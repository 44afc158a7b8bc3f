import { UsageError } from '@proactive/shared'
import { sql } from 'kysely'
import type { Database, Trx } from './database.ts'

/** One step of the schema. Once released, neither its name nor its content changes; a correction is a new step. */
export interface Migration {
  /** `NNNN-what`, unique over all modules, e.g. `directory-0001-people`. */
  readonly name: string
  up(trx: Trx): Promise<void>
}

/** Any constant: who holds this advisory lock migrates, everybody else waits. */
const postgresLock = 7_301_001

/**
 * Brings the schema up to the list, in its order, each step whole or not at all. Harmless when repeated, and when several processes start at once.
 * @returns the names of the steps that ran now.
 * @throws UsageError where the database was written by a newer version than this program.
 */
export async function migrate(
  { db, engine }: Database,
  migrations: readonly Migration[],
  nowMs: () => number,
): Promise<string[]> {
  const names = new Set(migrations.map((migration) => migration.name))
  if (names.size !== migrations.length) throw new RangeError('two migrations have the same name')
  return db.transaction().execute(async (trx) => {
    if (engine === 'postgres') await sql`select pg_advisory_xact_lock(${postgresLock})`.execute(trx)
    await trx.schema
      .createTable('schema_migrations')
      .ifNotExists()
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('applied_at_ms', 'bigint', (column) => column.notNull())
      .execute()
    const rows = await trx.selectFrom('schema_migrations').select('name').execute()
    const applied = new Set(rows.map((row) => row.name))
    const unknown = [...applied].find((name) => !names.has(name))
    if (unknown !== undefined) {
      throw new UsageError(
        `The database holds a step this version does not know ("${unknown}"): start the version that wrote it, or a newer one.`,
      )
    }
    const ran: string[] = []
    for (const migration of migrations) {
      if (applied.has(migration.name)) continue
      await migration.up(trx)
      await trx
        .insertInto('schema_migrations')
        .values({ name: migration.name, applied_at_ms: nowMs() })
        .execute()
      ran.push(migration.name)
    }
    return ran
  })
}
