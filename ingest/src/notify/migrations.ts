import type { Trx } from '../db/database.ts'
import type { Migration } from '../db/migrate.ts'

/** Notification channels; their tables stand on the directory's. */
export const notifyMigrations: readonly Migration[] = [{ name: 'notify-0001-channels', up: createChannels }]

async function createChannels({ schema }: Trx): Promise<void> {
  await schema
    .createTable('channels')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('organization_id', 'text', (column) => column.notNull().references('organizations.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('secret', 'text')
    .addColumn('min_severity', 'text', (column) => column.notNull())
    .addColumn('location_ids', 'text')
    .addColumn('tells_recovery', 'integer', (column) => column.notNull())
    .addColumn('is_active', 'integer', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await schema.createIndex('channels_by_organization').on('channels').column('organization_id').execute()
  await schema
    .createTable('notifications')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('channel_id', 'text', (column) =>
      column.notNull().references('channels.id').onDelete('cascade'),
    )
    .addColumn('incident_key', 'text', (column) => column.notNull())
    .addColumn('event', 'text', (column) => column.notNull())
    .addColumn('fault_class', 'text', (column) => column.notNull())
    .addColumn('message', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('due_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('last_error', 'text')
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('delivered_at_ms', 'bigint')
    .execute()
  await schema
    .createIndex('notifications_by_due')
    .on('notifications')
    .columns(['state', 'due_at_ms'])
    .execute()
  await schema
    .createIndex('notifications_by_channel')
    .on('notifications')
    .columns(['channel_id', 'incident_key'])
    .execute()
}
