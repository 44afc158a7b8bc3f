import type { HelpdeskCaps, HelpdeskOutcome, RemoteIssue } from './helpdesk.ts'
import type { Settlement } from './outbox-store.ts'
import type { OperationRow } from './tables.ts'

/** How long attempts go on and how far apart; milliseconds. */
export interface RetryPolicy {
  /** Upper limit of the first pause; it doubles with every attempt. */
  readonly firstPauseMs: number
  readonly maxPauseMs: number
  /** After this time a refusal that might pass (a token, a Team not yet in the copy) counts as permanent. */
  readonly giveUpAfterMs: number
}

export const defaultRetryPolicy: RetryPolicy = {
  firstPauseMs: 200,
  maxPauseMs: 30_000,
  giveUpAfterMs: 60 * 60_000,
}

/** Full-jitter backoff: between half and all of the doubled pause, so that a fleet of keys does not knock in step. */
export function pauseMs(attempts: number, random: number, { firstPauseMs, maxPauseMs }: RetryPolicy): number {
  const full = Math.min(maxPauseMs, firstPauseMs * 2 ** Math.min(attempts - 1, 20))
  return Math.round(full * (0.5 + random / 2))
}

export interface Circumstances {
  readonly nowMs: number
  /** 0 ≤ random < 1. */
  readonly random: number
  readonly caps: HelpdeskCaps
  readonly policy: RetryPolicy
}

/**
 * What an attempt's outcome means for its row. Pure.
 * Doubt about an open settles first where the provider has to be searched; unreachable never ends in the dead letters.
 */
export function judgeAttempt(
  operation: Pick<OperationRow, 'kind' | 'attempts' | 'created_at_ms'>,
  outcome: HelpdeskOutcome<RemoteIssue>,
  { nowMs, random, caps, policy }: Circumstances,
): Settlement {
  const pause = pauseMs(operation.attempts, random, policy)
  switch (outcome.kind) {
    case 'ok':
      return { state: 'done', remote: outcome.value }
    case 'permanent':
      return { state: 'dead', reason: `${outcome.code}: ${outcome.message}` }
    case 'ambiguous':
      return {
        state: 'ambiguous',
        dueAtMs: nowMs + Math.max(pause, operation.kind === 'open' ? caps.settleMs : 0),
        reason: outcome.reason,
      }
    case 'retry': {
      const isPatient = outcome.isUnreachable || outcome.afterMs !== null
      if (!isPatient && nowMs - operation.created_at_ms > policy.giveUpAfterMs) {
        return { state: 'dead', reason: `given up: ${outcome.reason}` }
      }
      const dueAtMs = nowMs + Math.max(outcome.afterMs ?? 0, pause)
      return { state: 'retry', dueAtMs, reason: outcome.reason }
    }
  }
}
