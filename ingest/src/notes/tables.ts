/** What people wrote about Locations. */
export interface NoteTables {
  location_notes: {
    id: string
    location_id: string
    organization_id: string
    author_id: string
    author_name: string
    body: string
    at_ms: number
  }
}

declare module '../db/tables.ts' {
  interface Tables extends NoteTables {}
}
