import type { Trx } from '../db/database.ts'
import type { Migration } from '../db/migrate.ts'

/** Log-in by OpenID Connect; its tables stand on the directory's. */
export const signOnMigrations: readonly Migration[] = [
  { name: 'sign-on-0001-providers', up: createProviders },
  { name: 'sign-on-0002-flow-network', up: addFlowNetwork },
]

async function createProviders({ schema }: Trx): Promise<void> {
  await schema
    .createTable('sign_on_providers')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('issuer', 'text', (column) => column.notNull())
    .addColumn('client_id', 'text', (column) => column.notNull())
    .addColumn('client_secret', 'text')
    .addColumn('organization_ids', 'text', (column) => column.notNull())
    .addColumn('is_active', 'integer', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await schema
    .createTable('sign_on_flows')
    .addColumn('state_hash', 'text', (column) => column.primaryKey())
    .addColumn('browser_hash', 'text', (column) => column.notNull())
    .addColumn('provider_id', 'text', (column) =>
      column.notNull().references('sign_on_providers.id').onDelete('cascade'),
    )
    .addColumn('nonce', 'text', (column) => column.notNull())
    .addColumn('verifier', 'text', (column) => column.notNull())
    .addColumn('redirect_uri', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await schema
    .createTable('sign_on_subjects')
    .addColumn('provider_id', 'text', (column) =>
      column.notNull().references('sign_on_providers.id').onDelete('cascade'),
    )
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('user_id', 'text', (column) => column.notNull().references('users.id').onDelete('cascade'))
    .addColumn('bound_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('sign_on_subjects_pk', ['provider_id', 'subject'])
    .addUniqueConstraint('sign_on_subjects_user', ['provider_id', 'user_id'])
    .execute()
}

async function addFlowNetwork({ schema }: Trx): Promise<void> {
  await schema.alterTable('sign_on_flows').addColumn('network', 'text').execute()
}
