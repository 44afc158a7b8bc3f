import type { DeskReport, DeskStanding } from '@proactive/shared/http'
import type { CustomerActor, UserActor } from '../access/actor.ts'
import type { Database, Trx } from '../db/open.ts'
import { createIssue } from './create.ts'
import { type Conflict, isConflict } from './desk-operations.ts'
import { type FoundIssue, findIssueByNumber, inflate } from './read.ts'
import { addEntry, changeIssue, isFirstTime } from './write.ts'

/** What a report opens or says, in the words of the Issue. */
const sentences = {
  'works-again': 'The merchant says: it works again.',
  'still-broken': 'The merchant says: it does not work.',
  problem: 'The merchant reports a problem.',
} as const

const maxOpen = 50
const maxMessages = 20

/**
 * Takes a merchant's words in: into the open Issue that this link spoke in last, else the newest open one at the Location that the Organization
 * takes part in, else a new one in the Organization's Team. "Works again" opens none. A repeat of `reportId` changes nothing, whatever became of
 * the Issue it was said to.
 * @returns the Issue; undefined = nothing to say it to; a conflict where the Organization has no stake or no such Team.
 */
export async function takeReport(
  trx: Trx,
  report: DeskReport,
  nowMs: number,
): Promise<{ found: FoundIssue; isNew: boolean } | undefined | Conflict> {
  const said = await findSaid(trx, report)
  if (said !== undefined) return { found: said, isNew: false }
  const open = await openIssues(trx, report)
  const spokenIn = await numbersSpokenIn(trx, report)
  const target = open.find(({ number }) => spokenIn.has(number)) ?? open[0]
  if (target !== undefined) return { found: await say(trx, target, report, nowMs), isNew: false }
  if (report.kind === 'works-again') return undefined
  const made = await createIssue(
    trx,
    {
      locationId: report.locationId,
      name: report.kind === 'problem' ? 'Merchant reports a problem' : 'Merchant says that it does not work',
      source: 'web',
      ownerTeamId: report.teamId,
      severity: 'medium',
      symptoms: report.text === '' ? sentences[report.kind] : report.text,
      customerUser: { name: report.name, ...(report.phone === undefined ? {} : { phone: report.phone }) },
    },
    { actor: page(report), nowMs },
  )
  if (isConflict(made)) return made
  return { found: await say(trx, made, report, nowMs), isNew: true }
}

/** The Issue of this Location that the report stands in already. */
async function findSaid(
  trx: Trx,
  { reportId, locationId }: Pick<DeskReport, 'reportId' | 'locationId'>,
): Promise<FoundIssue | undefined> {
  const row = await trx
    .selectFrom('applied_operations')
    .innerJoin('issues', 'issues.number', 'applied_operations.issue_number')
    .select('issues.number')
    .where('issues.location_id', '=', locationId)
    .where('applied_operations.op_id', '=', reportId)
    .limit(1)
    .executeTakeFirst()
  return row && findIssueByNumber(trx, row.number)
}

async function say(trx: Trx, found: FoundIssue, report: DeskReport, nowMs: number): Promise<FoundIssue> {
  if (!(await isFirstTime(trx, found.number, report.reportId))) return found
  const author: CustomerActor = {
    kind: 'customer',
    id: report.linkId,
    name: report.name,
    customerId: found.issue.customerId,
  }
  const lines = [
    sentences[report.kind],
    ...(report.text === '' ? [] : [report.text]),
    ...(report.phone === undefined ? [] : [`Phone: ${report.phone}`]),
  ]
  await addEntry(trx, found.number, nowMs, { room: 'public', author, body: lines.join('\n') })
  return changeIssue(
    trx,
    found,
    nowMs,
    { is_touched: 1 },
    { actor: author, action: `merchant-${report.kind}` },
  )
}

/** What the merchant's page may know: who works on what, and the conversation that this link takes part in. */
export async function readStanding(
  db: Database,
  scope: Pick<DeskReport, 'locationId' | 'organizationId' | 'linkId'>,
): Promise<DeskStanding> {
  const open = await openIssues(db, scope)
  const spokenIn = await numbersSpokenIn(db, scope)
  const ids = open.map(({ number }) => number)
  const claims =
    ids.length === 0
      ? []
      : await db
          .selectFrom('audit')
          .select(['issue_number', (eb) => eb.fn.max('at_ms').as('at_ms')])
          .where('issue_number', 'in', ids)
          .where('action', 'in', ['claim', 'assign'])
          .groupBy('issue_number')
          .execute()
  const claimedAt = new Map(claims.map((row) => [row.issue_number, row.at_ms]))
  const names = await db.selectFrom('organizations').select(['id', 'name']).execute()
  const nameById = new Map(names.map(({ id, name }) => [id, name]))
  return {
    issues: open.map(({ issue, number, ownerOrganizationId }) => {
      const name = nameById.get(ownerOrganizationId)
      // OEM: the Customer never hears of who works behind the first Team.
      const isHidden = issue.mode === 'oem' && ownerOrganizationId !== scope.organizationId
      return {
        ...(issue.key === undefined ? {} : { key: issue.key }),
        isOfLink: spokenIn.has(number),
        ...(name === undefined || isHidden ? {} : { organizationName: name }),
        openedAtMs: issue.createdAtMs,
        ...(issue.status === 'Remote' ? { claimedAtMs: claimedAt.get(number) ?? issue.updatedAtMs } : {}),
      }
    }),
    messages: await messagesOf(db, spokenIn, scope),
  }
}

/** Open Issues of the Location that the Organization owns or works on, newest first. */
async function openIssues(
  db: Database | Trx,
  { locationId, organizationId }: Pick<DeskReport, 'locationId' | 'organizationId'>,
): Promise<FoundIssue[]> {
  const rows = await db
    .selectFrom('issues')
    .selectAll('issues')
    .innerJoin('issue_organizations as seen', 'seen.issue_number', 'issues.number')
    .where('issues.location_id', '=', locationId)
    .where('seen.organization_id', '=', organizationId)
    .where('issues.status', 'in', ['Unclaimed', 'Remote'])
    .orderBy('issues.number', 'desc')
    .limit(maxOpen)
    .execute()
  return inflate(db, rows)
}

async function numbersSpokenIn(
  db: Database | Trx,
  { locationId, linkId }: Pick<DeskReport, 'locationId' | 'linkId'>,
): Promise<ReadonlySet<number>> {
  const rows = await db
    .selectFrom('issues')
    .innerJoin('entries', 'entries.issue_number', 'issues.number')
    .select('entries.issue_number')
    .distinct()
    .where('issues.location_id', '=', locationId)
    .where('entries.author_kind', '=', 'customer')
    .where('entries.author_id', '=', linkId)
    .orderBy('entries.issue_number', 'desc')
    .limit(maxOpen)
    .execute()
  return new Set(rows.map((row) => row.issue_number))
}

/** The public room of what this link spoke in, from its first word on: what was said before was said to somebody else. */
async function messagesOf(
  db: Database,
  numbers: ReadonlySet<number>,
  { organizationId, linkId }: Pick<DeskReport, 'organizationId' | 'linkId'>,
): Promise<DeskStanding['messages']> {
  const newest = Math.max(0, ...numbers)
  const found = newest === 0 ? undefined : await findIssueByNumber(db, newest)
  if (found === undefined || !found.organizationIds.includes(organizationId)) return []
  const rows = await db
    .selectFrom('entries')
    .selectAll()
    .where('issue_number', '=', newest)
    .where('room', '=', 'public')
    .where('id', '>=', (eb) =>
      eb
        .selectFrom('entries as own')
        .select((inner) => inner.fn.min('own.id').as('id'))
        .where('own.issue_number', '=', newest)
        .where('own.author_kind', '=', 'customer')
        .where('own.author_id', '=', linkId),
    )
    .orderBy('id', 'desc')
    .limit(maxMessages)
    .execute()
  return rows.reverse().map((row) => ({
    fromUs: row.author_kind !== 'customer',
    name: row.author_name,
    body: row.body,
    atMs: row.at_ms,
  }))
}

/** Whoever opens the Issue: the page on behalf of the Organization that gave the link away. */
function page({ linkId, organizationId, teamId }: DeskReport): UserActor {
  return {
    kind: 'user',
    id: linkId,
    name: 'The merchant’s page',
    role: 'agent',
    organizationId,
    teamIds: [teamId],
  }
}
