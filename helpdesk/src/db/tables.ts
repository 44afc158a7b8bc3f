import type { ClosingCode, IssueStatus } from '@proactive/shared/http'
import type { Generated } from 'kysely'

/** The read copy of the directory. What is gone there stays here with `is_removed`, so that old Issues keep their names. */
interface OrganizationTable {
  id: string
  name: string
  is_removed: number
}
interface TeamTable {
  id: string
  organization_id: string
  name: string
  line: number
  is_removed: number
}
interface UserTable {
  id: string
  organization_id: string
  name: string
  role: string
  is_removed: number
}
interface CustomerTable {
  id: string
  name: string
  number: string
  is_removed: number
}
interface LocationTable {
  id: string
  customer_id: string
  name: string
  is_removed: number
}
interface ProductTable {
  id: string
  location_id: string
  name: string
  role: string
  is_removed: number
}
interface StakeTable {
  location_id: string
  organization_id: string
  kind: string
}

/** One Issue. JSON columns hold what is only ever read whole. */
export interface IssueTable {
  /** Ascending, never reused; also makes the id. */
  number: Generated<number>
  key: string | null
  name: string
  source: string
  status: IssueStatus
  resolution: 'Completed' | 'Cancelled' | null
  closing_code: ClosingCode | null
  customer_id: string
  location_id: string
  owner_team_id: string
  owner_organization_id: string
  owner_user_id: string | null
  owner_user_name: string | null
  product_json: string
  severity: string
  categories_json: string
  symptoms: string
  diagnosis: string
  resolution_text: string
  article_urls_json: string
  proactive_json: string | null
  cleared_at_ms: number | null
  is_touched: number
  wants_survey: number
  version: number
  /** Place of its newest change in the feed. */
  change_cursor: number
  created_at_ms: number
  updated_at_ms: number
  resolved_at_ms: number | null
  mode: string | null
  customer_user_json: string | null
  response_limit: 'chat' | 'mail' | 'critical' | null
  respond_by_ms: number | null
  responded_at_ms: number | null
  breached_at_ms: number | null
}

interface EntryTable {
  id: Generated<number>
  issue_number: number
  room: 'public' | 'private' | 'log'
  author_kind: 'user' | 'service' | 'customer'
  author_id: string
  author_name: string
  body: string
  at_ms: number
}

/** A step of an Issue between Teams. */
export interface PassTable {
  id: Generated<number>
  issue_number: number
  kind: 'escalate' | 'de-escalate' | 'hand-over' | 'hand-back' | 'cause-moved'
  from_team_id: string
  to_team_id: string
  /** Who had claimed it before; gets it back. */
  from_user_id: string | null
  note: string
  is_critical: number
  business_impact: string | null
  partner_case_number: string | null
  by_name: string
  /** Undone by a hand-back or a de-escalation. */
  is_given_back: number
  at_ms: number
}

interface AuditTable {
  id: Generated<number>
  issue_number: number
  action: string
  by_kind: 'user' | 'service' | 'customer'
  by_id: string
  by_name: string
  details_json: string
  version: number
  at_ms: number
}

interface FileTable {
  id: string
  issue_number: number
  name: string
  bytes: number
  sha256: string
  content: Uint8Array
  by_name: string
  at_ms: number
}

export interface ArticleTable {
  number: Generated<number>
  id: string
  /** Null: it came with Proactive. */
  organization_id: string | null
  title: string
  body: string
  checklist_json: string
  fault_class: string | null
  /** `own`, `everybody` or `named` (see `article_readers`). */
  sharing: 'own' | 'everybody' | 'named'
  version: number
  updated_at_ms: number
}

interface ApiTokenTable {
  id: string
  organization_id: string
  name: string
  /** SHA-256 of the secret, hex. */
  hash: string
  scopes_json: string
  created_at_ms: number
  expires_at_ms: number
  last_used_at_ms: number | null
}

interface WebhookTable {
  id: string
  organization_id: string
  url: string
  secret: string
  is_active: number
  created_at_ms: number
}

export interface DeliveryTable {
  number: Generated<number>
  id: string
  webhook_id: string
  issue_number: number
  body: string
  state: 'waiting' | 'delivered' | 'dead'
  attempts: number
  due_at_ms: number
  last_status: number | null
  last_error: string | null
  created_at_ms: number
  delivered_at_ms: number | null
}

export interface HelpdeskTables {
  issue_users: { issue_number: number; user_id: string }
  passes: PassTable
  audit: AuditTable
  files: FileTable
  support_hours: { organization_id: string; hours_json: string }
  articles: ArticleTable
  article_readers: { organization_id: string; article_number: number }
  articles_text: { rowid: number; title: string; body: string; checklist: string }
  api_tokens: ApiTokenTable
  idempotency: {
    actor: string
    key: string
    request_hash: string
    status: number
    type: string
    body: string
    at_ms: number
  }
  webhooks: WebhookTable
  deliveries: DeliveryTable
  organizations: OrganizationTable
  teams: TeamTable
  users: UserTable
  customers: CustomerTable
  locations: LocationTable
  products: ProductTable
  stakes: StakeTable
  issues: IssueTable
  /** Collaborating Teams of an Issue. */
  issue_teams: { issue_number: number; team_id: string }
  /** Who may see an Issue: the owner's and the collaborators' Organizations. Derived from owner Team and `issue_teams`, kept for the lists' speed. */
  issue_organizations: { organization_id: string; issue_number: number }
  entries: EntryTable
  /** Operations of the service that are done; a repeat is answered, not repeated. */
  applied_operations: { issue_number: number; op_id: string }
  /** One row: `directory_cursor` = newest change the copy holds; `feed_epoch` names this database's change feed, `feed_cursor` its newest change. */
  state: {
    id: number
    directory_cursor: number
    feed_epoch: string
    feed_cursor: number
    webhook_cursor: Generated<number>
  }
}
