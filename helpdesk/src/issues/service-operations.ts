import type { OpenIssue, RecoverIssue, UpdateIssue } from '@proactive/shared/http'
import type { ServiceActor } from '../access/actor.ts'
import { limitOf, startClock } from '../clocks/response-clock.ts'
import type { Trx } from '../db/open.ts'
import { DirectoryBehindError, withoutOwner, writeParties } from './parties.ts'
import { writePass } from './passes.ts'
import { type FoundIssue, findIssueByKey, findIssueByNumber } from './read.ts'
import { addEntry, changeIssue, type IssueChange, isFirstTime, nextFeedCursor, writeAudit } from './write.ts'

/** Who acts and when; each operation runs in one transaction. */
interface Scene {
  readonly actor: ServiceActor
  readonly nowMs: number
}

/**
 * Opens the Issue of an incident, or finds the one that the key already has: its body wins, this one is not looked at.
 * @throws DirectoryBehindError where the copy lacks the Location, its Customer or a Team.
 */
export async function openIssueByKey(
  trx: Trx,
  key: string,
  body: OpenIssue,
  { actor, nowMs }: Scene,
): Promise<{ found: FoundIssue; isNew: boolean }> {
  const existing = await findIssueByKey(trx, key)
  if (existing !== undefined) return { found: existing, isNew: false }
  const customerId = await customerOfLocation(trx, body.locationId)
  const { number } = await trx
    .insertInto('issues')
    .values({
      key,
      source: 'proactive',
      status: 'Unclaimed',
      customer_id: customerId,
      location_id: body.locationId,
      owner_organization_id: '',
      resolution_text: '',
      is_touched: 0,
      wants_survey: 0,
      version: 1,
      change_cursor: await nextFeedCursor(trx),
      created_at_ms: nowMs,
      updated_at_ms: nowMs,
      owner_team_id: body.ownerTeamId,
      name: body.name,
      product_json: JSON.stringify(body.product),
      severity: body.severity,
      categories_json: JSON.stringify(body.categories),
      symptoms: body.symptoms,
      diagnosis: body.diagnosis,
      article_urls_json: JSON.stringify(body.articleUrls),
      proactive_json: JSON.stringify(body.proactive),
      mode: body.mode ?? null,
    })
    .returning('number')
    .executeTakeFirstOrThrow()
  const organizationId = await writeParties(trx, number, body)
  await trx
    .updateTable('issues')
    .set({
      owner_organization_id: organizationId,
      ...(await startClock(trx, limitOf('proactive', body.severity), organizationId, nowMs)),
    })
    .where('number', '=', number)
    .execute()
  await writeAudit(trx, number, nowMs, {
    actor,
    action: 'open',
    version: 1,
    details: { key, ownerTeamId: body.ownerTeamId, name: body.name },
  })
  await addEntry(trx, number, nowMs, {
    room: 'log',
    author: actor,
    body: `Opened by Proactive.\n${body.diagnosis}`.slice(0, 8_000),
  })
  const found = await findIssueByNumber(trx, number)
  if (found === undefined) throw new Error(`Issue ${number} vanished while it was opened`)
  return { found, isNew: true }
}

/**
 * The diagnosis moved: owner and product follow it, the former owner Team stays beside it, so that nobody explains twice.
 * A claim ends with the move: the new Team's queue gets it Unclaimed. A person's close stands: only words are added then.
 */
export async function updateIssueByKey(
  trx: Trx,
  found: FoundIssue,
  { opId, note, change }: UpdateIssue,
  { actor, nowMs }: Scene,
): Promise<FoundIssue> {
  if (!(await isFirstTime(trx, found.number, opId))) return found
  const { issue } = found
  const isClosedByPerson = issue.isTouched && (issue.status === 'Resolved' || issue.status === 'Cancelled')
  const columns: IssueChange = {
    ...(change.symptoms === undefined ? {} : { symptoms: change.symptoms }),
    ...(change.diagnosis === undefined ? {} : { diagnosis: change.diagnosis }),
    ...(change.proactive === undefined ? {} : { proactive_json: JSON.stringify(change.proactive) }),
  }
  const lines = note === '' ? [] : [note]
  if (!isClosedByPerson) {
    if (change.name !== undefined) columns.name = change.name
    if (change.product !== undefined) columns.product_json = JSON.stringify(change.product)
    if (change.severity !== undefined) columns.severity = change.severity
    if (change.categories !== undefined) columns.categories_json = JSON.stringify(change.categories)
    if (change.articleUrls !== undefined) columns.article_urls_json = JSON.stringify(change.articleUrls)
    if (change.mode !== undefined) columns.mode = change.mode
    const move = await moveParties(trx, found, change)
    if (move.toTeamId !== undefined) {
      await writePass(trx, found, {
        kind: 'cause-moved',
        toTeamId: move.toTeamId,
        note,
        byName: actor.name,
        nowMs,
      })
      if (isOpen(issue)) {
        const limit = limitOf(issue.source, change.severity ?? issue.severity)
        Object.assign(columns, await startClock(trx, limit, move.toOrganizationId, nowMs))
      }
    }
    Object.assign(columns, move.columns)
    lines.push(...move.lines)
  }
  if (lines.length > 0) {
    const body = lines.join('\n').slice(0, 8_000)
    await addEntry(trx, found.number, nowMs, { room: 'log', author: actor, body })
  }
  return changeIssue(trx, found, nowMs, columns, { actor, action: 'update', details: { opId } })
}

function isOpen({ status }: FoundIssue['issue']): boolean {
  return status === 'Unclaimed' || status === 'Remote'
}

/** The collaborators after a move: those it had, those it gets, and the Team that owned it; never the new owner. */
async function moveParties(
  trx: Trx,
  { issue, number }: FoundIssue,
  change: UpdateIssue['change'],
): Promise<{ columns: IssueChange; lines: string[]; toTeamId?: string; toOrganizationId: string }> {
  if (change.ownerTeamId === undefined && change.collaboratorTeamIds === undefined)
    return { columns: {}, lines: [], toOrganizationId: issue.ownerOrganizationId }
  const ownerTeamId = change.ownerTeamId ?? issue.ownerTeamId
  const isMove = ownerTeamId !== issue.ownerTeamId
  const collaboratorTeamIds = withoutOwner({
    ownerTeamId,
    collaboratorTeamIds: [
      ...issue.collaboratorTeamIds,
      ...(change.collaboratorTeamIds ?? []),
      issue.ownerTeamId,
    ],
  })
  const ownerOrganizationId = await writeParties(trx, number, { ownerTeamId, collaboratorTeamIds })
  if (!isMove) return { columns: {}, lines: [], toOrganizationId: ownerOrganizationId }
  const owner = await trx.selectFrom('teams').select('name').where('id', '=', ownerTeamId).executeTakeFirst()
  return {
    toTeamId: ownerTeamId,
    toOrganizationId: ownerOrganizationId,
    columns: {
      owner_team_id: ownerTeamId,
      owner_organization_id: ownerOrganizationId,
      owner_user_id: null,
      owner_user_name: null,
      ...(issue.status === 'Remote' ? { status: 'Unclaimed' as const } : {}),
    },
    lines: [
      `The cause moved: owner Team is now ${owner?.name ?? ownerTeamId}; ${issue.ownerTeamName} stays as collaborator.`,
    ],
  }
}

/** The fault is over and stayed so: resolves an Issue that nobody touched, else leaves a note that asks to confirm. */
export async function recoverIssueByKey(
  trx: Trx,
  found: FoundIssue,
  { opId, clearedAtMs, note, endedBy }: RecoverIssue,
  { actor, nowMs }: Scene,
): Promise<FoundIssue> {
  if (!(await isFirstTime(trx, found.number, opId))) return found
  const { issue } = found
  const resolves = issue.status === 'Unclaimed' && !issue.isTouched
  const isFolded = endedBy === 'folded'
  const request = isFolded
    ? 'Please go on in that Issue, then resolve this one.'
    : 'Please confirm with the Customer, then resolve this Issue.'
  const lines = [
    note,
    ...(resolves
      ? [isFolded ? 'Resolved: explained.' : 'Resolved by itself.']
      : isOpen(issue)
        ? [request]
        : []),
  ]
  const body = lines.filter((line) => line !== '').join('\n')
  await addEntry(trx, found.number, nowMs, { room: 'log', author: actor, body })
  const change: IssueChange = {
    ...(isFolded ? {} : { cleared_at_ms: clearedAtMs }),
    ...(resolves
      ? {
          status: 'Resolved',
          resolution: 'Completed',
          ...(isFolded ? {} : { closing_code: 'self-recovered' as const }),
          resolution_text: note,
          resolved_at_ms: nowMs,
        }
      : {}),
  }
  return changeIssue(trx, found, nowMs, change, { actor, action: 'recovery', details: { opId } })
}

async function customerOfLocation(trx: Trx, locationId: string): Promise<string> {
  const row = await trx
    .selectFrom('locations')
    .innerJoin('customers', 'customers.id', 'locations.customer_id')
    .select('locations.customer_id as id')
    .where('locations.id', '=', locationId)
    .where('locations.is_removed', '=', 0)
    .executeTakeFirst()
  if (row !== undefined) return row.id
  throw new DirectoryBehindError(
    `Location "${locationId}" is not in the helpdesk's copy of the directory; send the directory's changes, then this again.`,
  )
}
