import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '@proactive/shared'
import SqliteConnection from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import type { Database } from './database.ts'
import type { Tables } from './tables.ts'

/** Name of the embedded database inside the data folder. */
export const sqliteFileName = 'directory.sqlite'

/** Opens the embedded database: WAL, each commit survives a power cut, foreign keys hold, another process is waited for at most 5 s. */
export function openSqlite(dataDir: string): Database {
  const connection = connect(dataDir)
  const db = new Kysely<Tables>({
    dialect: new SqliteDialect({
      database: {
        close: () => connection.close(),
        // A transaction takes the write lock when it begins: one that only asks for it midway is refused, not made to wait, when another process wrote.
        prepare: (sql) => connection.prepare(sql === 'begin' ? 'begin immediate' : sql),
      },
    }),
  })
  return {
    db,
    engine: 'sqlite',
    stop: async () => {
      await db.destroy()
      connection.close()
    },
  }
}

function connect(dataDir: string): SqliteConnection.Database {
  const file = join(dataDir, sqliteFileName)
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    const connection = new SqliteConnection(file, { timeout: 5_000 })
    chmodSync(file, 0o600)
    connection.pragma('journal_mode = WAL')
    connection.pragma('synchronous = FULL')
    connection.pragma('foreign_keys = ON')
    return connection
  } catch (cause) {
    throw new UsageError(
      `The database ${file} cannot be opened (${cause instanceof Error ? cause.message : String(cause)}): check that the folder is writable and the file is ours, or name another folder in PROACTIVE_DATA.`,
      { cause },
    )
  }
}
