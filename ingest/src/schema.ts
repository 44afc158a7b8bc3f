import { webMigrations } from './api/index.ts'
import type { Migration } from './db/index.ts'
import { directoryMigrations } from './directory/index.ts'
import { issueMigrations } from './issues/index.ts'
import { merchantMigrations } from './merchant/migrations.ts'
import { noteMigrations } from './notes/migrations.ts'
import { notifyMigrations } from './notify/migrations.ts'
import { signOnMigrations } from './sign-on/migrations.ts'

/** Every step of the relational schema, in the order in which modules stand on each other. */
export const allMigrations: readonly Migration[] = [
  ...directoryMigrations,
  ...webMigrations,
  ...issueMigrations,
  ...merchantMigrations,
  ...signOnMigrations,
  ...notifyMigrations,
  ...noteMigrations,
]
