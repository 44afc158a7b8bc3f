export { sql } from 'kysely'
export { createDatabase, type Database, type DatabaseOptions, type Db, type Trx } from './database.ts'
export { migrate, type Migration } from './migrate.ts'
export type { Tables } from './tables.ts'
