import type { Trx } from '../db/database.ts'
import type { Migration } from '../db/migrate.ts'

/** The outbox and the mirror of the helpdesk's Issues, in the order they came. */
export const issueMigrations: readonly Migration[] = [
  { name: 'issues-0001-outbox', up: createOutbox },
  { name: 'issues-0002-location', up: indexLocations },
  { name: 'issues-0003-bounds', up: boundOutbox },
  { name: 'issues-0004-ledger', up: createLedger },
  { name: 'issues-0005-ledger-organization', up: keepOrganization },
  { name: 'issues-0006-rule-at-opening', up: createStamps },
  { name: 'issues-0007-condensed', up: markCondensed },
]

/** Whose evidence is gone; by it the rest is found without a look at every key. */
async function markCondensed({ schema }: Trx): Promise<void> {
  await schema
    .alterTable('issue_keys')
    .addColumn('is_condensed', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()
  await schema
    .createIndex('issue_keys_by_condensed')
    .on('issue_keys')
    .columns(['is_condensed', 'committed_at_ms'])
    .execute()
}

/** By which version of its rule an incident was told: what an Issue turns out to be weeks later is that version's merit or fault. */
async function createStamps({ schema }: Trx): Promise<void> {
  await schema
    .createTable('incident_rules')
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('fault_class', 'text', (column) => column.notNull())
    .addColumn('rule_version', 'text', (column) => column.notNull())
    .addColumn('told_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('incident_rules_pk', ['key', 'fault_class'])
    .execute()
  await schema.createIndex('incident_rules_by_time').on('incident_rules').column('told_at_ms').execute()
}

/** How each Issue was closed, by the rule that opened it. */
async function createLedger({ schema }: Trx): Promise<void> {
  await schema
    .createTable('rule_ledger')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('fault_class', 'text', (column) => column.notNull())
    .addColumn('rule_version', 'text', (column) => column.notNull())
    .addColumn('closing_code', 'text', (column) => column.notNull())
    .addColumn('closed_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('is_forgiven', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()
  await schema.createIndex('rule_ledger_by_time').on('rule_ledger').column('closed_at_ms').execute()
}

/** Who said so: no Organization's word alone mutes a rule for the others. */
async function keepOrganization({ schema }: Trx): Promise<void> {
  await schema
    .alterTable('rule_ledger')
    .addColumn('organization_id', 'text', (column) => column.notNull().defaultTo(''))
    .execute()
}

/** What a key needs to remember once its finished operations are trimmed, and what the flap guard counts by. */
async function boundOutbox({ schema }: Trx): Promise<void> {
  await schema
    .alterTable('issue_keys')
    .addColumn('subject', 'text', (column) => column.notNull().defaultTo(''))
    .execute()
  for (const name of ['last_seq', 'is_recovery_told'])
    await schema
      .alterTable('issue_keys')
      .addColumn(name, 'integer', (column) => column.notNull().defaultTo(0))
      .execute()
  await schema
    .createIndex('issue_keys_by_subject')
    .on('issue_keys')
    .columns(['location_id', 'subject', 'committed_at_ms'])
    .execute()
}

/** Storm guards count a Location's open Issues before each opening. */
async function indexLocations({ schema }: Trx): Promise<void> {
  await schema.createIndex('issue_keys_by_location').on('issue_keys').column('location_id').execute()
}

async function createOutbox({ schema }: Trx): Promise<void> {
  await schema
    .createTable('issue_outbox')
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('op_seq', 'integer', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('due_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('updated_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('last_error', 'text')
    .addPrimaryKeyConstraint('issue_outbox_pk', ['key', 'op_seq'])
    .execute()
  await schema.createIndex('issue_outbox_by_due').on('issue_outbox').columns(['state', 'due_at_ms']).execute()
  await schema
    .createTable('issue_keys')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('location_id', 'text', (column) => column.notNull())
    .addColumn('committed_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('told', 'text', (column) => column.notNull())
    .addColumn('last_note_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await schema
    .createTable('issue_effects')
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('issue_effects_pk', ['key', 'fingerprint'])
    .execute()
  await schema.createIndex('issue_effects_by_time').on('issue_effects').column('at_ms').execute()
  await schema
    .createTable('issue_refs')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('issue_id', 'text', (column) => column.notNull())
    .addColumn('number', 'bigint', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('owner_team_id', 'text', (column) => column.notNull())
    .addColumn('is_touched', 'integer', (column) => column.notNull())
    .addColumn('opened_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('updated_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await schema
    .createTable('issue_feed')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('cursor', 'text', (column) => column.notNull())
    .execute()
}
