import { emptyFleet, enlist, isSameTrouble, passTo, unlist } from './fleet-state.ts'
import { groupsOf } from './groups.ts'
import type { FleetCore, FleetEvent, Member } from './model.ts'
import { type FleetTurn, followParents, formParent, join, widen } from './parents.ts'
import { knownOutageOf, sameOutage, scoreOf, suspect } from './suspicion.ts'

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
    state.members.delete(locationId)
    state.troubled.delete(locationId)
    return
  }
  const isNews = !isSameTrouble(known?.trouble ?? null, trouble)
  const member: Member = {
    ...(known ?? { locationId, parentKey: null, toldAtMs: 0, offset: 0 }),
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
  if (!isNews || trouble === null) return
  member.toldAtMs = state.nowMs
  member.offset = origin.from === 'ingest' ? origin.offset : 0
  if (member.parentKey !== null && state.parents.some(({ key }) => key === member.parentKey)) return
  state.aloneCount += 1
  account(turn, member)
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
  if (found === null) return
  const same = sameOutage(state, found, member)
  if (same !== undefined) {
    // A second coincidence among those who share more than the first ones did, minutes later: it is one fault, and a wider one.
    if (found.isFreeBeyondChance || found.score > scoreOf(state, same.group, member))
      widen(turn, same, found.group)
    if (same.group === found.group) {
      for (const each of found.free) join(turn, same, each)
      return
    }
  }
  if (found.isFreeBeyondChance) formParent(turn, found)
}
