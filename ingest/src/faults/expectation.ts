import type { EpochMs } from '@proactive/shared'
import { isMissedSleeper, isUsuallyAway } from './habit.ts'
import { canBeMissed } from './roles.ts'
import type { DeviceFacts, LocationState } from './state.ts'
import { clockAt } from './trading.ts'

/**
 * Whether the device should answer now: a role that counts, open hours or the half hour before them, and a time at which it is not away by
 * habit; what sleeps by nature only where it slept far too long or is missing since the opening check. The router is expected always.
 */
export function isExpectedNow(state: LocationState, facts: DeviceFacts, nowMs: EpochMs): boolean {
  if (facts.isGateway) return true
  if (!canBeMissed(facts) || !clockAt(state, nowMs).isOpen) return false
  return facts.isSleeper ? isMissedSleeper(state, facts, nowMs) : !isUsuallyAway(state, facts, nowMs)
}
