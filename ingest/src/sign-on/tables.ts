/** OpenID Connect providers, log-ins that are under way there, and who is who. */
export interface SignOnTables {
  sign_on_providers: ProviderRow
  sign_on_flows: FlowRow
  /** Who of a provider's subjects is which User; bound at the first log-in. */
  sign_on_subjects: { provider_id: string; subject: string; user_id: string; bound_at_ms: number }
}

export interface ProviderRow {
  id: string
  name: string
  issuer: string
  client_id: string
  /** Sealed; null = a public client. */
  client_secret: string | null
  /** JSON list of ids. */
  organization_ids: string
  is_active: number
  created_at_ms: number
}

export interface FlowRow {
  /** SHA-256 of `state`, hex. */
  state_hash: string
  /** SHA-256 of what only the browser that began holds. */
  browser_hash: string
  provider_id: string
  nonce: string
  /** PKCE (RFC 7636). */
  verifier: string
  redirect_uri: string
  created_at_ms: number
  /** Network of who began; null = begun before this was kept. */
  network: string | null
}

declare module '../db/tables.ts' {
  interface Tables extends SignOnTables {}
}
