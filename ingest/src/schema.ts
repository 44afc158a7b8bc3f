import { webMigrations } from './api/index.ts'
import type { Config } from './config.ts'
import { createDatabase, type Database, type Migration, migrate } from './db/index.ts'
import { directoryMigrations } from './directory/index.ts'
import { historyMigrations } from './history/index.ts'
import { interfaceMigrations } from './interfaces/migrations.ts'
import { issueMigrations } from './issues/index.ts'
import { merchantMigrations } from './merchant/migrations.ts'
import { noteMigrations } from './notes/migrations.ts'
import { notifyMigrations } from './notify/migrations.ts'
import { signOnMigrations } from './sign-on/migrations.ts'
import { usualMigrations } from './usual/migrations.ts'

/** Every step of the relational schema, in the order in which modules stand on each other. */
export const allMigrations: readonly Migration[] = [
  ...directoryMigrations,
  ...webMigrations,
  ...issueMigrations,
  ...merchantMigrations,
  ...signOnMigrations,
  ...notifyMigrations,
  ...noteMigrations,
  ...historyMigrations,
  ...interfaceMigrations,
  ...usualMigrations,
]

/** Opens the relational store and brings its schema up to date. @throws UsageError with the fix, where it cannot be opened or is of a newer version. */
export async function openDatabase({
  dataDir,
  postgresUrl,
}: Pick<Config, 'dataDir' | 'postgresUrl'>): Promise<Database> {
  const database = await createDatabase({ dataDir, postgresUrl })
  await migrate(database, allMigrations, Date.now)
  return database
}
