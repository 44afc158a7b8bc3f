import { randomBytes } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { deskSchema } from './desk-schema.ts'

/** All steps of the schema, in order of their names; a step that was released is never edited. */
export const migrations: Readonly<Record<string, Migration>> = {
  '001-issues': {
    async up(db: Kysely<unknown>) {
      for (const statement of firstSchema) await sql.raw(statement).execute(db)
      const epoch = randomBytes(6).toString('hex')
      await sql`INSERT INTO state (id, directory_cursor, feed_epoch, feed_cursor) VALUES (1, 0, ${epoch}, 0)`.execute(
        db,
      )
    },
  },
  '002-desk': {
    async up(db: Kysely<unknown>) {
      for (const statement of deskSchema) await sql.raw(statement).execute(db)
    },
  },
  '003-closing-code': {
    async up(db: Kysely<unknown>) {
      await sql`ALTER TABLE issues ADD COLUMN closing_code TEXT`.execute(db)
    },
  },
}

const firstSchema = [
  'CREATE TABLE organizations (id TEXT PRIMARY KEY, name TEXT NOT NULL, is_removed INTEGER NOT NULL)',
  `CREATE TABLE teams (id TEXT PRIMARY KEY, organization_id TEXT NOT NULL, name TEXT NOT NULL,
    line INTEGER NOT NULL, is_removed INTEGER NOT NULL)`,
  `CREATE TABLE users (id TEXT PRIMARY KEY, organization_id TEXT NOT NULL, name TEXT NOT NULL,
    role TEXT NOT NULL, is_removed INTEGER NOT NULL)`,
  `CREATE TABLE customers (id TEXT PRIMARY KEY, name TEXT NOT NULL, number TEXT NOT NULL,
    is_removed INTEGER NOT NULL)`,
  `CREATE TABLE locations (id TEXT PRIMARY KEY, customer_id TEXT NOT NULL, name TEXT NOT NULL,
    is_removed INTEGER NOT NULL)`,
  `CREATE TABLE products (id TEXT PRIMARY KEY, location_id TEXT NOT NULL, name TEXT NOT NULL,
    role TEXT NOT NULL, is_removed INTEGER NOT NULL)`,
  `CREATE TABLE stakes (location_id TEXT NOT NULL, organization_id TEXT NOT NULL, kind TEXT NOT NULL,
    PRIMARY KEY (location_id, organization_id, kind))`,
  `CREATE TABLE issues (
    number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT UNIQUE, name TEXT NOT NULL, source TEXT NOT NULL,
    status TEXT NOT NULL, resolution TEXT, customer_id TEXT NOT NULL, location_id TEXT NOT NULL,
    owner_team_id TEXT NOT NULL, owner_organization_id TEXT NOT NULL, owner_user_id TEXT, owner_user_name TEXT,
    product_json TEXT NOT NULL, severity TEXT NOT NULL, categories_json TEXT NOT NULL, symptoms TEXT NOT NULL,
    diagnosis TEXT NOT NULL, resolution_text TEXT NOT NULL, article_urls_json TEXT NOT NULL, proactive_json TEXT,
    cleared_at_ms INTEGER, is_touched INTEGER NOT NULL, wants_survey INTEGER NOT NULL, version INTEGER NOT NULL,
    change_cursor INTEGER NOT NULL, created_at_ms INTEGER NOT NULL, updated_at_ms INTEGER NOT NULL,
    resolved_at_ms INTEGER)`,
  'CREATE UNIQUE INDEX issues_by_change ON issues (change_cursor)',
  'CREATE INDEX issues_by_organization ON issues (owner_organization_id, status, number)',
  'CREATE INDEX issues_by_team ON issues (owner_team_id, status, number)',
  'CREATE INDEX issues_by_user ON issues (owner_user_id, status, number)',
  'CREATE INDEX issues_by_location ON issues (location_id, number)',
  `CREATE TABLE issue_teams (issue_number INTEGER NOT NULL, team_id TEXT NOT NULL,
    PRIMARY KEY (issue_number, team_id)) WITHOUT ROWID`,
  'CREATE INDEX issue_teams_by_team ON issue_teams (team_id)',
  `CREATE TABLE issue_organizations (organization_id TEXT NOT NULL, issue_number INTEGER NOT NULL,
    PRIMARY KEY (organization_id, issue_number)) WITHOUT ROWID`,
  'CREATE INDEX issue_organizations_by_issue ON issue_organizations (issue_number)',
  `CREATE TABLE entries (id INTEGER PRIMARY KEY AUTOINCREMENT, issue_number INTEGER NOT NULL, room TEXT NOT NULL,
    author_kind TEXT NOT NULL, author_id TEXT NOT NULL, author_name TEXT NOT NULL, body TEXT NOT NULL,
    at_ms INTEGER NOT NULL)`,
  'CREATE INDEX entries_by_issue ON entries (issue_number, id)',
  `CREATE TABLE applied_operations (issue_number INTEGER NOT NULL, op_id TEXT NOT NULL,
    PRIMARY KEY (issue_number, op_id)) WITHOUT ROWID`,
  `CREATE TABLE state (id INTEGER PRIMARY KEY, directory_cursor INTEGER NOT NULL, feed_epoch TEXT NOT NULL,
    feed_cursor INTEGER NOT NULL)`,
]
