import type { EpochMs } from '@proactive/shared'
import { noteReturn } from './habit.ts'
import { confirmClaim, tell } from './standing.ts'
import type { DeviceFacts } from './state.ts'
import type { Turn } from './turn.ts'

const fresh = { isFresh: true }

/** A sign of life, fresh or late; remembers the newest. */
export function sawDevice(turn: Turn, facts: DeviceFacts, atMs: EpochMs): void {
  if (atMs > facts.seenMs) {
    if (facts.seenMs === 0 || isAwaited(turn, facts)) turn.isChanged = true
    facts.seenMs = atMs
  }
}

function isAwaited(turn: Turn, facts: DeviceFacts): boolean {
  const hold = turn.state.hold
  return hold !== null && facts.seenMs < hold.startedMs
}

/** An observation says that the device answers since then. */
export function answered(
  turn: Turn,
  facts: DeviceFacts,
  atMs: EpochMs,
  isFresh: boolean,
  evidence: string,
): void {
  if (isFresh) noteReturn(turn.state, facts, atMs)
  sawDevice(turn, facts, atMs)
  facts.emptyBatches = 0
  if (tell(turn, facts, 'good', atMs, { isFresh }, evidence)) turn.isChanged = true
}

/** An observation says that the device is silent since then, after its tries. */
export function fellSilent(
  turn: Turn,
  facts: DeviceFacts,
  sinceMs: EpochMs,
  isFresh: boolean,
  evidence: string,
): void {
  // Who falls silent was there just before.
  if (isFresh) sawDevice(turn, facts, sinceMs - 1)
  if (tell(turn, facts, 'bad', sinceMs, { isFresh }, evidence)) turn.isChanged = true
}

/** Batches without any answer that make a device silent where no observation told so, e.g. after a restart of the agent. */
const emptyBatchesThatCount = 2

/**
 * One device's row of a fresh live batch. Presence is confirmed only by a window that began after the silence did;
 * absence by two empty windows in a row, or at once where it was claimed late.
 */
export function readPresenceRow(
  turn: Turn,
  facts: DeviceFacts,
  presenceRatio: number,
  fromMs: EpochMs,
  toMs: EpochMs,
): void {
  if (presenceRatio > 0) {
    sawDevice(turn, facts, toMs)
    facts.emptyBatches = 0
    const since = facts.claim === 'bad' ? facts.claimSinceMs : facts.sinceMs
    if (facts.state === 'good' && facts.claim === null) return
    noteReturn(turn.state, facts, toMs)
    if (facts.state === 'unknown' && facts.claim === null) {
      if (tell(turn, facts, 'good', toMs, fresh, '')) turn.isChanged = true
    } else if (fromMs >= since) {
      if (facts.claim === 'good') confirmClaim(turn, facts)
      else tell(turn, facts, 'good', toMs, fresh, 'answered all through a telemetry window')
      turn.isChanged = true
    }
    return
  }
  if (presenceRatio !== 0) return
  facts.emptyBatches += 1
  turn.state.isCalm = false
  if (facts.state === 'bad' && facts.isFresh) {
    if (facts.claim === 'good') facts.claim = null
    return
  }
  if (facts.claim === 'bad') {
    confirmClaim(turn, facts)
    turn.isChanged = true
  } else if (facts.emptyBatches >= emptyBatchesThatCount) {
    tell(turn, facts, 'bad', fromMs, fresh, `no answer in ${facts.emptyBatches} telemetry windows`)
    turn.isChanged = true
  }
}
