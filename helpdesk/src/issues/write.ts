import type { Updateable } from 'kysely'
import type { Actor } from '../access/actor.ts'
import type { Trx } from '../db/open.ts'
import type { IssueTable } from '../db/tables.ts'
import { type FoundIssue, findIssueByNumber } from './read.ts'

/** Columns an operation changes; version, time and place in the feed follow by themselves. */
export type IssueChange = Omit<
  Updateable<IssueTable>,
  'number' | 'version' | 'change_cursor' | 'updated_at_ms' | 'key'
>

/** Something said in an Issue, or the trace of what was done to it, as people read it. */
export interface NewEntry {
  readonly room: 'public' | 'private' | 'log'
  readonly author: Actor
  readonly body: string
}

/** Who did what, for the audit trail; `details` are what it was about beyond the columns that changed. */
export interface Deed {
  readonly actor: Actor
  readonly action: string
  readonly details?: Readonly<Record<string, unknown>>
}

/** Columns that say nothing to a reader of the trail. */
const untold = new Set(['is_touched', 'proactive_json'])

/** Changes an Issue by one version, puts it at the end of the change feed, and writes the deed down: nothing changes without a line in the trail. */
export async function changeIssue(
  trx: Trx,
  found: FoundIssue,
  nowMs: number,
  change: IssueChange,
  { actor, action, details = {} }: Deed,
): Promise<FoundIssue> {
  await writeAudit(trx, found.number, nowMs, {
    actor,
    action,
    version: found.issue.version + 1,
    details: {
      ...Object.fromEntries(Object.entries(change).filter(([column]) => !untold.has(column))),
      ...details,
    },
  })
  await trx
    .updateTable('issues')
    .set({
      ...change,
      version: found.issue.version + 1,
      change_cursor: await nextFeedCursor(trx),
      updated_at_ms: nowMs,
    })
    .where('number', '=', found.number)
    .execute()
  const changed = await findIssueByNumber(trx, found.number)
  if (changed === undefined) throw new Error(`Issue ${found.number} vanished while it was changed`)
  return changed
}

/** One line of the append-only trail. */
export async function writeAudit(
  trx: Trx,
  issueNumber: number,
  nowMs: number,
  { actor, action, version, details }: Deed & { version: number },
): Promise<void> {
  await trx
    .insertInto('audit')
    .values({
      issue_number: issueNumber,
      action,
      by_kind: actor.kind,
      by_id: actor.id,
      by_name: actor.name,
      details_json: JSON.stringify(details ?? {}).slice(0, 20_000),
      version,
      at_ms: nowMs,
    })
    .execute()
}

/** Adds an entry; the caller also changes the Issue, so that the feed tells. */
export async function addEntry(
  trx: Trx,
  issueNumber: number,
  nowMs: number,
  { room, author, body }: NewEntry,
): Promise<void> {
  await trx
    .insertInto('entries')
    .values({
      issue_number: issueNumber,
      room,
      author_kind: author.kind,
      author_id: author.id,
      author_name: author.name,
      body,
      at_ms: nowMs,
    })
    .execute()
}

/** Takes the next place in the change feed. */
export async function nextFeedCursor(trx: Trx): Promise<number> {
  const row = await trx
    .updateTable('state')
    .set((eb) => ({ feed_cursor: eb('feed_cursor', '+', 1) }))
    .returning('feed_cursor')
    .executeTakeFirstOrThrow()
  return row.feed_cursor
}

/** Remembers that an operation of the service is being applied; false where it was done before. */
export async function isFirstTime(trx: Trx, issueNumber: number, opId: string): Promise<boolean> {
  const result = await trx
    .insertInto('applied_operations')
    .values({ issue_number: issueNumber, op_id: opId })
    .onConflict((c) => c.doNothing())
    .executeTakeFirst()
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
}
