import type { OpenIssue, RecoverIssue, UpdateIssue } from '@proactive/shared/http'
import type { Effect, IncidentReport } from '../faults/model.ts'
import type { OperationKind, OperationState } from './tables.ts'

export type IncidentEffect = Extract<Effect, { readonly type: 'incident' }>

/** An operation that is not done yet. */
export interface WaitingOperation {
  readonly opSeq: number
  readonly kind: OperationKind
  readonly state: OperationState
  readonly attempts: number
  readonly body: string
  /** An open that the flap guard holds back. */
  readonly isHeldAsFlapping: boolean
}

/** What is known of a key before the effect. */
export interface KnownKey {
  readonly told: OpenIssue
  readonly lastNoteAtMs: number
  readonly nextSeq: number
  /** The recovery was told, or waits to be: it is told once. */
  readonly isRecoveryPlanned: boolean
  /** It is long over, and its evidence was taken away: what comes of it now is a repeat. */
  readonly isCondensed: boolean
  /** Its last operation, where that one still waits. */
  readonly tail: WaitingOperation | undefined
}

/** Change of the outbox. `replace` and `drop` are only planned for an operation that was never sent. */
export type OutboxChange =
  | {
      readonly type: 'insert'
      readonly opSeq: number
      readonly kind: OperationKind
      readonly body: string
      readonly dueAtMs: number
    }
  | { readonly type: 'replace'; readonly opSeq: number; readonly body: string; readonly dueAtMs: number }
  | { readonly type: 'drop'; readonly opSeq: number }

/** What an effect means for the outbox, and what the helpdesk will have been told then. */
export interface OperationPlan {
  readonly changes: readonly OutboxChange[]
  readonly told: OpenIssue | undefined
  readonly lastNoteAtMs: number
}

export interface PlanOptions {
  readonly nowMs: number
  /** At most one note per Issue in this time; moves and closes do not wait (5 min; 5 s in the lab). */
  readonly coalesceMs: number
}

/**
 * Decides what the helpdesk is told about a change of an incident. Pure.
 * Coalesces before sending: what was never sent is rewritten, so that after an outage the final state is told, not its history.
 * A recovery never opens an Issue, and only a closed incident (it stayed well) is told as recovered.
 */
export function planOperations(
  effect: IncidentEffect,
  issue: OpenIssue | undefined,
  known: KnownKey | undefined,
  options: PlanOptions,
): OperationPlan {
  const { report } = effect
  if (known === undefined) return planOpen(report, issue, options)
  if (known.isCondensed) return { changes: [], told: undefined, lastNoteAtMs: known.lastNoteAtMs }
  const isClosed = report.state === 'closed'
  const { tail } = known
  // One more time that a flapping device came back by itself: the desk has heard of it often enough today.
  if (isClosed && tail?.kind === 'open' && tail.attempts === 0 && tail.isHeldAsFlapping)
    return {
      changes: [{ type: 'drop', opSeq: tail.opSeq }],
      told: known.told,
      lastNoteAtMs: known.lastNoteAtMs,
    }
  const isMove = effect.change === 'moved'
  // While it recovers the list of sufferers shrinks: that is not worth telling.
  const wanted = issue === undefined ? known.told : issueToTell(issue, known.told, report, isMove)
  const { changes, told, lastNoteAtMs, nextSeq } = planUpdate(report, wanted, known, {
    ...options,
    isUrgent: isClosed || isMove,
  })
  if (!isClosed || known.isRecoveryPlanned) return { changes, told, lastNoteAtMs }
  const recovery: RecoverIssue = {
    opId: `op-${nextSeq}`,
    clearedAtMs: report.clearedAtMs ?? report.closedAtMs ?? options.nowMs,
    note: report.endedBy === 'folded' ? foldedNote(report) : recoveryNote(report),
    ...(report.endedBy === 'folded' ? { endedBy: 'folded' as const } : {}),
  }
  const insert = {
    type: 'insert',
    opSeq: nextSeq,
    kind: 'recover',
    body: JSON.stringify(recovery),
    dueAtMs: options.nowMs,
  } as const
  return { changes: [...changes, insert], told, lastNoteAtMs }
}

function planOpen(
  report: IncidentReport,
  issue: OpenIssue | undefined,
  { nowMs }: PlanOptions,
): OperationPlan {
  if (issue === undefined || report.state !== 'open')
    return { changes: [], told: undefined, lastNoteAtMs: nowMs }
  const body = JSON.stringify(issue)
  return {
    changes: [{ type: 'insert', opSeq: 1, kind: 'open', body, dueAtMs: nowMs }],
    told: issue,
    lastNoteAtMs: nowMs,
  }
}

/** Once it recovers only the explanation goes on: cause, owner, product; what was affected stays written down. */
function issueToTell(
  issue: OpenIssue,
  told: OpenIssue,
  { state }: IncidentReport,
  isMove: boolean,
): OpenIssue {
  const collaboratorTeamIds = [...new Set([...told.collaboratorTeamIds, ...issue.collaboratorTeamIds])]
    .filter((teamId) => teamId !== issue.ownerTeamId)
    .slice(0, 16)
  if (state === 'open') return { ...issue, collaboratorTeamIds }
  const affected = new Set([...told.proactive.affectedDeviceIds, ...issue.proactive.affectedDeviceIds])
  return {
    ...issue,
    collaboratorTeamIds,
    name: isMove ? issue.name : told.name,
    symptoms: told.symptoms,
    severity: told.severity,
    proactive: { ...issue.proactive, affectedDeviceIds: [...affected].slice(0, 1_100) },
  }
}

function planUpdate(
  report: IncidentReport,
  wanted: OpenIssue,
  known: KnownKey,
  { nowMs, coalesceMs, isUrgent }: PlanOptions & { isUrgent: boolean },
): { changes: OutboxChange[]; told: OpenIssue; lastNoteAtMs: number; nextSeq: number } {
  const { told, tail, lastNoteAtMs, nextSeq } = known
  const change = differences(told, wanted)
  const isUnsent = tail?.state === 'pending' && tail.attempts === 0
  const isSame = Object.keys(change).length === 0
  if (isSame) {
    // Nothing new; a note that waits for its turn must not hold back a recovery.
    const hurried =
      isUrgent && isUnsent && tail.kind === 'update'
        ? [{ type: 'replace' as const, opSeq: tail.opSeq, body: tail.body, dueAtMs: nowMs }]
        : []
    return { changes: hurried, told, lastNoteAtMs, nextSeq }
  }
  if (isUnsent && tail.kind === 'open') {
    const body = JSON.stringify(wanted)
    const replaced: OutboxChange = { type: 'replace', opSeq: tail.opSeq, body, dueAtMs: nowMs }
    return { changes: [replaced], told: wanted, lastNoteAtMs, nextSeq }
  }
  const dueAtMs = isUrgent ? nowMs : Math.max(nowMs, lastNoteAtMs + coalesceMs)
  const waiting: UpdateIssue['change'] =
    isUnsent && tail.kind === 'update' ? (JSON.parse(tail.body) as UpdateIssue).change : {}
  const opSeq = isUnsent && tail.kind === 'update' ? tail.opSeq : nextSeq
  const update: UpdateIssue = {
    opId: `op-${opSeq}`,
    note: updateNote(report, change),
    change: { ...waiting, ...change },
  }
  const body = JSON.stringify(update)
  return opSeq === nextSeq
    ? {
        changes: [{ type: 'insert', opSeq, kind: 'update', body, dueAtMs }],
        told: wanted,
        lastNoteAtMs: dueAtMs,
        nextSeq: nextSeq + 1,
      }
    : {
        changes: [{ type: 'replace', opSeq, body, dueAtMs }],
        told: wanted,
        lastNoteAtMs: isUrgent ? nowMs : lastNoteAtMs,
        nextSeq,
      }
}

/** The fields that differ, as an update carries them. */
function differences(told: OpenIssue, wanted: OpenIssue): UpdateIssue['change'] {
  const entries = Object.entries(wanted).filter(
    ([field, value]) =>
      field !== 'locationId' && JSON.stringify(value) !== JSON.stringify(told[field as keyof OpenIssue]),
  )
  return Object.fromEntries(entries)
}

/** Says what is new: a moved cause in full, else the newest reason. */
function updateNote(report: IncidentReport, change: UpdateIssue['change']): string {
  const newest = report.reasons.at(-1)?.text
  const lines = [report.headline]
  if (change.ownerTeamId !== undefined || change.product !== undefined) lines.push(report.diagnosis)
  else if (newest !== undefined && newest !== report.headline) lines.push(newest)
  return lines.join('\n').slice(0, 4_000)
}

function foldedNote({ reasons }: IncidentReport): string {
  const newest = reasons.at(-1)?.text
  return `The fault is not over: it goes on in another Issue.${newest === undefined ? '' : `\n${newest}`}`.slice(
    0,
    4_000,
  )
}

/** The headline says since when it is over, on the Location's own clock. */
function recoveryNote({ headline, reasons }: IncidentReport): string {
  const newest = reasons.at(-1)?.text
  return `The fault is over and stayed away: ${headline}.${newest === undefined ? '' : `\n${newest}`}`.slice(
    0,
    4_000,
  )
}
