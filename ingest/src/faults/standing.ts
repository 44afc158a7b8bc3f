import type { EpochMs } from '@proactive/shared'
import type { Freshness } from './freshness.ts'
import type { Standing } from './state.ts'
import { cueOf, type Turn } from './turn.ts'

/**
 * Takes what was told about something. Fresh word sets the state; late word only leaves a claim, which also makes known what was unknown.
 * Returns whether anything changed.
 */
export function tell(
  turn: Turn,
  standing: Standing,
  told: 'good' | 'bad',
  sinceMs: EpochMs,
  { isFresh }: Pick<Freshness, 'isFresh'>,
  evidence: string,
): boolean {
  if (isFresh) {
    const wasClaimed = standing.claim !== null
    standing.claim = null
    if (standing.state === told && (told === 'good' || standing.isFresh)) return wasClaimed
    settle(turn, standing, told, sinceMs, evidence)
    return true
  }
  if (standing.state === told) {
    const hadClaim = standing.claim !== null
    standing.claim = null
    return hadClaim
  }
  standing.claim = told
  standing.claimSinceMs = sinceMs
  if (told === 'bad') {
    standing.cue = cueOf(turn)
    standing.evidence = evidence
  }
  return true
}

/** Something fresh agrees with a late claim: it takes effect as of the time it was claimed for. */
export function confirmClaim(turn: Turn, standing: Standing): void {
  if (standing.claim === null) return
  const { claim, claimSinceMs, evidence } = standing
  const cue = standing.cue
  standing.claim = null
  settle(turn, standing, claim, claimSinceMs, evidence)
  if (claim === 'bad' && cue !== null) standing.cue = cue
}

function settle(
  turn: Turn,
  standing: Standing,
  state: 'good' | 'bad',
  sinceMs: EpochMs,
  evidence: string,
): void {
  const isSame = standing.state === state
  standing.state = state
  standing.isFresh = true
  standing.evidence = evidence
  if (!isSame) standing.sinceMs = sinceMs
  if (state === 'good') standing.cue = null
  else if (!isSame || standing.cue === null) standing.cue = cueOf(turn)
}

/**
 * The agent started anew: what it said before is no longer watched by it. The state stays (nothing clears by silence)
 * but may not open an incident until something fresh says it again.
 */
export function makeStale(standing: Standing): void {
  if (standing.state === 'bad') standing.isFresh = false
  standing.claim = null
}
