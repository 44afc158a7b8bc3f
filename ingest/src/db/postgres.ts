import { UsageError } from '@proactive/shared'
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import type { Database } from './database.ts'
import type { Tables } from './tables.ts'

const int8Oid = 20

/** `int8` is text in pg by default and a number in SQLite; ours are counters and milliseconds, far below 2^53. @throws RangeError beyond it. */
function parseInt8(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8 ${text} does not fit a JavaScript number`)
  return value
}

/** Opens a PostgreSQL database: at most 10 connections, 5 s to connect, 15 s for a statement. @throws UsageError where it does not answer. */
export async function openPostgres(url: string): Promise<Database> {
  const types = new pg.TypeOverrides()
  types.setTypeParser(int8Oid, parseInt8)
  const pool = new pg.Pool({
    connectionString: url,
    types,
    max: 10,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 15_000,
    idle_in_transaction_session_timeout: 30_000,
    application_name: 'proactive-ingest',
  })
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined)
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  try {
    await sql`select 1`.execute(db)
  } catch (cause) {
    await db.destroy()
    throw new UsageError(
      `PostgreSQL does not answer (${cause instanceof Error ? cause.message : String(cause)}): check PROACTIVE_POSTGRES_URL and that the server runs.`,
      { cause },
    )
  }
  let stopping: Promise<void> | undefined
  return {
    db,
    engine: 'postgres',
    stop: () => {
      stopping ??= db.destroy()
      return stopping
    },
  }
}
