import type { Trx } from '../db/database.ts'
import type { Migration } from '../db/migrate.ts'

/** Changes of Locations and the identities of their devices. */
export const historyMigrations: readonly Migration[] = [
  { name: 'history-0001-changes', up: createChanges },
  { name: 'history-0002-traits', up: createTraits },
]

async function createChanges({ schema }: Trx): Promise<void> {
  await schema
    .createTable('location_changes')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('location_id', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('device_id', 'text')
    .addColumn('other_device_id', 'text')
    .addColumn('change', 'text', (column) => column.notNull())
    .execute()
  await schema
    .createIndex('location_changes_by_location')
    .on('location_changes')
    .columns(['location_id', 'at_ms', 'id'])
    .execute()
}

async function createTraits({ schema }: Trx): Promise<void> {
  await schema
    .createTable('device_traits')
    .addColumn('location_id', 'text', (column) => column.notNull())
    .addColumn('device_id', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('value', 'text', (column) => column.notNull())
    .addColumn('first_seen_ms', 'bigint', (column) => column.notNull())
    .addColumn('last_seen_ms', 'bigint')
    .addPrimaryKeyConstraint('device_traits_key', ['location_id', 'device_id', 'kind', 'value'])
    .execute()
}
