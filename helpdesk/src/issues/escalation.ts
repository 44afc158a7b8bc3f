import type { EscalateIssue, giveBackSchema, handOverSchema } from '@proactive/shared/http'
import type { z } from 'zod'
import type { UserActor } from '../access/actor.ts'
import { limitOf, startClock } from '../clocks/response-clock.ts'
import type { Trx } from '../db/open.ts'
import type { Conflict } from './desk-operations.ts'
import { refuse } from './edit.ts'
import { writeParties } from './parties.ts'
import { markGivenBack, openPass, writePass } from './passes.ts'
import type { FoundIssue } from './read.ts'
import { findTeam, findUser, hasStake } from './stakes.ts'
import { addEntry, changeIssue, type IssueChange } from './write.ts'

interface Scene {
  readonly actor: UserActor
  readonly nowMs: number
}

/** To a Team of another Organization at this Location: it owns the Issue then, with everything that was said; the former Team stays beside it. */
export async function escalateIssue(
  trx: Trx,
  found: FoundIssue,
  body: EscalateIssue,
  scene: Scene,
): Promise<FoundIssue | Conflict> {
  const { issue } = found
  const blocked = closedConflict(found)
  if (blocked !== undefined) return blocked
  const team = await findTeam(trx, body.teamId)
  if (team === undefined) return refuse('unknown-team', `There is no Team ${body.teamId}.`)
  if (team.organizationId === issue.ownerOrganizationId)
    return refuse('own-organization', 'This Team is of your own Organization: hand the Issue over instead.')
  if (!(await hasStake(trx, team.organizationId, issue.locationId)))
    return refuse(
      'no-stake',
      'That Organization has no stake in the Location: nobody there could see its network.',
    )
  const { actor, nowMs } = scene
  await writePass(trx, found, {
    kind: 'escalate',
    toTeamId: team.id,
    note: body.note,
    byName: actor.name,
    nowMs,
    isCritical: body.isCritical,
    businessImpact: body.businessImpact,
    partnerCaseNumber: body.partnerCaseNumber,
  })
  const lines = [
    `${body.isCritical ? 'Critical escalation' : 'Escalated'} from ${issue.ownerTeamName} to ${team.name}: ${body.note}`,
    ...(body.businessImpact === undefined ? [] : [`Business impact: ${body.businessImpact}`]),
    ...(body.partnerCaseNumber === undefined ? [] : [`Their case: ${body.partnerCaseNumber}`]),
  ]
  const clock = body.isCritical ? 'critical' : limitOf(issue.source, issue.severity)
  return pass(trx, found, scene, {
    team,
    userId: undefined,
    action: 'escalate',
    text: lines.join('\n'),
    extra: {
      ...(body.isCritical ? { severity: 'critical' } : {}),
      ...(await startClock(trx, clock, team.organizationId, nowMs)),
    },
  })
}

/** Back to the Team, and the User, that escalated it; the Team that had it stays beside it. */
export async function deEscalateIssue(
  trx: Trx,
  found: FoundIssue,
  body: z.infer<typeof giveBackSchema>,
  scene: Scene,
): Promise<FoundIssue | Conflict> {
  return giveBack(trx, found, body, scene, 'escalate', 'de-escalate', 'De-escalated')
}

/** First to second line, or any Team of the own Organization, with a note that explains. */
export async function handOverIssue(
  trx: Trx,
  found: FoundIssue,
  { teamId, note }: z.infer<typeof handOverSchema>,
  scene: Scene,
): Promise<FoundIssue | Conflict> {
  const blocked = closedConflict(found)
  if (blocked !== undefined) return blocked
  const { issue } = found
  const team = await findTeam(trx, teamId)
  if (team === undefined || team.organizationId !== issue.ownerOrganizationId)
    return refuse(
      'unknown-team',
      'Choose a Team of your own Organization; for another Organization escalate.',
    )
  if (team.id === issue.ownerTeamId)
    return refuse('own-team', `${team.name} has this Issue already: assign it within the Team instead.`)
  await writePass(trx, found, {
    kind: 'hand-over',
    toTeamId: team.id,
    note,
    byName: scene.actor.name,
    nowMs: scene.nowMs,
  })
  const text = `Handed over from ${issue.ownerTeamName} to ${team.name} (line ${team.line}): ${note}`
  return pass(trx, found, scene, { team, userId: undefined, action: 'hand-over', text, extra: {} })
}

/** The second line is done: back to who handed it over, who answers the Customer. */
export async function handBackIssue(
  trx: Trx,
  found: FoundIssue,
  body: z.infer<typeof giveBackSchema>,
  scene: Scene,
): Promise<FoundIssue | Conflict> {
  return giveBack(trx, found, body, scene, 'hand-over', 'hand-back', 'Handed back')
}

async function giveBack(
  trx: Trx,
  found: FoundIssue,
  { note }: z.infer<typeof giveBackSchema>,
  scene: Scene,
  undoes: 'escalate' | 'hand-over',
  kind: 'de-escalate' | 'hand-back',
  verb: string,
): Promise<FoundIssue | Conflict> {
  const blocked = closedConflict(found)
  if (blocked !== undefined) return blocked
  const step = await openPass(trx, found, undoes)
  const team = step === undefined ? undefined : await findTeam(trx, step.from_team_id)
  if (step === undefined || team === undefined)
    return refuse('nothing-to-give-back', 'Nobody passed this Issue to the Team that has it now.')
  await markGivenBack(trx, step.id)
  const { actor, nowMs } = scene
  await writePass(trx, found, { kind, toTeamId: team.id, note, byName: actor.name, nowMs })
  const text = `${verb} to ${team.name}: ${note}`
  return pass(trx, found, scene, {
    team,
    userId: step.from_user_id ?? undefined,
    action: kind,
    text,
    extra: {},
  })
}

interface Step {
  readonly team: { readonly id: string; readonly organizationId: string }
  /** Who gets it; nobody = Unclaimed in the Team's queue. */
  readonly userId: string | undefined
  readonly action: string
  readonly text: string
  readonly extra: IssueChange
}

async function pass(trx: Trx, found: FoundIssue, { actor, nowMs }: Scene, step: Step): Promise<FoundIssue> {
  const { issue } = found
  await writeParties(trx, found.number, {
    ownerTeamId: step.team.id,
    collaboratorTeamIds: [...issue.collaboratorTeamIds, issue.ownerTeamId],
  })
  const user = step.userId === undefined ? undefined : await findUser(trx, step.userId)
  await addEntry(trx, found.number, nowMs, { room: 'log', author: actor, body: step.text.slice(0, 8_000) })
  const columns: IssueChange = {
    owner_team_id: step.team.id,
    owner_organization_id: step.team.organizationId,
    owner_user_id: user?.id ?? null,
    owner_user_name: user?.name ?? null,
    status: user === undefined ? 'Unclaimed' : 'Remote',
    is_touched: 1,
    ...step.extra,
  }
  return changeIssue(trx, found, nowMs, columns, {
    actor,
    action: step.action,
    details: { from: issue.ownerTeamId },
  })
}

function closedConflict({ issue }: FoundIssue): Conflict | undefined {
  return issue.status === 'Resolved' || issue.status === 'Cancelled'
    ? refuse('already-closed', `Issue ${issue.number} is already ${issue.status}.`)
    : undefined
}
