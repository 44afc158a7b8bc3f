/** Links to the merchant's page, and what was said through them. */
export interface MerchantTables {
  merchant_links: MerchantLinkRow
  merchant_reports: { id: string; link_id: string; at_ms: number; kind: string }
}

export interface MerchantLinkRow {
  id: string
  /** SHA-256 of the token, hex; the token itself is shown once and never stored. */
  token_hash: string
  location_id: string
  /** The Organization that gave it away: the page sees Issues as it does. */
  organization_id: string
  created_by: string
  created_at_ms: number
  expires_at_ms: number
  revoked_at_ms: number | null
  last_used_at_ms: number | null
}

declare module '../db/tables.ts' {
  interface Tables extends MerchantTables {}
}
