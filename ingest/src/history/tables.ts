/** What is kept of how a Location became what it is; seen by `db.withTables<HistoryTables>()`. */
export type HistoryTables = {
  location_changes: {
    id: string
    location_id: string
    at_ms: number
    /** Device it is about, and the one that stood there before; null where it is about none. */
    device_id: string | null
    other_device_id: string | null
    /** JSON of a `ChangeWord`. */
    change: string
  }
  device_traits: {
    location_id: string
    device_id: string
    kind: string
    value: string
    first_seen_ms: number
    /** null = it has it now. */
    last_seen_ms: number | null
  }
}
