/** Rows of log-in, audit trail and the projected state of Locations. */
export interface WebTables {
  sessions: SessionRow
  log_in_tries: { key: string; count: number; last_try_ms: number }
  audit_entries: AuditRow
  location_views: LocationViewRow
  incidents: IncidentRow
}

export interface SessionRow {
  /** SHA-256 of the cookie's value, hex; the value itself is known to the browser only. */
  id_hash: string
  user_id: string
  created_at_ms: number
  expires_at_ms: number
}

export interface AuditRow {
  id: string
  at_ms: number
  /** User id, `anonymous` or `ingest`. */
  actor: string
  action: string
  /** What it was done to, e.g. a Location's id. */
  subject: string
  outcome: string
  address: string
  detail: string
}

export interface LocationViewRow {
  location_id: string
  /** JSON of what the overview shows of it, so that a list need not read every device. */
  summary: string
  /** JSON of the fault core's `LocationView`. */
  view: string
  updated_at_ms: number
}

/** States of an incident that is not over; named one by one, so that the index is used. */
export const standingStates = ['open', 'recovering'] as const

export interface IncidentRow {
  key: string
  location_id: string
  state: string
  opened_at_ms: number
  closed_at_ms: number | null
  /** JSON of the fault core's `IncidentReport`. */
  report: string
  /** Key of the incident of many Locations that accounts for it. */
  parent_key: string | null
}

declare module '../db/tables.ts' {
  interface Tables extends WebTables {}
}
