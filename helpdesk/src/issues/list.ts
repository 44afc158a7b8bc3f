import type { IssuePage, IssueQuery } from '@proactive/shared/http'
import { type SqlBool, sql } from 'kysely'
import type { UserActor } from '../access/actor.ts'
import { fullTextQuery } from '../articles/full-text.ts'
import type { Database } from '../db/open.ts'
import type { HelpdeskTables } from '../db/tables.ts'
import { inflate } from './read.ts'

type SeenRow = HelpdeskTables['issue_organizations']

/** A page's place: the number of its last Issue. Undefined where the text is no cursor of ours. */
export function parseCursor(cursor: string): number | undefined {
  return /^[1-9]\d{0,14}$/.test(cursor) ? Number(cursor) : undefined
}

/**
 * A page of the Issues this actor may see, newest first.
 * `unclaimed`, `mine` and `team` are inboxes: open Issues unless a status is asked for.
 */
export async function listIssues(
  db: Database,
  actor: UserActor,
  query: Omit<IssueQuery, 'cursor'> & { before?: number },
): Promise<IssuePage> {
  const match = query.q === undefined ? undefined : fullTextQuery(query.q)
  if (match === '') return { items: [], nextCursor: null }
  let rows = (
    match === undefined ? (isNarrow(query) ? fromIssues(db) : fromOrganization(db)) : fromWords(db, match)
  )
    .selectAll('issues')
    .where('seen.organization_id', '=', actor.organizationId)
  // A Location has few Issues: its index leads, and a plus keeps the planner from another one.
  const column = (name: string) => (query.location === undefined ? sql.ref(name) : sql`+${sql.ref(name)}`)
  switch (query.queue) {
    case 'unclaimed':
      rows = rows
        .where(column('issues.owner_organization_id'), '=', actor.organizationId)
        .where(column('issues.status'), '=', 'Unclaimed')
      break
    case 'mine':
      rows = rows.where(column('issues.owner_user_id'), '=', actor.id)
      if (query.status === undefined) rows = rows.where(column('issues.status'), '=', 'Remote')
      break
    case 'team':
      rows = rows.where(column('issues.owner_team_id'), 'in', [...actor.teamIds])
      if (query.status === undefined)
        rows = rows.where(column('issues.status'), 'in', ['Unclaimed', 'Remote'])
      break
    case 'all':
      break
  }
  if (query.location !== undefined) rows = rows.where('issues.location_id', '=', query.location)
  if (query.status !== undefined) rows = rows.where(column('issues.status'), '=', query.status)
  const order =
    match !== undefined ? sql`found.rowid` : sql.ref(isNarrow(query) ? 'issues.number' : 'seen.issue_number')
  if (query.before !== undefined) rows = rows.where(order, '<', query.before)
  const found = await rows
    .orderBy(order, 'desc')
    .limit(query.limit + 1)
    .execute()
  const page = found.slice(0, query.limit)
  const items = (await inflate(db, page)).map(({ issue }) => issue)
  const last = page.at(-1)
  return { items, nextCursor: found.length > query.limit && last !== undefined ? `${last.number}` : null }
}

/** Whether an index of the Issues themselves leads straight to the page; else the Organization's list does, newest first. */
function isNarrow({ queue, location, q }: Pick<IssueQuery, 'queue' | 'location' | 'q'>): boolean {
  return q === undefined && (queue === 'mine' || queue === 'unclaimed' || location !== undefined)
}

/** CROSS JOIN keeps SQLite's planner to the order written (SQLite, "Manual Control Of Query Plans"). */
function fromIssues(db: Database) {
  return db
    .selectFrom('issues')
    .crossJoin('issue_organizations as seen')
    .whereRef('seen.issue_number', '=', 'issues.number')
}

/** The full-text index gives its rows newest first, one at a time: a common word costs no more than the page it fills. */
function fromWords(db: Database, match: string) {
  return db
    .selectFrom(sql<SeenRow>`issues_text AS found CROSS JOIN issue_organizations`.as('seen'))
    .crossJoin('issues')
    .where(sql<SqlBool>`issues_text MATCH ${match}`)
    .where(sql<SqlBool>`seen.issue_number = found.rowid AND issues.number = found.rowid`)
}

function fromOrganization(db: Database) {
  return db
    .selectFrom('issue_organizations as seen')
    .crossJoin('issues')
    .whereRef('seen.issue_number', '=', 'issues.number')
}
