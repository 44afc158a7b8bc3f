import type { EpochMs } from '@proactive/shared'
import type { FleetState, Member, Trouble } from './model.ts'

const dayMs = 86_400_000

/** Before any Location said anything. */
export function emptyFleet(): FleetState {
  return {
    nowMs: 0,
    members: new Map(),
    parents: [],
    aloneCount: 0,
    locationDays: 0,
    wakeAtMs: null,
    idsByGroup: new Map(),
    troubled: new Set(),
    idsByParent: new Map(),
    dirtyMembers: new Set(),
  }
}

/** Moves the fleet's time on; never backwards. */
export function passTo(state: FleetState, nowMs: EpochMs): void {
  if (nowMs <= state.nowMs) return
  if (state.nowMs > 0) state.locationDays += (state.members.size * (nowMs - state.nowMs)) / dayMs
  state.nowMs = nowMs
}

/** Puts a member into the look-ups. */
export function enlist(state: FleetState, member: Member): void {
  state.members.set(member.locationId, member)
  for (const group of member.groups) {
    const ids = state.idsByGroup.get(group)
    if (ids === undefined) state.idsByGroup.set(group, new Set([member.locationId]))
    else ids.add(member.locationId)
  }
  if (member.trouble === null) state.troubled.delete(member.locationId)
  else state.troubled.add(member.locationId)
  assign(state, member, member.parentKey)
}

/** Says which parent accounts for a Location; null = none. */
export function assign(state: FleetState, member: Member, parentKey: string | null): void {
  const { locationId } = member
  if (member.parentKey !== null && member.parentKey !== parentKey) {
    const ids = state.idsByParent.get(member.parentKey)
    ids?.delete(locationId)
    if (ids?.size === 0) state.idsByParent.delete(member.parentKey)
  }
  member.parentKey = parentKey
  if (parentKey === null) return
  const ids = state.idsByParent.get(parentKey)
  if (ids === undefined) state.idsByParent.set(parentKey, new Set([locationId]))
  else ids.add(locationId)
}

/** Takes it out of the look-ups of what it shares; the member itself stays known. */
export function unlist(state: FleetState, member: Member): void {
  for (const group of member.groups) {
    const ids = state.idsByGroup.get(group)
    ids?.delete(member.locationId)
    if (ids?.size === 0) state.idsByGroup.delete(group)
  }
}

/** Dark or without internet is one trouble, seen from outside or from inside. */
export function isSameTrouble(a: Trouble | null, b: Trouble | null): boolean {
  if (a === null || b === null) return a === b
  return a.subject === b.subject && (a.kind === 'processor') === (b.kind === 'processor')
}

/** Whether one Organization answers for both. */
export function isSameOwner(a: string | null | undefined, b: string | null | undefined): boolean {
  return (a ?? null) === (b ?? null)
}

/** The Locations that a parent accounts for, whether they are still in trouble or not. */
export function membersOf(state: FleetState, parentKey: string): Member[] {
  const found: Member[] = []
  for (const id of state.idsByParent.get(parentKey) ?? []) {
    const member = state.members.get(id)
    if (member !== undefined) found.push(member)
  }
  return found
}

/** Those of them that are in trouble now. */
export function troubledOf(state: FleetState, parentKey: string): Member[] {
  return membersOf(state, parentKey).filter(({ trouble }) => trouble !== null)
}
