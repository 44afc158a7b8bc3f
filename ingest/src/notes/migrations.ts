import type { Trx } from '../db/database.ts'
import type { Migration } from '../db/migrate.ts'

/** Notes on Locations; their table stands on the directory's. */
export const noteMigrations: readonly Migration[] = [{ name: 'notes-0001-locations', up: createNotes }]

async function createNotes({ schema }: Trx): Promise<void> {
  await schema
    .createTable('location_notes')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('location_id', 'text', (column) => column.notNull().references('locations.id'))
    .addColumn('organization_id', 'text', (column) => column.notNull().references('organizations.id'))
    .addColumn('author_id', 'text', (column) => column.notNull())
    .addColumn('author_name', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await schema
    .createIndex('location_notes_by_location')
    .on('location_notes')
    .columns(['location_id', 'at_ms'])
    .execute()
}
