/**
 * Every table that queries may name. Each folder adds its own, in its `tables.ts` (`declare module`), so that this folder stands on none of
 * them. Tables that are nobody else's business stay out, and are seen by `db.withTables<…>()`.
 */
export interface Tables {
  schema_migrations: { name: string; applied_at_ms: number }
}
