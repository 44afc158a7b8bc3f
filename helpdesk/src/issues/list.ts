import type { IssuePage, IssueQuery } from '@proactive/shared/http'
import { sql } from 'kysely'
import type { UserActor } from '../access/actor.ts'
import { fullTextQuery } from '../articles/full-text.ts'
import type { Database } from '../db/open.ts'
import { inflate } from './read.ts'

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
  let rows = (isNarrow(query) ? fromIssues(db) : fromOrganization(db))
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
  if (query.q !== undefined) {
    const match = fullTextQuery(query.q)
    if (match === '') return { items: [], nextCursor: null }
    rows = rows.where(
      'issues.number',
      'in',
      sql<number>`(SELECT rowid FROM issues_text WHERE issues_text MATCH ${match})`,
    )
  }
  if (query.before !== undefined) rows = rows.where('issues.number', '<', query.before)
  const found = await rows
    .orderBy(isNarrow(query) ? 'issues.number' : 'seen.issue_number', 'desc')
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

function fromOrganization(db: Database) {
  return db
    .selectFrom('issue_organizations as seen')
    .crossJoin('issues')
    .whereRef('seen.issue_number', '=', 'issues.number')
}
