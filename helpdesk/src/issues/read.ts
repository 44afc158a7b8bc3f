import { type Issue, type IssueDetail, issueSchema } from '@proactive/shared/http'
import type { Selectable } from 'kysely'
import { z } from 'zod'
import type { Database, Trx } from '../db/open.ts'
import type { IssueTable } from '../db/tables.ts'

/** An Issue with what decides who may see it. */
export interface FoundIssue {
  readonly issue: Issue
  readonly number: number
  readonly ownerOrganizationId: string
  readonly organizationIds: readonly string[]
}

export type IssueRow = Selectable<IssueTable>

/** An Issue's id as people and URLs carry it. */
export function issueId(number: number): string {
  return `issue-${number}`
}

/** The number in an Issue's id; undefined where the text is none. */
export function numberOfIssueId(id: string): number | undefined {
  const match = /^issue-([1-9]\d{0,14})$/.exec(id)
  return match === null ? undefined : Number(match[1])
}

export async function findIssueByNumber(db: Database | Trx, number: number): Promise<FoundIssue | undefined> {
  const row = await db.selectFrom('issues').selectAll().where('number', '=', number).executeTakeFirst()
  return row === undefined ? undefined : first(await inflate(db, [row]))
}

/** By dedup key: same key, same Issue, for ever. */
export async function findIssueByKey(db: Database | Trx, key: string): Promise<FoundIssue | undefined> {
  const row = await db.selectFrom('issues').selectAll().where('key', '=', key).executeTakeFirst()
  return row === undefined ? undefined : first(await inflate(db, [row]))
}

/** What is said in an Issue, oldest first, of the rooms given; the newest 2,000 entries. */
export async function readEntries(
  db: Database | Trx,
  number: number,
  rooms: readonly ('public' | 'private' | 'log')[],
): Promise<IssueDetail['entries']> {
  const rows = await db
    .selectFrom('entries')
    .selectAll()
    .where('issue_number', '=', number)
    .where('room', 'in', [...rooms])
    .orderBy('id', 'desc')
    .limit(2_000)
    .execute()
  return rows.reverse().map((row) => ({
    id: `entry-${row.id}`,
    room: row.room,
    author: { kind: row.author_kind, id: row.author_id, name: row.author_name },
    body: row.body,
    atMs: row.at_ms,
  }))
}

/** Rows become Issues: the names of today's directory, the collaborators, the JSON columns. Keeps the rows' order. */
export async function inflate(db: Database | Trx, rows: readonly IssueRow[]): Promise<FoundIssue[]> {
  if (rows.length === 0) return []
  const numbers = rows.map((row) => row.number)
  const teams = await db
    .selectFrom('teams')
    .select(['id', 'name', 'line'])
    .where(
      'id',
      'in',
      rows.map((row) => row.owner_team_id),
    )
    .execute()
  const locations = await db
    .selectFrom('locations')
    .select(['id', 'name'])
    .where(
      'id',
      'in',
      rows.map((row) => row.location_id),
    )
    .execute()
  const customers = await db
    .selectFrom('customers')
    .select(['id', 'name', 'number'])
    .where(
      'id',
      'in',
      rows.map((row) => row.customer_id),
    )
    .execute()
  const collaborators = await db
    .selectFrom('issue_teams')
    .selectAll()
    .where('issue_number', 'in', numbers)
    .execute()
  const organizations = await db
    .selectFrom('issue_organizations')
    .selectAll()
    .where('issue_number', 'in', numbers)
    .execute()
  const users = await db
    .selectFrom('issue_users')
    .selectAll()
    .where('issue_number', 'in', numbers)
    .orderBy('user_id')
    .execute()
  const userIdsByIssue = Map.groupBy(users, (row) => row.issue_number)
  const teamById = new Map(teams.map((team) => [team.id, team]))
  const locationNameById = new Map(locations.map((location) => [location.id, location.name]))
  const customerById = new Map(customers.map((customer) => [customer.id, customer]))
  const teamIdsByIssue = Map.groupBy(collaborators, (row) => row.issue_number)
  const organizationIdsByIssue = Map.groupBy(organizations, (row) => row.issue_number)
  return rows.map((row) => {
    const customer = customerById.get(row.customer_id)
    const issue = fromRow(row, {
      customerName: customer?.name ?? row.customer_id,
      customerNumber: customer?.number ?? '',
      locationName: locationNameById.get(row.location_id) ?? row.location_id,
      ownerTeamName: teamById.get(row.owner_team_id)?.name ?? row.owner_team_id,
      ...(teamById.get(row.owner_team_id)?.line === 2 ? { line: 2 as const } : { line: 1 as const }),
      collaboratorTeamIds: (teamIdsByIssue.get(row.number) ?? []).map((team) => team.team_id),
      collaboratorUserIds: (userIdsByIssue.get(row.number) ?? []).map((user) => user.user_id),
    })
    return {
      issue,
      number: row.number,
      ownerOrganizationId: row.owner_organization_id,
      organizationIds: (organizationIdsByIssue.get(row.number) ?? []).map((item) => item.organization_id),
    }
  })
}

const storedProduct = issueSchema.shape.product
const storedStrings = z.array(z.string())
const storedMode = issueSchema.shape.mode
const storedCustomerUser = issueSchema.shape.customerUser.unwrap()
const storedProactive = issueSchema.shape.proactive.unwrap()

type Names = Pick<
  Issue,
  | 'customerName'
  | 'customerNumber'
  | 'locationName'
  | 'ownerTeamName'
  | 'collaboratorTeamIds'
  | 'collaboratorUserIds'
  | 'line'
>

function fromRow(row: IssueRow, names: Names): Issue {
  return {
    id: issueId(row.number),
    number: row.number,
    ...(row.key === null ? {} : { key: row.key }),
    name: row.name,
    source: issueSchema.shape.source.parse(row.source),
    status: row.status,
    ...(row.resolution === null ? {} : { resolution: row.resolution }),
    ...(row.closing_code === null ? {} : { closingCode: row.closing_code }),
    customerId: row.customer_id,
    locationId: row.location_id,
    ...names,
    ownerTeamId: row.owner_team_id,
    ownerOrganizationId: row.owner_organization_id,
    ...(row.owner_user_id === null ? {} : { ownerUserId: row.owner_user_id }),
    ...(row.owner_user_name === null ? {} : { ownerUserName: row.owner_user_name }),
    product: storedProduct.parse(JSON.parse(row.product_json)),
    severity: issueSchema.shape.severity.parse(row.severity),
    categories: storedStrings.parse(JSON.parse(row.categories_json)),
    symptoms: row.symptoms,
    diagnosis: row.diagnosis,
    resolutionText: row.resolution_text,
    articleUrls: storedStrings.parse(JSON.parse(row.article_urls_json)),
    ...(row.proactive_json === null
      ? {}
      : {
          proactive: {
            ...storedProactive.parse(JSON.parse(row.proactive_json)),
            ...(row.cleared_at_ms === null ? {} : { clearedAtMs: row.cleared_at_ms }),
          },
        }),
    isTouched: row.is_touched === 1,
    version: row.version,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
    ...(row.resolved_at_ms === null
      ? {}
      : { resolvedAtMs: row.resolved_at_ms, survey: row.wants_survey === 1 }),
    ...(row.mode === null ? {} : { mode: storedMode.parse(row.mode) }),
    ...(row.customer_user_json === null
      ? {}
      : { customerUser: storedCustomerUser.parse(JSON.parse(row.customer_user_json)) }),
    ...(row.response_limit === null || row.respond_by_ms === null
      ? {}
      : {
          response: {
            limit: row.response_limit,
            respondByMs: row.respond_by_ms,
            ...(row.responded_at_ms === null ? {} : { respondedAtMs: row.responded_at_ms }),
            ...(row.breached_at_ms === null ? {} : { breachedAtMs: row.breached_at_ms }),
          },
        }),
  }
}

function first<Item>(items: readonly Item[]): Item | undefined {
  return items[0]
}
