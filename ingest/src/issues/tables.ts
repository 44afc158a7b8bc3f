import type { Generated } from 'kysely'

/** State of an operation on its way to the helpdesk; `sending` is committed before the request leaves. */
export const operationStates = ['pending', 'sending', 'retry', 'ambiguous', 'done', 'dead'] as const
export type OperationState = (typeof operationStates)[number]
export type OperationKind = 'open' | 'update' | 'recover'

/** One operation for the helpdesk. Operations of one key are sent strictly in the order of `op_seq`. */
export interface OperationRow {
  key: string
  op_seq: number
  kind: OperationKind
  /** JSON, sent as it is. */
  body: string
  state: OperationState
  attempts: number
  /** Not before; for `sending` when it began. */
  due_at_ms: number
  created_at_ms: number
  updated_at_ms: number
  /** Why it is not done yet, or never will be. */
  last_error: string | null
}

/** What the helpdesk has been told, or will be, about an incident. */
export interface KeyRow {
  key: string
  location_id: string
  /** When the incident and its first operation were committed. */
  committed_at_ms: number
  /** The Issue as told last (JSON), before anything that people changed. */
  told: string
  last_note_at_ms: number
  /** What failed, as first opened: the root device, else the kind of fault; counts how often it comes back. */
  subject: string
  /** Highest number among its operations that were trimmed, and whether the recovery was one of them. */
  last_seq: number
  is_recovery_told: number
  /** 1 = long over: `told` is left without its evidence, and nothing more is told of it. */
  is_condensed: number
}

/** Our copy of the helpdesk's Issues, so that a Location shows them without asking. */
export interface IssueRefRow {
  key: string
  issue_id: string
  number: number
  status: string
  owner_team_id: string
  is_touched: number
  /** When the Issue was opened, by the helpdesk's clock. */
  opened_at_ms: number
  updated_at_ms: number
}

type KeyTable = Omit<KeyRow, 'last_seq' | 'is_recovery_told' | 'is_condensed'> & {
  last_seq: Generated<number>
  is_recovery_told: Generated<number>
  is_condensed: Generated<number>
}

/** Tables of Issues on the way; seen by `db.withTables<IssueTables>()`. */
export type IssueTables = {
  issue_outbox: OperationRow
  issue_keys: KeyTable
  /** Effects that were carried out: a repeat of the log's outputs changes nothing. */
  issue_effects: { key: string; fingerprint: string; at_ms: number }
  issue_refs: IssueRefRow
  /** How Issues were closed; see `precision-ledger.ts`. */
  rule_ledger: {
    key: string
    fault_class: string
    rule_version: string
    closing_code: string
    /** Whose Team owned the Issue at the end; empty = closed before this was kept. */
    organization_id: string
    closed_at_ms: number
    /** 1 = the rule is trusted in spite of it. */
    is_forgiven: number
  }
  /** Which version of a rule told an incident first, as it told it. */
  incident_rules: { key: string; fault_class: string; rule_version: string; told_at_ms: number }
  issue_feed: { id: number; cursor: string }
}
