import type { Migration } from '../db/migrate.ts'
import type { Trx } from '../db/database.ts'
import { compactChanges } from './compact-changes.ts'

/** The directory's tables, in the order they came. */
export const directoryMigrations: readonly Migration[] = [
  { name: 'directory-0001-people', up: createPeople },
  { name: 'directory-0002-places', up: createPlaces },
  { name: 'directory-0003-appliances', up: createAppliances },
  { name: 'directory-0004-changes', up: createChanges },
  { name: 'directory-0005-planned-work', up: createPlannedWork },
  { name: 'directory-0006-compact-changes', up: compactChanges },
  { name: 'directory-0007-claimed-by', up: addClaimedBy },
  { name: 'directory-0007-retired-devices', up: addRetired },
  { name: 'directory-0008-password-links', up: createPasswordLinks },
  { name: 'directory-0009-sealed-snmp', up: addSealedSnmp },
]

async function createPeople({ schema }: Trx): Promise<void> {
  await schema
    .createTable('organizations')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('is_operator', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()
  await schema
    .createTable('teams')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('organization_id', 'text', (column) => column.notNull().references('organizations.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('line', 'integer', (column) => column.notNull())
    .execute()
  await schema
    .createTable('users')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('organization_id', 'text', (column) => column.notNull().references('organizations.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('email', 'text', (column) => column.notNull().unique())
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('password_hash', 'text', (column) => column.notNull())
    .addColumn('disabled_at_ms', 'bigint')
    .execute()
  await schema
    .createTable('team_members')
    .addColumn('team_id', 'text', (column) => column.notNull().references('teams.id').onDelete('cascade'))
    .addColumn('user_id', 'text', (column) => column.notNull().references('users.id').onDelete('cascade'))
    .addPrimaryKeyConstraint('team_members_pk', ['team_id', 'user_id'])
    .execute()
  await schema.createIndex('team_members_by_user').on('team_members').column('user_id').execute()
}

async function createPlaces({ schema }: Trx): Promise<void> {
  await schema
    .createTable('customers')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('number', 'text', (column) => column.notNull().unique())
    .execute()
  await schema
    .createTable('locations')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('customer_id', 'text', (column) => column.notNull().references('customers.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('address', 'text')
    .addColumn('time_zone', 'text', (column) => column.notNull())
    .addColumn('latitude', 'double precision')
    .addColumn('longitude', 'double precision')
    .addColumn('calendar', 'text', (column) => column.notNull())
    .addColumn('has_backup_uplink', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('config_version', 'bigint', (column) => column.notNull().defaultTo(1))
    .addColumn('config_appended_version', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute()
  await schema
    .createTable('stakes')
    .addColumn('location_id', 'text', (column) => column.notNull().references('locations.id'))
    .addColumn('organization_id', 'text', (column) => column.notNull().references('organizations.id'))
    .addColumn('kind', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('stakes_pk', ['location_id', 'organization_id', 'kind'])
    .execute()
  await schema.createIndex('stakes_by_organization').on('stakes').column('organization_id').execute()
  await schema
    .createTable('products')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('location_id', 'text', (column) => column.notNull().references('locations.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('role', 'text', (column) => column.notNull())
    .execute()
  await schema.createIndex('products_by_location').on('products').column('location_id').execute()
  await schema
    .createTable('device_confirmations')
    .addColumn('location_id', 'text', (column) => column.notNull().references('locations.id'))
    .addColumn('device_id', 'text', (column) => column.notNull())
    .addColumn('product_id', 'text', (column) => column.references('products.id').onDelete('set null'))
    .addColumn('is_product_confirmed', 'integer', (column) => column.notNull())
    .addColumn('role', 'text')
    .addColumn('name', 'text')
    .addColumn('vendor', 'text')
    .addColumn('model', 'text')
    .addColumn('is_sleeper', 'integer')
    .addColumn('confirmed_by', 'text', (column) => column.notNull())
    .addColumn('confirmed_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('device_confirmations_pk', ['location_id', 'device_id'])
    .execute()
  await schema
    .createTable('routing_rules')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('location_id', 'text', (column) => column.notNull().references('locations.id'))
    .addColumn('product_id', 'text', (column) => column.references('products.id').onDelete('cascade'))
    .addColumn('role', 'text')
    .addColumn('organization_id', 'text', (column) => column.notNull().references('organizations.id'))
    .addColumn('team_id', 'text', (column) => column.notNull().references('teams.id'))
    .addColumn('mode', 'text', (column) => column.notNull())
    .execute()
  await schema.createIndex('routing_rules_by_location').on('routing_rules').column('location_id').execute()
}

async function createAppliances({ schema }: Trx): Promise<void> {
  await schema
    .createTable('appliances')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('location_id', 'text', (column) => column.notNull().references('locations.id'))
    .addColumn('claimed_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('certificate_not_after_ms', 'bigint', (column) => column.notNull())
    .addColumn('revoked_at_ms', 'bigint')
    .execute()
  await schema.createIndex('appliances_by_location').on('appliances').column('location_id').execute()
  await schema
    .createTable('claims')
    .addColumn('token_hash', 'text', (column) => column.primaryKey())
    .addColumn('location_id', 'text', (column) => column.notNull().references('locations.id'))
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('consumed_at_ms', 'bigint')
    .execute()
  await schema
    .createTable('location_agent_configs')
    .addColumn('location_id', 'text', (column) => column.primaryKey().references('locations.id'))
    .addColumn('config', 'text', (column) => column.notNull())
    .execute()
  await schema
    .createTable('desired_configs')
    .addColumn('appliance_id', 'text', (column) => column.notNull().references('appliances.id'))
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('config', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('desired_configs_pk', ['appliance_id', 'version'])
    .execute()
  await schema
    .createTable('reported_configs')
    .addColumn('appliance_id', 'text', (column) => column.primaryKey().references('appliances.id'))
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('report', 'text', (column) => column.notNull())
    .addColumn('received_at_ms', 'bigint', (column) => column.notNull())
    .execute()
}

async function addClaimedBy({ schema }: Trx): Promise<void> {
  await schema.alterTable('claims').addColumn('consumed_by', 'text').execute()
}

async function createChanges(trx: Trx): Promise<void> {
  const { schema } = trx
  await schema
    .createTable('change_counter')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('value', 'bigint', (column) => column.notNull())
    .execute()
  await trx.insertInto('change_counter').values({ id: 1, value: 0 }).execute()
  await schema
    .createTable('directory_changes')
    .addColumn('cursor', 'bigint', (column) => column.primaryKey())
    .addColumn('entity', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .execute()
}

async function createPlannedWork({ schema }: Trx): Promise<void> {
  await schema
    .createTable('maintenance_windows')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('location_id', 'text', (column) => column.notNull().references('locations.id'))
    .addColumn('device_id', 'text')
    .addColumn('schedule', 'text', (column) => column.notNull())
    .addColumn('note', 'text', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('ended_at_ms', 'bigint')
    .addColumn('over_at_ms', 'bigint')
    .execute()
  await schema
    .createIndex('maintenance_windows_by_location')
    .on('maintenance_windows')
    .column('location_id')
    .execute()
  await schema
    .createTable('silences')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('location_id', 'text', (column) => column.notNull().references('locations.id'))
    .addColumn('device_id', 'text')
    .addColumn('fault_class', 'text')
    .addColumn('from_ms', 'bigint', (column) => column.notNull())
    .addColumn('until_ms', 'bigint', (column) => column.notNull())
    .addColumn('note', 'text', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('ended_at_ms', 'bigint')
    .execute()
  await schema.createIndex('silences_by_location').on('silences').column('location_id').execute()
}

async function addRetired({ schema }: Trx): Promise<void> {
  await schema.alterTable('device_confirmations').addColumn('is_retired', 'integer').execute()
}

async function createPasswordLinks({ schema }: Trx): Promise<void> {
  await schema
    .createTable('password_links')
    .addColumn('token_hash', 'text', (column) => column.primaryKey())
    .addColumn('user_id', 'text', (column) => column.notNull().references('users.id').onDelete('cascade'))
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await schema.createIndex('password_links_by_user').on('password_links').column('user_id').execute()
}

async function addSealedSnmp({ schema }: Trx): Promise<void> {
  await schema.alterTable('appliances').addColumn('certificate_pem', 'text').execute()
  await schema.alterTable('appliances').addColumn('snmp_access', 'text').execute()
}
