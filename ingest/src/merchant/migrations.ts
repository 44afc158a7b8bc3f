import type { Trx } from '../db/database.ts'
import type { Migration } from '../db/migrate.ts'

/** The merchant's page; its tables stand on the directory's. */
export const merchantMigrations: readonly Migration[] = [{ name: 'merchant-0001-links', up: createLinks }]

async function createLinks({ schema }: Trx): Promise<void> {
  await schema
    .createTable('merchant_links')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('token_hash', 'text', (column) => column.notNull().unique())
    .addColumn('location_id', 'text', (column) => column.notNull().references('locations.id'))
    .addColumn('organization_id', 'text', (column) => column.notNull().references('organizations.id'))
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('revoked_at_ms', 'bigint')
    .addColumn('last_used_at_ms', 'bigint')
    .execute()
  await schema.createIndex('merchant_links_by_location').on('merchant_links').column('location_id').execute()
  await schema
    .createTable('merchant_reports')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('link_id', 'text', (column) =>
      column.notNull().references('merchant_links.id').onDelete('cascade'),
    )
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .execute()
  await schema
    .createIndex('merchant_reports_by_link')
    .on('merchant_reports')
    .columns(['link_id', 'at_ms'])
    .execute()
}
