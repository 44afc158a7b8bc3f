import type { IssueStatus } from '@proactive/shared/http'
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
}

interface EntryTable {
  id: Generated<number>
  issue_number: number
  room: 'public' | 'private' | 'log'
  author_kind: 'user' | 'service'
  author_id: string
  author_name: string
  body: string
  at_ms: number
}

export interface HelpdeskTables {
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
  state: { id: number; directory_cursor: number; feed_epoch: string; feed_cursor: number }
}
