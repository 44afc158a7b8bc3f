import { type IssueCounts, type IssuePage, type IssueQuery, maxQueueCount } from '@proactive/shared/http'
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
  // A Location has few Issues: its index leads, and a plus keeps the planner from another one.
  const column = query.location === undefined ? sql.ref : asValue
  const source =
    match !== undefined ? fromWords(db, match) : isNarrow(query) ? fromIssues(db) : fromOrganization(db)
  let rows = inQueue(source, actor, query, column).selectAll('issues')
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

/** How many Issues are in each queue of this actor, in one statement: at most {@link maxQueueCount} rows of an index each. */
export async function countQueues(db: Database, actor: UserActor): Promise<IssueCounts> {
  const count = (queue: IssueQuery['queue']) => {
    const source = queue === 'all' ? fromOrganization(db) : fromIssues(db)
    const found = inQueue(source, actor, { queue }, sql.ref).select('issues.number').limit(maxQueueCount)
    return db
      .selectFrom(found.as('found'))
      .select((rows) => rows.fn.countAll<number>().as('count'))
      .$asScalar()
      .$notNull()
  }
  return db
    .selectNoFrom([
      count('unclaimed').as('unclaimed'),
      count('mine').as('mine'),
      count('team').as('team'),
      count('all').as('all'),
    ])
    .executeTakeFirstOrThrow()
}

const asValue = (name: string) => sql`+${sql.ref(name)}`

/** Those of the rows that the actor may see and that are in the queue. */
function inQueue(
  source: ReturnType<typeof fromIssues>,
  actor: UserActor,
  { queue, status }: Pick<IssueQuery, 'queue' | 'status'>,
  column: (name: string) => ReturnType<typeof sql.ref>,
): ReturnType<typeof fromIssues> {
  const rows = source.where('seen.organization_id', '=', actor.organizationId)
  switch (queue) {
    case 'unclaimed':
      return rows
        .where(column('issues.owner_organization_id'), '=', actor.organizationId)
        .where(column('issues.status'), '=', 'Unclaimed')
    case 'mine': {
      const mine = rows.where(column('issues.owner_user_id'), '=', actor.id)
      return status === undefined ? mine.where(column('issues.status'), '=', 'Remote') : mine
    }
    case 'team': {
      const ours = rows.where(column('issues.owner_team_id'), 'in', [...actor.teamIds])
      return status === undefined ? ours.where(column('issues.status'), 'in', ['Unclaimed', 'Remote']) : ours
    }
    case 'all':
      return rows
  }
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
