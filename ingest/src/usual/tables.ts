/** What is usual at Locations; seen by `db.withTables<UsualTables>()`. */
export type UsualTables = {
  location_usual: {
    location_id: string
    at_ms: number
    /** JSON of `UsualPath[]`. */
    paths: string
  }
}
