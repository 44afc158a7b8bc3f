import type { Trx } from '../db/database.ts'
import type { Migration } from '../db/migrate.ts'

/** The web's tables, in the order they came; they stand on the directory's. */
export const webMigrations: readonly Migration[] = [
  { name: 'web-0001-log-in', up: createLogIn },
  { name: 'web-0002-projections', up: createProjections },
  { name: 'web-0003-incidents-by-state', up: indexIncidents },
  { name: 'web-0004-incidents-by-age', up: indexAge },
  { name: 'web-0005-incidents-by-parent', up: indexParents },
]

/** Rows read at once while old ones are brought up. */
const pageRows = 500

/** What stands and what ended lately is found without a look at all that ever was. */
async function indexIncidents({ schema }: Trx): Promise<void> {
  await schema.createIndex('incidents_by_state').on('incidents').columns(['location_id', 'state']).execute()
  await schema
    .createIndex('incidents_by_end')
    .on('incidents')
    .columns(['location_id', 'closed_at_ms'])
    .execute()
}

/** What was over long ago is found without a look at all that was kept. */
async function indexAge({ schema }: Trx): Promise<void> {
  await schema.createIndex('incidents_by_age').on('incidents').column('closed_at_ms').execute()
}

/** What a fault of many Locations accounts for is found without reading the reports; those of before are read once. */
async function indexParents(trx: Trx): Promise<void> {
  await trx.schema.alterTable('incidents').addColumn('parent_key', 'text').execute()
  for (let after = ''; ; ) {
    const rows = await trx
      .selectFrom('incidents')
      .select(['key', 'report'])
      .where('key', '>', after)
      .where('report', 'like', '%"parentKey":"%')
      .orderBy('key')
      .limit(pageRows)
      .execute()
    for (const { key, report } of rows) {
      const { parentKey } = JSON.parse(report) as { parentKey?: unknown }
      if (typeof parentKey !== 'string') continue
      await trx.updateTable('incidents').set({ parent_key: parentKey }).where('key', '=', key).execute()
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < pageRows) break
    after = last.key
  }
  await trx.schema
    .createIndex('incidents_by_parent')
    .on('incidents')
    .columns(['parent_key', 'location_id'])
    .execute()
}

async function createLogIn({ schema }: Trx): Promise<void> {
  await schema
    .createTable('sessions')
    .addColumn('id_hash', 'text', (column) => column.primaryKey())
    .addColumn('user_id', 'text', (column) => column.notNull().references('users.id').onDelete('cascade'))
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await schema.createIndex('sessions_by_user').on('sessions').column('user_id').execute()
  await schema
    .createTable('log_in_tries')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('count', 'integer', (column) => column.notNull())
    .addColumn('last_try_ms', 'bigint', (column) => column.notNull())
    .execute()
  await schema
    .createTable('audit_entries')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('outcome', 'text', (column) => column.notNull())
    .addColumn('address', 'text', (column) => column.notNull())
    .addColumn('detail', 'text', (column) => column.notNull())
    .execute()
  await schema.createIndex('audit_entries_by_time').on('audit_entries').column('at_ms').execute()
}

async function createProjections({ schema }: Trx): Promise<void> {
  await schema
    .createTable('location_views')
    .addColumn('location_id', 'text', (column) => column.primaryKey())
    .addColumn('summary', 'text', (column) => column.notNull())
    .addColumn('view', 'text', (column) => column.notNull())
    .addColumn('updated_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await schema
    .createTable('incidents')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('location_id', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('opened_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('closed_at_ms', 'bigint')
    .addColumn('report', 'text', (column) => column.notNull())
    .execute()
  await schema
    .createIndex('incidents_by_location')
    .on('incidents')
    .columns(['location_id', 'opened_at_ms'])
    .execute()
}
