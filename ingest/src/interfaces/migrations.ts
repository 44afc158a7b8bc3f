import type { Trx } from '../db/database.ts'
import type { Migration } from '../db/migrate.ts'

/** Interfaces of routers and switches, as their appliance told them last. */
export const interfaceMigrations: readonly Migration[] = [
  { name: 'interfaces-0001-devices', up: createInterfaces },
]

async function createInterfaces({ schema }: Trx): Promise<void> {
  await schema
    .createTable('device_interfaces')
    .addColumn('location_id', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('device_id', 'text', (column) => column.notNull())
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('note', 'text')
    .addColumn('told_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('device_interfaces_key', ['location_id', 'id'])
    .execute()
}
