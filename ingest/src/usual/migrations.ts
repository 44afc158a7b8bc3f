import type { Trx } from '../db/database.ts'
import type { Migration } from '../db/migrate.ts'

/** What the fault core last told to be usual. */
export const usualMigrations: readonly Migration[] = [{ name: 'usual-0001-locations', up: createUsual }]

async function createUsual({ schema }: Trx): Promise<void> {
  await schema
    .createTable('location_usual')
    .addColumn('location_id', 'text', (column) => column.primaryKey())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('paths', 'text', (column) => column.notNull())
    .execute()
}
