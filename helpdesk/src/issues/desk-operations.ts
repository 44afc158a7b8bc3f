import type { addEntrySchema, resolveIssueSchema } from '@proactive/shared/http'
import type { z } from 'zod'
import type { UserActor } from '../access/actor.ts'
import { stopClock, waitsForCustomerAnswer } from '../clocks/response-clock.ts'
import type { Trx } from '../db/open.ts'
import type { FoundIssue } from './read.ts'
import { addEntry, changeIssue } from './write.ts'

/** Who acts and when; each operation runs in one transaction, on an Issue the actor was found to be allowed to work on. */
interface Scene {
  readonly actor: UserActor
  readonly nowMs: number
}

/** Why an operation of a person did not happen; the code of the problem that answers it. */
export type Conflict = {
  readonly conflict:
    | 'already-claimed'
    | 'already-closed'
    | 'not-at-location'
    | 'unknown-team'
    | 'unknown-user'
    | 'own-organization'
    | 'own-team'
    | 'no-stake'
    | 'nothing-to-give-back'
    | 'too-many-files'
    | 'empty-file'
  readonly sentence: string
}

export function isConflict(result: object): result is Conflict {
  return 'conflict' in result
}

/** Compare-and-set on Unclaimed: of two who claim at once one gets it. Claiming what one owns already changes nothing. */
export async function claimIssue(
  trx: Trx,
  found: FoundIssue,
  { actor, nowMs }: Scene,
): Promise<FoundIssue | Conflict> {
  const { issue } = found
  if (issue.status === 'Remote' && issue.ownerUserId === actor.id) return found
  if (issue.status === 'Remote') {
    return {
      conflict: 'already-claimed',
      sentence: `Issue ${issue.number} was already claimed by ${issue.ownerUserName ?? 'somebody else'}.`,
    }
  }
  if (issue.status !== 'Unclaimed') return closed(found)
  await addEntry(trx, found.number, nowMs, { room: 'log', author: actor, body: 'Claimed this Issue.' })
  const change = {
    status: 'Remote',
    owner_user_id: actor.id,
    owner_user_name: actor.name,
    is_touched: 1,
    ...(waitsForCustomerAnswer(issue) ? {} : stopClock(issue, nowMs)),
  } as const
  return changeIssue(trx, found, nowMs, change, { actor, action: 'claim' })
}

/** Says something in a room. Also allowed after the close: a conversation has no last word. */
export async function addEntryOfUser(
  trx: Trx,
  found: FoundIssue,
  { room, body }: z.infer<typeof addEntrySchema>,
  { actor, nowMs }: Scene,
): Promise<FoundIssue> {
  await addEntry(trx, found.number, nowMs, { room, author: actor, body })
  const isAnswer = room === 'public' || !waitsForCustomerAnswer(found.issue)
  const change = { is_touched: 1, ...(isAnswer ? stopClock(found.issue, nowMs) : {}) }
  return changeIssue(trx, found, nowMs, change, { actor, action: 'entry', details: { room } })
}

/** Ends an Issue as Completed or Cancelled. */
export async function resolveIssue(
  trx: Trx,
  found: FoundIssue,
  { resolution, text, closingCode, survey }: z.infer<typeof resolveIssueSchema>,
  { actor, nowMs }: Scene,
): Promise<FoundIssue | Conflict> {
  const { issue } = found
  if (issue.status === 'Resolved' || issue.status === 'Cancelled') return closed(found)
  const status = resolution === 'Completed' ? 'Resolved' : 'Cancelled'
  const body = `${status === 'Resolved' ? 'Resolved' : 'Cancelled'} this Issue.${text === '' ? '' : `\n${text}`}`
  await addEntry(trx, found.number, nowMs, { room: 'log', author: actor, body })
  const change = {
    status,
    resolution,
    closing_code: closingCode ?? (resolution === 'Completed' ? 'true' : 'false'),
    ...(text === '' ? {} : { resolution_text: text }),
    resolved_at_ms: nowMs,
    wants_survey: survey ? 1 : 0,
    is_touched: 1,
    ...(issue.ownerUserId === undefined ? { owner_user_id: actor.id, owner_user_name: actor.name } : {}),
    ...stopClock(issue, nowMs),
  } as const
  return changeIssue(trx, found, nowMs, change, { actor, action: 'resolve' })
}

function closed({ issue }: FoundIssue): Conflict {
  return { conflict: 'already-closed', sentence: `Issue ${issue.number} is already ${issue.status}.` }
}
