import type { WebTables } from '../api/tables.ts'
import type { DirectoryTables } from '../directory/tables.ts'
import type { MerchantTables } from '../merchant/tables.ts'
import type { NoteTables } from '../notes/tables.ts'
import type { NotifyTables } from '../notify/tables.ts'
import type { SignOnTables } from '../sign-on/tables.ts'

/** Every table of the directory and the web; a module with tables of its own sees them by `db.withTables<…>()`. */
export interface Tables
  extends DirectoryTables,
    WebTables,
    MerchantTables,
    SignOnTables,
    NotifyTables,
    NoteTables {
  schema_migrations: { name: string; applied_at_ms: number }
}
