import type { EpochMs } from '@proactive/shared'
import { type Cause, firstCue } from './cause.ts'
import { nameOf } from './device-words.ts'
import { isExpectedNow } from './expectation.ts'
import { isMissedSleeper, morningWords } from './habit.ts'
import { reason } from './judge-paths.ts'
import { absenceClass, isCounted, isRoaming } from './roles.ts'
import type { Cue, DeviceFacts, LocationState, ReasonFacts } from './state.ts'
import type { Timing } from './timing.ts'

/** Judges silent devices: each for itself, and whether several fell silent together. */
export function judgeSilence(state: LocationState, timing: Timing, nowMs: EpochMs): Cause[] {
  const silent = state.devices.filter(
    (facts) =>
      facts.state === 'bad' &&
      !facts.isGateway &&
      facts.seenMs > 0 &&
      !isRoaming(facts) &&
      (!facts.isSleeper || isMissedSleeper(state, facts, nowMs)),
  )
  if (silent.length === 0) return []
  const single = silent.flatMap((facts) => judgeDevice(state, facts, nowMs))
  if (single.length === 0) return []
  const awake = silent.filter(({ isSleeper }) => !isSleeper)
  return [...judgeTogether(state, awake, timing, nowMs), ...single]
}

function judgeDevice(state: LocationState, facts: DeviceFacts, nowMs: EpochMs): Cause[] {
  const role = facts.role
  const faultClass = absenceClass[role]
  if (faultClass === undefined || facts.cue === null || facts.isRetired) return []
  return [
    {
      faultClass,
      rootId: facts.device.id,
      rootDeviceId: facts.device.id,
      rootRole: role,
      startedAtMs: facts.sinceMs,
      cue: facts.cue,
      cues: [facts.cue],
      canRaise: facts.isFresh && isExpectedNow(state, facts, nowMs),
      probedDeviceId: facts.device.id,
      affected: [],
      silent: [facts.device.id],
      hasLostCarrier: false,
      reasons: silenceReasons(state, facts, nowMs),
    },
  ]
}

/** Why its absence counts; before opening and in the morning also how often it is here at that time. */
function silenceReasons(state: LocationState, facts: DeviceFacts, nowMs: EpochMs): ReasonFacts[] {
  const reasons = [reason(facts, `${nameOf(facts)} is silent`)]
  const isOfToday = facts.sinceMs < state.watch.checkedMs
  const words = isOfToday ? morningWords(facts) : ''
  if (words !== '')
    reasons.push({ atMs: Math.min(nowMs, state.watch.checkedMs), text: `${nameOf(facts)} was ${words}` })
  else if (facts.isSleeper)
    reasons.push({ atMs: nowMs, text: `${nameOf(facts)} never slept this long while the shop was open` })
  return reasons
}

interface Member {
  readonly facts: DeviceFacts
  readonly sinceMs: EpochMs
  readonly cue: Cue | null
}

/**
 * Several at once share a cause nearer to the router: the switch or access point they hang on, or its power. It takes two devices whose absence
 * counts and half of all that were there, or three that count. A sibling that just failed a probe counts along until the agent's word on it comes.
 */
function judgeTogether(
  state: LocationState,
  silent: readonly DeviceFacts[],
  timing: Timing,
  nowMs: EpochMs,
): Cause[] {
  const members: Member[] = [
    ...silent.map((facts) => ({ facts, sinceMs: facts.sinceMs, cue: facts.cue })),
    ...suspects(state, timing, nowMs),
  ].sort((a, b) => a.sinceMs - b.sinceMs || (a.facts.device.id < b.facts.device.id ? -1 : 1))
  const group = largestGroup(members, timing.togetherMs)
  const going = stillSilentTogether(state, silent, timing)
  const together = going ?? (isShared(state, group) ? group : null)
  if (together === null) return []
  const counted = together.filter(({ facts }) => isCounted(facts))
  const cues = together.flatMap(({ cue }) => (cue === null ? [] : [cue]))
  const cue = firstCue(cues)
  if (cue === null) return []
  const root = together.find(({ facts }) => ['switch', 'access-point'].includes(facts.role))?.facts
  const others = together.filter(({ facts }) => facts !== root)
  const probed = counted.find(({ facts }) => facts.state === 'bad')?.facts.device.id
  return [
    {
      faultClass: 'switch-down',
      rootId: 'switch',
      ...(root === undefined ? {} : { rootDeviceId: root.device.id }),
      rootRole: root === undefined ? 'switch' : root.role,
      startedAtMs: together[0]?.sinceMs ?? nowMs,
      cue,
      cues,
      canRaise: counted.some(({ facts }) => facts.isFresh && isExpectedNow(state, facts, nowMs)),
      ...(probed === undefined ? {} : { probedDeviceId: probed }),
      affected: together.map(({ facts }) => facts.device.id),
      silent: together.map(({ facts }) => facts.device.id),
      hasLostCarrier: false,
      reasons: [...(root === undefined ? [] : [root]), ...others.map(({ facts }) => facts)]
        .slice(0, 8)
        .map((facts) => reason(facts, `${nameOf(facts)} is silent`)),
    },
  ]
}

/** Devices that answered until now and just left a probe unanswered. */
function suspects(state: LocationState, timing: Timing, nowMs: EpochMs): Member[] {
  return state.probes.flatMap((probe) => {
    const facts = state.deviceById.get(probe.deviceId)
    if (facts === undefined || facts.state === 'bad' || facts.isGateway) return []
    if (!isCounted(facts) || probe.answer !== 'silent') return []
    if (nowMs - probe.answeredAtMs > timing.probeValidMs || facts.seenMs > probe.answeredAtMs) return []
    return [{ facts, sinceMs: probe.askedAtMs, cue: null }]
  })
}

/** The most devices that fell silent within one window; of equals the earliest. */
function largestGroup(members: readonly Member[], togetherMs: number): Member[] {
  let best: Member[] = []
  let bestCounted = 0
  for (let start = 0; start < members.length; start += 1) {
    const from = members[start] as Member
    const group = members.slice(start).filter(({ sinceMs }) => sinceMs - from.sinceMs <= togetherMs)
    const counted = group.filter(({ facts }) => isCounted(facts)).length
    if (counted > bestCounted) {
      best = group
      bestCounted = counted
    }
    if (members.length - start <= bestCounted) break
  }
  return best
}

function isShared(state: LocationState, group: readonly Member[]): boolean {
  const counted = group.filter(({ facts }) => isCounted(facts)).length
  if (counted < 2) return false
  if (counted >= 3) return true
  const inGroup = new Set(group.map(({ facts }) => facts))
  const wasThere = state.devices.filter(
    (facts) =>
      inGroup.has(facts) ||
      (facts.state !== 'bad' &&
        facts.seenMs > 0 &&
        !facts.isGateway &&
        !isRoaming(facts) &&
        !facts.isSleeper),
  )
  return group.length * 2 >= wasThere.length
}

/** While an incident of this class goes on, two of its devices still silent keep it going: they come back one by one. */
function stillSilentTogether(
  state: LocationState,
  silent: readonly DeviceFacts[],
  timing: Timing,
): Member[] | null {
  const incident = state.incidents.find(({ faultClass }) => faultClass === 'switch-down')
  if (incident === undefined || incident.clearedAtMs !== null) return null
  const rest = silent
    .filter(({ device, sinceMs }) =>
      incident.affected.includes(device.id)
        ? sinceMs >= incident.startedAtMs - timing.slackMs
        : Math.abs(sinceMs - incident.startedAtMs) <= timing.togetherMs,
    )
    .sort((a, b) => a.sinceMs - b.sinceMs)
  return rest.length >= 2 ? rest.map((facts) => ({ facts, sinceMs: facts.sinceMs, cue: facts.cue })) : null
}
