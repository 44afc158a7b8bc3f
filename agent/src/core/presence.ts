import type { MonotonicMs } from '@proactive/shared'

/** Whether a device is there, as far as probing can tell. */
export interface Presence {
  readonly status: 'unknown' | 'present' | 'silent'
  /** Rounds without any answer, in a row. */
  readonly misses: number
  /** Rounds with an answer in a row while it counts as silent. */
  readonly hits: number
  readonly lastAnswerMono?: MonotonicMs
  /** First miss of the running row. */
  readonly firstMissMono?: MonotonicMs
  /** Whether silence was confirmed by ARP (or what stands for it) in the running row. */
  readonly isArpSilent: boolean
}

/** How one round of questions to a device ended. `arp`: asked on the link too; `unsure` = the neighbor table cannot tell yet. */
export type RoundOutcome =
  | { readonly kind: 'answered' }
  | { readonly kind: 'missed'; readonly arp: 'silent' | 'unsure' | 'not-asked' }

export type PresenceEffect =
  /** Ask again in {@link recheckMs}. */
  | { readonly type: 'recheck' }
  | { readonly type: 'silent'; readonly sinceMono: MonotonicMs }
  | { readonly type: 'answered'; readonly silentMs: number }

export const newPresence: Presence = { status: 'unknown', misses: 0, hits: 0, isArpSilent: false }

/** Design §2: three more tries, a second apart, after the first miss. */
export const triesAfterMiss = 3
export const recheckMs = 1_000
/** Answers in a row before a silent device counts as back: one stray packet is no recovery. */
const hitsToReturn = 2
/** Without raw ARP the neighbor table may stay undecided for this long (kernel: up to 45 s reachable, then 8 s to fail). */
export const unsureLimitMs = 60_000

/**
 * Debounces presence both ways. Silent = the first miss and three more tries missed, ARP silent too.
 * Pure reducer: `(state, outcome, now) → [state, effect]`.
 */
export function judgePresence(
  state: Presence,
  outcome: RoundOutcome,
  nowMono: MonotonicMs,
): readonly [Presence, PresenceEffect | undefined] {
  return outcome.kind === 'answered' ? hit(state, nowMono) : miss(state, outcome.arp, nowMono)
}

function hit(state: Presence, nowMono: MonotonicMs): readonly [Presence, PresenceEffect | undefined] {
  const settled: Presence = {
    status: 'present',
    misses: 0,
    hits: 0,
    lastAnswerMono: nowMono,
    isArpSilent: false,
  }
  if (state.status !== 'silent') return [settled, undefined]
  const hits = state.hits + 1
  if (hits < hitsToReturn) return [{ ...state, hits }, { type: 'recheck' }]
  const silentMs = Math.max(0, Math.round(nowMono - (state.firstMissMono ?? nowMono)))
  return [settled, { type: 'answered', silentMs }]
}

function miss(
  state: Presence,
  arp: 'silent' | 'unsure' | 'not-asked',
  nowMono: MonotonicMs,
): readonly [Presence, PresenceEffect | undefined] {
  const next: Presence = {
    ...state,
    hits: 0,
    misses: state.misses + 1,
    firstMissMono: state.misses === 0 ? nowMono : (state.firstMissMono ?? nowMono),
    isArpSilent: state.isArpSilent || arp === 'silent',
  }
  if (state.status === 'silent')
    return [{ ...next, firstMissMono: state.firstMissMono ?? nowMono }, undefined]
  const sinceMono = next.firstMissMono ?? nowMono
  const isTriedEnough = next.misses > triesAfterMiss
  const isArpDecided = next.isArpSilent || nowMono - sinceMono >= unsureLimitMs
  if (!isTriedEnough || !isArpDecided) return [next, { type: 'recheck' }]
  return [
    { ...next, status: 'silent' },
    { type: 'silent', sinceMono },
  ]
}
