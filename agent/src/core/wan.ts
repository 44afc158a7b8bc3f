import type { MonotonicMs } from '@proactive/shared'

/** The internet behind one uplink, as far as echoes to targets can tell. */
export interface WanState {
  readonly state: 'unknown' | 'up' | 'degraded' | 'down'
  /** Rounds in a row without any target's answer. */
  readonly misses: number
  /** Rounds in a row with one, while it counts as down. */
  readonly hits: number
  readonly firstMissMono?: MonotonicMs
  /** The last rounds, for the loss. */
  readonly recent: readonly WanRound[]
  /** When it was told to be hardly usable; undefined = never, or it did well since. */
  readonly hardlyUsableMono?: MonotonicMs
}

/** One regular round over all targets of an uplink. */
export interface WanRound {
  readonly atMono: MonotonicMs
  readonly asked: number
  readonly answered: number
}

export type WanEffect =
  | { readonly type: 'recheck' }
  | { readonly type: 'changed'; readonly sinceMono: MonotonicMs; readonly lossRatio: number }

export const newWan: WanState = { state: 'unknown', misses: 0, hits: 0, recent: [] }

const missesToDown = 4
const hitsToUp = 2
/**
 * Two targets each 2 s: 120 echoes. A line that loses 2 % of them (1 % each way) loses a tenth of 30 several times a day, of 120 practically
 * never (1 in 70,000 by chance); one that loses a third is found out after half a minute all the same.
 */
const lossWindowMs = 120_000
/** Fewer echoes than this say nothing about loss. */
const minSamples = 40
/** Unless so many are lost that fewer leave no doubt. */
const minSamplesHardlyUsable = 26
/** Terminals begin to repeat themselves at about one lost packet in ten; back to normal needs clearly less. */
const degradedAt = 0.1
/** A payment waits two and a half seconds longer where a third is lost; what is told is rounded, so a little more. */
const hardlyUsableAt = 0.34
const wellBelow = 0.04
/** Between the first and the last of the losses: a burst is over within twenty seconds (Gilbert 1960), a lossy line goes on. */
const lossyForMs = 24_000
/** What is told of a lossy line is how it is now, where that is no burst: over the whole two minutes it would sound milder than it is. */
const newestMs = 30_000
/** Nine rounds with hardly a loss: what was there before was a burst. The cloud waits 25 s before it opens anything, and rounds come twice as often meanwhile, so that is soon enough. */
const calmRounds = 9
const calmUpTo = 1 / 16
/** A word older than this is not taken back: telemetry tells of the end. */
const takenBackForMs = 40_000

/**
 * Debounces the internet behind an uplink. Down = the first round without any answer and three rechecks; degraded = a tenth of the
 * echoes lost over two minutes. That a degraded one became hardly usable is told again, as it is remembered for two minutes; that it was
 * only a burst after all, too. `isRecheck` rounds decide about down and up only: they come when things look bad and would colour the loss.
 */
export function judgeWan(
  before: WanState,
  round: WanRound,
  isRecheck: boolean,
): readonly [WanState, WanEffect | undefined] {
  const recent = isRecheck ? before.recent : remember(before.recent, round)
  if (round.answered === 0) return miss({ ...before, recent }, round)
  return hit({ ...before, recent }, round)
}

/** A regular round without any answer while rechecks are under way: they decide about down, but its echoes were lost all the same. */
export function countLost(before: WanState, round: WanRound): WanState {
  return before.state === 'down' ? before : { ...before, recent: remember(before.recent, round) }
}

/** The rounds of the loss window; they come in the order of their times. */
function remember(rounds: readonly WanRound[], round: WanRound): readonly WanRound[] {
  let first = 0
  while (first < rounds.length && round.atMono - (rounds[first] as WanRound).atMono > lossWindowMs) first++
  const kept = rounds.slice(first)
  kept.push(round)
  return kept
}

export function lossOf(rounds: readonly WanRound[]): { readonly ratio: number; readonly samples: number } {
  let asked = 0
  let answered = 0
  for (const round of rounds) {
    asked += round.asked
    answered += round.answered
  }
  return { ratio: asked === 0 ? 0 : (asked - answered) / asked, samples: asked }
}

function miss(state: WanState, round: WanRound): readonly [WanState, WanEffect | undefined] {
  const firstMissMono = state.misses === 0 ? round.atMono : (state.firstMissMono ?? round.atMono)
  const next = { ...state, misses: state.misses + 1, hits: 0, firstMissMono }
  if (state.state === 'down') return [{ ...state, hits: 0 }, undefined]
  if (next.misses < missesToDown) return [next, { type: 'recheck' }]
  return [
    { ...next, state: 'down' },
    { type: 'changed', sinceMono: firstMissMono, lossRatio: 1 },
  ]
}

function hit(state: WanState, round: WanRound): readonly [WanState, WanEffect | undefined] {
  if (state.state === 'down') {
    const hits = state.hits + 1
    if (hits < hitsToUp) return [{ ...state, hits }, { type: 'recheck' }]
    // What was lost while it was down says nothing about how it is now.
    const { firstMissMono: _miss, hardlyUsableMono: _told, ...rest } = state
    return [
      { ...rest, state: 'up', misses: 0, hits: 0, recent: [] },
      { type: 'changed', sinceMono: round.atMono, lossRatio: 0 },
    ]
  }
  const { hardlyUsableMono: toldMono, ...rest } = state
  const { ratio, samples } = lossOf(state.recent)
  const target = qualityOf(state, ratio, samples)
  const next: WanState = { ...rest, state: target, misses: 0, hits: 0 }
  const told = (lossRatio: number): WanEffect => ({ type: 'changed', sinceMono: round.atMono, lossRatio })
  if (target === 'up') return [next, target === state.state ? undefined : told(ratio)]
  const newest = since(state.recent, round.atMono - newestMs)
  const newestRatio = lossOf(newest).ratio
  const calmRatio = lossOf(state.recent.slice(-calmRounds)).ratio
  const isCalm = calmRatio <= calmUpTo
  const isAsNow = lossSpanMs(newest) >= lossyForMs
  if (toldMono !== undefined) {
    if (isCalm && round.atMono - toldMono <= takenBackForMs) return [next, told(calmRatio)]
    return [newestRatio <= wellBelow ? next : { ...next, hardlyUsableMono: toldMono }, undefined]
  }
  const isHardlyUsable = isAsNow && newestRatio >= hardlyUsableAt && !isCalm
  if (state.state === 'degraded' && !isHardlyUsable) return [next, undefined]
  return [
    isHardlyUsable ? { ...next, hardlyUsableMono: round.atMono } : next,
    told(isAsNow ? Math.max(ratio, newestRatio) : ratio),
  ]
}

/** Whether it was told to be hardly usable so lately that the word may still be taken back: then it is looked at more closely. */
export function isInQuestion({ state, hardlyUsableMono: toldMono }: WanState, nowMono: MonotonicMs): boolean {
  return state === 'degraded' && toldMono !== undefined && nowMono - toldMono < takenBackForMs
}

function since(rounds: readonly WanRound[], fromMono: MonotonicMs): readonly WanRound[] {
  return rounds.filter(({ atMono }) => atMono > fromMono)
}

function qualityOf(state: WanState, ratio: number, samples: number): 'up' | 'degraded' {
  const isJudged = samples >= minSamples
  if (state.state === 'degraded') return isJudged && ratio <= wellBelow ? 'up' : 'degraded'
  const isLossy =
    (isJudged && ratio >= degradedAt) || (samples >= minSamplesHardlyUsable && ratio >= hardlyUsableAt)
  return isLossy && lossSpanMs(state.recent) >= lossyForMs ? 'degraded' : 'up'
}

function lossSpanMs(rounds: readonly WanRound[]): number {
  const lossy = rounds.filter(({ asked, answered }) => answered < asked)
  return (lossy.at(-1)?.atMono ?? 0) - (lossy[0]?.atMono ?? 0)
}

/** Patience costs little: in the first minute so few echoes are enough for it, where clearly more of them are lost. */
const minSamplesForPatience = 10
const patientAt = 0.15

/** Whether silence behind the line may be bad luck: it loses more than a line that counts as well. Sooner than "degraded", and later over. */
export function isLossy({ state, recent }: WanState): boolean {
  if (state === 'degraded') return true
  const { ratio, samples } = lossOf(recent)
  if (state !== 'up') return false
  return samples >= minSamples ? ratio > wellBelow : samples >= minSamplesForPatience && ratio >= patientAt
}
