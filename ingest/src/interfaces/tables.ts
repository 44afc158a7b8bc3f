/** Interfaces of routers and switches; seen by `db.withTables<InterfaceTables>()`. */
export type InterfaceTables = {
  device_interfaces: {
    location_id: string
    /** Subject of its measurements. */
    id: string
    device_id: string
    /** The device's own number for it. */
    number: number
    name: string
    note: string | null
    told_at_ms: number
  }
}
