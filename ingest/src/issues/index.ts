export type { DeviceFacts, IssueFacts } from './describe-issue.ts'
export { createDirectoryFacts } from './directory-facts.ts'
export { createEmbeddedHelpdesk, type EmbeddedHelpdeskOptions } from './embedded-helpdesk.ts'
export type { Helpdesk, ServiceTokenSource } from './helpdesk.ts'
export {
  createHelpdeskFromConfig,
  type HelpdeskConfig,
  type HelpdeskDependencies,
  loadHelpdeskConfig,
} from './helpdesk-config.ts'
export type { HelpdeskHealth } from './helpdesk-health.ts'
export { createIssueDesk, type IssueDesk, type IssueDeskDependencies } from './issue-desk.ts'
export { issueMigrations } from './migrations.ts'
export { createPrecisionLedger, type PrecisionLedger, type RuleStanding } from './precision-ledger.ts'
export type { IncidentProjector } from './projector.ts'
export { defaultGuards, type StormGuards } from './storm-guards.ts'
export type { IssueRefRow, IssueTables, OperationRow } from './tables.ts'
export { createIssueContext } from './trackers/issue-context.ts'
export type { IssueContext } from './trackers/tracker.ts'
export { watchHelpdesk } from './watch-helpdesk.ts'
