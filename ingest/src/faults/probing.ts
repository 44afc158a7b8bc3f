import { type EpochMs, fingerprint } from '@proactive/shared'
import type { Cause } from './cause.ts'
import { isExpectedNow } from './expectation.ts'
import { gatewayDeviceOf } from './inventory.ts'
import type { IngestEvent } from './model.ts'
import { answered } from './presence.ts'
import { isCounted } from './roles.ts'
import { rules } from './rules.ts'
import { confirmClaim, tell } from './standing.ts'
import type { DeviceFacts, LocationState, ProbeFacts } from './state.ts'
import type { Timing } from './timing.ts'
import { isParent, parentOf } from './topology.ts'
import type { Turn } from './turn.ts'

/** Siblings asked beside the parent when a device falls silent: enough to see a dead switch, few enough to stay gentle. */
const mostSiblings = 3
/** Devices asked at the start of the agent, so that a small Location is inventoried within seconds. */
const mostAtStart = 32
/** Silent answers of a parent in a row that count as its silence: one round may be lost on the way. */
const roundsThatCount = 2

/** What the probes say about opening an incident for a silent device. */
export type ProbeAdvice =
  /** `answering`: what it hangs on and answers, the router last. */
  | { readonly go: true; readonly answering: readonly DeviceFacts[] }
  | { readonly go: false; readonly wakeAtMs: number }

/**
 * Before a child's incident: ask its parents now (the router, and the switch it is known to hang on), wait a round, ask parents and child again.
 * A parent that cannot be asked or is not known never holds back; one that is silent twice becomes a fault of its own and explains the child.
 */
export function adviseByProbes(turn: Turn, cause: Cause): ProbeAdvice {
  const { state, nowMs, timing } = turn
  const secondAfterMs = rules[cause.faultClass].secondProbeAfterMs
  if (secondAfterMs === null) return { go: true, answering: [] }
  const parents = parentsOf(state, cause)
  const secondAtMs = cause.cue.loggedAtMs + secondAfterMs
  if (nowMs < secondAtMs) {
    for (const parent of parents) askSince(turn, parent, cause.cue.loggedAtMs)
    for (const sibling of siblingsOf(turn, cause)) askSince(turn, sibling, cause.cue.loggedAtMs)
    return { go: false, wakeAtMs: secondAtMs }
  }
  const sinceMs = Math.max(secondAtMs, nowMs - timing.probeValidMs)
  const own = cause.probedDeviceId === undefined ? undefined : state.deviceById.get(cause.probedDeviceId)
  const asked = parents.map((parent) => ({ parent, probe: askSince(turn, parent, sinceMs) }))
  // What it left unanswered behind a parent that was silent then says nothing of it.
  const ownSinceMs = Math.max(sinceMs, ...parents.map(answersSinceMs))
  const ownProbes = own === undefined ? [] : [askSince(turn, own, ownSinceMs)]
  const openMs = [...asked.map(({ probe }) => probe), ...ownProbes].flatMap(({ answer, askedAtMs }) =>
    answer === null ? [askedAtMs + timing.probeTimeoutMs] : [],
  )
  if (openMs.length > 0) return { go: false, wakeAtMs: Math.min(...openMs) }
  const silent = asked.filter(({ probe }) => probe.answer === 'silent')
  if (silent.length > 0) {
    const again = silent.map(({ parent, probe }) =>
      // Known to be silent it tells by itself when it is back, and is asked now and then.
      parent.state === 'bad'
        ? probe.answeredAtMs + timing.probeValidMs
        : ask(turn, parent).askedAtMs + timing.probeTimeoutMs,
    )
    return { go: false, wakeAtMs: Math.min(...again) }
  }
  return {
    go: true,
    answering: asked.flatMap(({ parent, probe }) => (probe.answer === 'reply' ? [parent] : [])),
  }
}

function answersSinceMs({ state, sinceMs }: DeviceFacts): EpochMs {
  return state === 'good' ? sinceMs : 0
}

/** Whoever's silence would explain this one: the switch first, as far as it is not part of the cause or known to be silent, and the router. */
function parentsOf(state: LocationState, cause: Cause): DeviceFacts[] {
  const router = gatewayDeviceOf(state)
  const own = cause.probedDeviceId === undefined ? undefined : state.deviceById.get(cause.probedDeviceId)
  const above = own === undefined ? undefined : parentOf(state, own)
  const isAsked =
    above !== undefined &&
    above !== router &&
    above.state !== 'bad' &&
    !cause.silent.includes(above.device.id) &&
    above.device.id !== cause.rootDeviceId
  return [...(isAsked ? [above] : []), ...(router === undefined ? [] : [router])]
}

/** Others whose silence would show that more than this one device is cut off. */
function siblingsOf(turn: Turn, cause: Cause): DeviceFacts[] {
  const { state, nowMs } = turn
  return state.devices
    .filter(
      (facts) =>
        facts.state === 'good' &&
        !facts.isGateway &&
        !cause.silent.includes(facts.device.id) &&
        isCounted(facts) &&
        isExpectedNow(state, facts, nowMs),
    )
    .slice(0, mostSiblings)
}

/** After a start of the agent: asks for those that should be there, so that the hold need not wait for the first batch. */
export function askInventory(turn: Turn): void {
  const { state, nowMs } = turn
  const { hold } = state
  if (hold === null || hold.kind !== 'start' || !state.session.isOpen) return
  let asked = 0
  for (const facts of state.devices) {
    if (asked >= mostAtStart) return
    if (facts.seenMs >= hold.startedMs || !isExpectedNow(state, facts, nowMs)) continue
    askSince(turn, facts, hold.startedMs)
    asked += 1
  }
}

/** The newest probe of the device asked since then, asking where there is none. */
function askSince(turn: Turn, facts: DeviceFacts, sinceMs: number): ProbeFacts {
  const known = turn.state.probes.find(({ deviceId }) => deviceId === facts.device.id)
  return known !== undefined && known.askedAtMs >= sinceMs ? known : ask(turn, facts)
}

function ask(turn: Turn, facts: DeviceFacts): ProbeFacts {
  const { state, nowMs } = turn
  const deviceId = facts.device.id
  const index = state.probes.findIndex((probe) => probe.deviceId === deviceId)
  const known = state.probes[index]
  // One question at a time per device.
  if (known !== undefined && known.answer === null) return known
  state.probeCount += 1
  if (state.probeTag === '') state.probeTag = fingerprint([state.locationId], 8)
  const probe: ProbeFacts = {
    id: `pr-${state.probeTag}-${nowMs.toString(36)}-${state.probeCount}`,
    deviceId,
    askedAtMs: nowMs,
    answer: null,
    answeredAtMs: 0,
    silentInRow: known?.silentInRow ?? 0,
  }
  if (index >= 0) state.probes[index] = probe
  else state.probes.push(probe)
  turn.effects.push({ type: 'probe', probeId: probe.id, applianceId: state.appliance?.id ?? '', deviceId })
  return probe
}

/** Takes an answer. It is as fresh as can be: made now, on request. Answers to questions nobody remembers are ignored. */
export function takeAnswer(turn: Turn, event: Extract<IngestEvent, { type: 'probe-answered' }>): void {
  const { state, nowMs } = turn
  const probe = state.probes.find(({ id }) => id === event.probeId)
  const facts = state.deviceById.get(event.deviceId)
  if (probe === undefined || probe.answer !== null || facts === undefined) return
  probe.answer = event.answer
  probe.answeredAtMs = nowMs
  turn.isChanged = true
  if (event.answer === 'reply') {
    probe.silentInRow = 0
    answered(turn, facts, nowMs, true, 'answered a probe')
  } else if (event.answer === 'silent') {
    probe.silentInRow += 1
    if (facts.claim === 'bad') confirmClaim(turn, facts)
    else if (facts.state === 'bad') facts.isFresh = true
    const isAbove = facts === gatewayDeviceOf(state) || isParent(state, facts)
    if (isAbove && probe.silentInRow >= roundsThatCount)
      tell(turn, facts, 'bad', probe.askedAtMs, { isFresh: true }, `${probe.silentInRow} probes unanswered`)
  }
}

/** Questions without an answer in time count as unavailable; old answers are forgotten. */
export function reviewProbes(turn: Turn): void {
  const { state, nowMs, timing } = turn
  if (state.probes.length === 0) return
  for (const probe of state.probes) {
    if (probe.answer !== null || nowMs < probe.askedAtMs + timing.probeTimeoutMs) continue
    probe.answer = 'unavailable'
    probe.answeredAtMs = nowMs
    turn.isChanged = true
  }
  const forgetMs = 2 * timing.probeValidMs
  state.probes = state.probes.filter(
    ({ answer, answeredAtMs }) => answer === null || nowMs - answeredAtMs <= forgetMs,
  )
}

/** When the next open question runs out. */
export function probesDueMs({ probes }: LocationState, timing: Timing): EpochMs | null {
  let first: EpochMs | null = null
  for (const { answer, askedAtMs } of probes) {
    const dueMs = askedAtMs + timing.probeTimeoutMs
    if (answer === null && (first === null || dueMs < first)) first = dueMs
  }
  return first
}
