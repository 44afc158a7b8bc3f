import type { EpochMs } from '@proactive/shared'
import { type Cause, firstCue } from './cause.ts'
import { nameOf } from './device-words.ts'
import { isExpectedNow } from './expectation.ts'
import { isMissedSleeper, morningWords } from './habit.ts'
import { reason } from './judge-paths.ts'
import { absenceClass, isCounted, isRoaming } from './roles.ts'
import type { Cue, DeviceFacts, LocationState, ReasonFacts } from './state.ts'
import type { Timing } from './timing.ts'
import { parentOf, silentRootOf } from './topology.ts'

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

/** Root of a group whose switch nobody knows by its tables. */
const unknownSwitch = 'switch'

/**
 * Several at once share a cause nearer to the router: the switch or access point they hang on, or its power. Where its tables tell who hangs on
 * it, one that is silent together with a device behind it is enough, and who hangs on another one that answers does not count along. Where they do not, it
 * takes two devices whose absence counts and half of all that were there, or three that count. A sibling that just failed a probe counts along
 * until the agent's word on it comes.
 */
function judgeTogether(
  state: LocationState,
  silent: readonly DeviceFacts[],
  timing: Timing,
  nowMs: EpochMs,
): Cause[] {
  const going = goingGroups(state, silent, timing)
  const taken = new Set([...going.values()].flat().map(({ facts }) => facts))
  const members: Member[] = [
    ...silent.map((facts) => ({ facts, sinceMs: facts.sinceMs, cue: facts.cue })),
    ...suspects(state, timing, nowMs),
  ]
    .filter(({ facts }) => !taken.has(facts))
    .sort((a, b) => a.sinceMs - b.sinceMs || (a.facts.device.id < b.facts.device.id ? -1 : 1))
  const found = new Map(going)
  for (const [rootId, group] of newGroups(state, members, timing))
    if (!found.has(rootId)) found.set(rootId, group)
  return [...found].flatMap(([rootId, group]) => causeOf(state, rootId, group, nowMs))
}

/** Members that fell silent by one cause, by what is known of its root. */
function newGroups(state: LocationState, members: readonly Member[], timing: Timing): Map<string, Member[]> {
  const groups = new Map<string, Member[]>()
  const put = (rootId: string, member: Member) => groups.set(rootId, [...(groups.get(rootId) ?? []), member])
  const rootOf = new Map(members.map((member) => [member.facts, rootOfMember(state, member, timing)]))
  const trees = new Set([...rootOf].flatMap(([facts, root]) => (facts === root ? [] : [root])))
  const pool: Member[] = []
  const besideAnswering = new Map<string, Member[]>()
  for (const member of members) {
    const root = rootOf.get(member.facts) ?? member.facts
    const parent = parentOf(state, root)
    if (parent?.state !== 'good') pool.push(member)
    else if (!trees.has(root))
      besideAnswering.set(parent.device.id, [...(besideAnswering.get(parent.device.id) ?? []), member])
  }
  const shared = sharedGroup(state, pool, timing, null)
  const inShared = new Set(shared.map(({ facts }) => facts))
  const roots = [...trees].filter((root) => inShared.has(root))
  const [only] = roots
  const sharedId = roots.length === 1 && only !== undefined ? only.device.id : unknownSwitch
  for (const member of shared) put(sharedId, member)
  for (const member of members) {
    const root = rootOf.get(member.facts) ?? member.facts
    if (trees.has(root) && !inShared.has(member.facts))
      put(inShared.has(root) ? sharedId : root.device.id, member)
  }
  for (const [parentId, beside] of besideAnswering)
    for (const member of sharedGroup(state, beside, timing, parentId)) put(parentId, member)
  return groups
}

/** What was silent long before the switch above it is another story. */
function rootOfMember(state: LocationState, { facts, sinceMs }: Member, timing: Timing): DeviceFacts {
  const root = silentRootOf(state, facts)
  return sinceMs < root.sinceMs - timing.togetherMs ? facts : root
}

/** The largest group that fell silent together and is large enough to share a cause; empty where none is. `parentId`: among those on this switch only. */
function sharedGroup(
  state: LocationState,
  members: readonly Member[],
  timing: Timing,
  parentId: string | null,
): Member[] {
  const group = largestGroup(members, timing.togetherMs)
  return isShared(state, group, parentId) ? group : []
}

function causeOf(state: LocationState, rootId: string, group: readonly Member[], nowMs: EpochMs): Cause[] {
  const together = [...group].sort((a, b) => a.sinceMs - b.sinceMs)
  const counted = together.filter(({ facts }) => isCounted(facts))
  const cues = together.flatMap(({ cue }) => (cue === null ? [] : [cue]))
  // A PC that was switched off just before is no evidence of a switch: the wait begins with the first whose absence counts.
  const cue = firstCue(counted.map(({ cue }) => cue))
  if (cue === null) return []
  const root =
    state.deviceById.get(rootId) ??
    together.find(({ facts }) => ['switch', 'access-point'].includes(facts.role))?.facts
  const others = together.filter(({ facts }) => facts !== root)
  const isRootSilent = others.length < together.length
  const probed = counted.find(({ facts }) => facts.state === 'bad')?.facts.device.id
  return [
    {
      faultClass: 'switch-down',
      rootId,
      ...(root === undefined ? {} : { rootDeviceId: root.device.id }),
      rootRole: root === undefined ? 'switch' : root.role,
      startedAtMs: counted[0]?.sinceMs ?? nowMs,
      cue,
      cues,
      canRaise: counted.some(({ facts }) => facts.isFresh && isExpectedNow(state, facts, nowMs)),
      ...(probed === undefined ? {} : { probedDeviceId: probed }),
      affected: together.map(({ facts }) => facts.device.id),
      silent: together.map(({ facts }) => facts.device.id),
      hasLostCarrier: false,
      reasons: [...(root !== undefined && isRootSilent ? [root] : []), ...others.map(({ facts }) => facts)]
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

function isShared(state: LocationState, group: readonly Member[], parentId: string | null): boolean {
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
        !facts.isSleeper &&
        (parentId === null || facts.device.attachedTo?.deviceId === parentId)),
  )
  return group.length * 2 >= wasThere.length
}

/** While an incident of this class goes on, two of its devices still silent keep it going: they come back one by one. */
function goingGroups(
  state: LocationState,
  silent: readonly DeviceFacts[],
  timing: Timing,
): Map<string, Member[]> {
  const groups = new Map<string, Member[]>()
  const taken = new Set<DeviceFacts>()
  for (const incident of state.incidents) {
    if (incident.faultClass !== 'switch-down' || incident.clearedAtMs !== null) continue
    const rest = silent
      .filter(
        (facts) =>
          !taken.has(facts) &&
          (incident.affected.includes(facts.device.id) || facts.device.id === incident.rootDeviceId
            ? facts.sinceMs >= incident.startedAtMs - timing.slackMs
            : facts.sinceMs >= incident.startedAtMs - timing.togetherMs &&
              facts.sinceMs <= incident.startedAtMs + timing.stragglersMs &&
              isCompatible(state, facts, incident.rootId)),
      )
      .sort((a, b) => a.sinceMs - b.sinceMs)
    if (rest.length < 2) continue
    for (const facts of rest) taken.add(facts)
    groups.set(
      incident.rootId,
      rest.map((facts) => ({ facts, sinceMs: facts.sinceMs, cue: facts.cue })),
    )
  }
  return groups
}

/** Whether nothing known speaks against it that a device hangs on this root. */
function isCompatible(state: LocationState, facts: DeviceFacts, rootId: string): boolean {
  const root = silentRootOf(state, facts)
  const parent = parentOf(state, root)
  if (root.device.id === rootId || parent?.device.id === rootId) return true
  return parent?.state !== 'good' && (rootId === unknownSwitch || root === facts)
}
