import type { Kysely, Transaction } from 'kysely'
import { openPostgres } from './postgres.ts'
import { openSqlite } from './sqlite.ts'
import type { Tables } from './tables.ts'

export type Db = Kysely<Tables>
export type Trx = Transaction<Tables>

/**
 * The relational store, the same queries on both engines (ADR 010). Rules that keep it so: JSON and text are `text`, truth is 0 or 1, instants are
 * `bigint` milliseconds, ids are ours. On SQLite there is one connection: inside a transaction use its `trx` only, or the query waits for itself.
 */
export interface Database {
  readonly db: Db
  readonly engine: 'sqlite' | 'postgres'
  /** Closes the connections; safe to call twice. */
  stop(): Promise<void>
}

export interface DatabaseOptions {
  /** Folder of the embedded database; created with mode 0700 where it lacks. */
  readonly dataDir: string
  /** `postgres://user:password@host:port/name`; absent = embedded SQLite. */
  readonly postgresUrl?: string | undefined
}

/** Opens the relational store. @throws UsageError with the fix, where the file cannot be opened or the server does not answer within 5 s. */
export async function createDatabase({ dataDir, postgresUrl }: DatabaseOptions): Promise<Database> {
  return postgresUrl === undefined ? openSqlite(dataDir) : openPostgres(postgresUrl)
}
