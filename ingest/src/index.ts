/** The cloud's programs and parts, for tests and benches of other workspaces; the fault core alone is `@proactive/ingest/faults`. */
export { type Config, loadConfig } from './config.ts'
export type { IngestLog } from './log/ingest-log.ts'
export { createSqliteLog } from './log/sqlite-log.ts'
export { type RunningIngest, startIngest } from './main.ts'
