/** Rows of the directory, as both engines store them: truth is 0 or 1, documents are JSON text, instants are milliseconds. */
export interface DirectoryTables {
  organizations: OrganizationRow
  teams: TeamRow
  users: UserRow
  password_links: PasswordLinkRow
  team_members: { team_id: string; user_id: string }
  customers: { id: string; name: string; number: string }
  locations: LocationRow
  stakes: { location_id: string; organization_id: string; kind: string }
  products: { id: string; location_id: string; name: string; role: string }
  device_confirmations: DeviceConfirmationRow
  routing_rules: RoutingRuleRow
  maintenance_windows: MaintenanceWindowRow
  silences: SilenceRow
  appliances: ApplianceRow
  claims: ClaimRow
  location_agent_configs: { location_id: string; config: string }
  desired_configs: { appliance_id: string; version: number; config: string; created_at_ms: number }
  reported_configs: { appliance_id: string; version: number; report: string; received_at_ms: number }
  change_counter: { id: number; value: number }
  directory_changes: { cursor: number; entity: string; at_ms: number; subject: string | null }
}

export interface OrganizationRow {
  id: string
  name: string
  /** 1 = runs this installation: its admins may change the whole directory, others their own Users and Teams. */
  is_operator: number
}

export interface TeamRow {
  id: string
  organization_id: string
  name: string
  line: number
}

export interface UserRow {
  id: string
  organization_id: string
  name: string
  /** Lower case; unique. */
  email: string
  role: string
  /** See `passwords.ts`. */
  password_hash: string
  disabled_at_ms: number | null
}

export interface PasswordLinkRow {
  /** SHA-256 of the token, hex; the token itself is shown once and never stored. */
  token_hash: string
  user_id: string
  created_by: string
  created_at_ms: number
  expires_at_ms: number
}

export interface LocationRow {
  id: string
  customer_id: string
  name: string
  address: string | null
  time_zone: string
  latitude: number | null
  longitude: number | null
  calendar: string
  has_backup_uplink: number
  /** Grows with each change the fault core must hear of; `config_appended_version` is the one the log holds. */
  config_version: number
  config_appended_version: number
}

export interface DeviceConfirmationRow {
  location_id: string
  device_id: string
  product_id: string | null
  /** 1 = a person said which product it is, or that it is none; 0 = only other facts were confirmed. */
  is_product_confirmed: number
  role: string | null
  name: string | null
  vendor: string | null
  model: string | null
  is_sleeper: number | null
  /** 1 = a person said that it is gone for good. */
  is_retired: number | null
  confirmed_by: string
  confirmed_at_ms: number
}

export interface RoutingRuleRow {
  id: string
  location_id: string
  product_id: string | null
  role: string | null
  organization_id: string
  team_id: string
  mode: string
}

export interface MaintenanceWindowRow {
  id: string
  location_id: string
  device_id: string | null
  schedule: string
  note: string
  created_by: string
  created_at_ms: number
  /** Ended by a person. */
  ended_at_ms: number | null
  /** When it is over by itself, null where it repeats. */
  over_at_ms: number | null
}

export interface SilenceRow {
  id: string
  location_id: string
  device_id: string | null
  fault_class: string | null
  from_ms: number
  until_ms: number
  note: string
  created_by: string
  ended_at_ms: number | null
}

export interface ApplianceRow {
  id: string
  location_id: string
  claimed_at_ms: number
  certificate_not_after_ms: number
  revoked_at_ms: number | null
  /** Its newest certificate, whose key secrets are sealed to; null = issued before it was kept. */
  certificate_pem: string | null
  /** JSON of what opens SNMP there, sealed; see `snmp-access.ts`. */
  snmp_access: string | null
}

export interface ClaimRow {
  /** SHA-256 of the token, hex; the token itself is shown once and never stored. */
  token_hash: string
  location_id: string
  created_by: string
  created_at_ms: number
  expires_at_ms: number
  consumed_at_ms: number | null
  /** The appliance that it was given to. */
  consumed_by: string | null
}

declare module '../db/tables.ts' {
  interface Tables extends DirectoryTables {}
}
