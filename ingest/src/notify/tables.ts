/** Who is told of what, and what was told. */
export interface NotifyTables {
  channels: ChannelRow
  notifications: NotificationRow
}

export interface ChannelRow {
  id: string
  organization_id: string
  name: string
  kind: string
  /** Sealed JSON: recipients or URL. */
  target: string
  /** Sealed signing key of a webhook. */
  secret: string | null
  min_severity: string
  /** JSON list of ids; null = all. */
  location_ids: string | null
  tells_recovery: number
  is_active: number
  created_at_ms: number
}

export interface NotificationRow {
  id: string
  channel_id: string
  incident_key: string
  event: string
  /** The cause as told; with a move it is what tells one message from the next. */
  fault_class: string
  /** JSON of {@link NotificationMessage}. */
  message: string
  state: string
  attempts: number
  due_at_ms: number
  last_error: string | null
  created_at_ms: number
  delivered_at_ms: number | null
}

declare module '../db/tables.ts' {
  interface Tables extends NotifyTables {}
}
