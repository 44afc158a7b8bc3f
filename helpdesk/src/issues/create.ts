import type { createIssueSchema } from '@proactive/shared/http'
import type { z } from 'zod'
import type { UserActor } from '../access/actor.ts'
import { limitOf, startClock } from '../clocks/response-clock.ts'
import type { Trx } from '../db/open.ts'
import type { Conflict } from './desk-operations.ts'
import { refuse } from './edit.ts'
import { writeParties } from './parties.ts'
import { type FoundIssue, findIssueByNumber } from './read.ts'
import { findTeam, hasStake } from './stakes.ts'
import { addEntry, nextFeedCursor, writeAudit } from './write.ts'

/** Opens an Issue for somebody who called or wrote; it waits Unclaimed in the Team's queue. */
export async function createIssue(
  trx: Trx,
  body: z.infer<typeof createIssueSchema>,
  { actor, nowMs }: { readonly actor: UserActor; readonly nowMs: number },
): Promise<FoundIssue | Conflict> {
  const location = await trx
    .selectFrom('locations')
    .select(['id', 'customer_id'])
    .where('id', '=', body.locationId)
    .where('is_removed', '=', 0)
    .executeTakeFirst()
  if (location === undefined || !(await hasStake(trx, actor.organizationId, body.locationId)))
    return refuse('no-stake', 'Your Organization has no stake in this Location.')
  const team = await findTeam(trx, body.ownerTeamId)
  if (team?.organizationId !== actor.organizationId)
    return refuse(
      'unknown-team',
      'An Issue begins at a Team of your own Organization; escalate it from there.',
    )
  const { number } = await trx
    .insertInto('issues')
    .values({
      key: null,
      source: body.source,
      status: 'Unclaimed',
      customer_id: location.customer_id,
      location_id: location.id,
      owner_team_id: team.id,
      owner_organization_id: team.organizationId,
      name: body.name,
      product_json: JSON.stringify({ kind: 'not-listed', name: '' }),
      severity: body.severity,
      categories_json: '[]',
      symptoms: body.symptoms,
      diagnosis: '',
      resolution_text: '',
      article_urls_json: '[]',
      is_touched: 1,
      wants_survey: 0,
      version: 1,
      change_cursor: await nextFeedCursor(trx),
      created_at_ms: nowMs,
      updated_at_ms: nowMs,
      customer_user_json: body.customerUser === undefined ? null : JSON.stringify(body.customerUser),
      ...(await startClock(trx, limitOf(body.source, body.severity), team.organizationId, nowMs)),
    })
    .returning('number')
    .executeTakeFirstOrThrow()
  await writeParties(trx, number, { ownerTeamId: team.id, collaboratorTeamIds: [] })
  await addEntry(trx, number, nowMs, {
    room: 'log',
    author: actor,
    body: `Opened for a ${body.source} request.`,
  })
  await writeAudit(trx, number, nowMs, {
    actor,
    action: 'create',
    version: 1,
    details: { source: body.source },
  })
  const found = await findIssueByNumber(trx, number)
  if (found === undefined) throw new Error(`Issue ${number} vanished while it was opened`)
  return found
}
