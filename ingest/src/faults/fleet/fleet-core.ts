import { assign, emptyFleet, enlist, isSameTrouble, passTo, unlist } from './fleet-state.ts'
import { groupsOf } from './groups.ts'
import type { Episode, FleetCore, FleetEvent, FleetSignal, Member } from './model.ts'
import { type FleetTurn, followParents, formParent, join, learnOf, regroup } from './parents.ts'
import { patience } from './patience.ts'
import { knownOutageOf, pairOf, sameOutage, scoreOf, suspect, waitingOf } from './suspicion.ts'

/**
 * The reducer over all Locations: Locations that get into trouble together, more than chance accounts for, have one parent incident
 * by what they share: provider, processor or region. `env` is the deployment's name in the keys.
 */
export function createFleetCore({ env }: { readonly env: string }): FleetCore {
  return {
    empty: emptyFleet,
    reduce(state, event, { nowMs, origin }) {
      passTo(state, nowMs)
      const turn: FleetTurn = { env, state, origin, effects: [] }
      if (event.type === 'location-signalled') takeSignal(turn, event)
      state.wakeAtMs = followParents(turn)
      return { state, effects: turn.effects }
    },
    wakeAtMs: (state) => state.wakeAtMs,
  }
}

function takeSignal(
  turn: FleetTurn,
  { signal, provider, stake }: Extract<FleetEvent, { type: 'location-signalled' }>,
): void {
  const { state, origin } = turn
  const { locationId, name, timeZone, trouble } = signal
  const known = state.members.get(locationId)
  if (known !== undefined) unlist(state, known)
  state.dirtyMembers.add(locationId)
  if (signal.isGone === true) {
    if (known !== undefined) assign(state, known, null)
    state.members.delete(locationId)
    state.troubled.delete(locationId)
    return
  }
  const isNews = !isSameTrouble(known?.trouble ?? null, trouble)
  const episode = episodeOf(state.nowMs, signal, known, isNews)
  const member: Member = {
    ...(known ?? { locationId, parentKey: null, toldAtMs: 0, offset: 0 }),
    ...(episode === undefined ? {} : { episode }),
    name,
    timeZone,
    ...(stake === undefined ? {} : { stake }),
    groups: groupsOf(signal, provider),
    // A trouble that goes on keeps its beginning.
    trouble:
      isNews || trouble === null
        ? trouble
        : { ...trouble, sinceMs: known?.trouble?.sinceMs ?? trouble.sinceMs },
  }
  enlist(state, member)
  const parent = state.parents.find(({ key }) => key === member.parentKey)
  const isLearned = JSON.stringify(episode) !== JSON.stringify(known?.episode)
  if (parent !== undefined && isLearned) learnOf(turn, parent, member)
  if (!isNews || trouble === null) return
  member.toldAtMs = state.nowMs
  member.offset = origin.from === 'ingest' ? origin.offset : 0
  if (parent !== undefined) return
  state.aloneCount += 1
  account(turn, member)
}

/** What this trouble says of its reason; the last one's is kept until there is another. */
function episodeOf(
  nowMs: number,
  { trouble, hasSecondWayOut = false, hindsight }: FleetSignal,
  known: Member | undefined,
  isNews: boolean,
): Episode | undefined {
  const before = known?.episode
  if (trouble !== null && isNews)
    return { kind: trouble.kind, subject: trouble.subject, hasSecondWayOut, hindsight: null, knownAtMs: 0 }
  if (before === undefined) return undefined
  // Without internet where it was thought dark: it never lost its power. Long dark and then so: its line trains after whatever it was.
  const kind = trouble?.kind === 'wan' && known?.trouble?.isDue !== true ? 'wan' : before.kind
  const isKnownNow = hindsight !== undefined && before.kind === 'dark' && before.hindsight !== hindsight
  return { ...before, kind, ...(isKnownNow ? { hindsight, knownAtMs: nowMs } : {}) }
}

/** Looks for the one fault behind this Location's trouble: a known outage, a wider one, or a new one. */
function account(turn: FleetTurn, member: Member): void {
  const { state } = turn
  const known = knownOutageOf(state, member)
  if (known !== undefined) {
    join(turn, known, member)
    return
  }
  const found = suspect(state, member)
  if (found === null) {
    const waiting = waitingOf(state, member)
    const pair = waiting === undefined ? pairOf(state, member) : null
    if (waiting !== undefined) join(turn, waiting, member)
    else if (pair !== null) formParent(turn, pair)
    return
  }
  const same = sameOutage(state, found, member)
  if (same !== undefined) {
    delete same.waitsUntilMs
    // A second coincidence among those who share more than the first ones did, minutes later: it is one fault, and a wider one.
    if (found.isFreeBeyondChance || found.score > scoreOf(state, same.group, member) + patience.betterBy)
      regroup(turn, same, found.group, 'More Locations than first seen are concerned: it is something wider')
    if (same.group === found.group) {
      for (const each of found.free) join(turn, same, each)
      return
    }
  }
  if (found.isFreeBeyondChance) formParent(turn, found)
}
