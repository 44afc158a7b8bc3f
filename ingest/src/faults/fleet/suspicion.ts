import { scoreOfGroup } from './attribution.ts'
import { baseRate, chanceOfCompany } from './chance.ts'
import { isSameOwner } from './fleet-state.ts'
import { isConcerned } from './groups.ts'
import type { FleetState, Member, Parent } from './model.ts'
import { patience } from './patience.ts'

/** Something shared by so many Locations in trouble at once that it is no coincidence. */
export interface Suspicion {
  readonly group: string
  /** Everybody in trouble by it, also those that a parent accounts for already. */
  readonly troubled: readonly Member[]
  /** Those of the same owner that nobody accounts for yet. */
  readonly free: readonly Member[]
  readonly score: number
  readonly chance: number
  /** Whether those that nobody accounts for are no coincidence by themselves. */
  readonly isFreeBeyondChance: boolean
}

/** What a Location that just got into trouble shares with others in trouble: the best account of it, or nothing beyond chance. */
export function suspect(state: FleetState, member: Member): Suspicion | null {
  if (member.trouble === null) return null
  const { kind, subject } = member.trouble
  let best: Suspicion | null = null
  for (const group of member.groups) {
    if (!isConcerned(group, kind, subject)) continue
    const found = judgeGroup(state, group, member)
    // More particular groups come first: of equals they stay.
    if (found !== null && (best === null || found.score > best.score)) best = found
  }
  return best
}

/** A coincidence that is being waited on, and that this one may be the next of. */
export function waitingOf(state: FleetState, { groups, trouble, stake }: Member): Parent | undefined {
  if (trouble === null) return undefined
  return state.parents.find(
    ({ waitsUntilMs, group, ownerId }) =>
      waitsUntilMs !== undefined &&
      groups.includes(group) &&
      isConcerned(group, trouble.kind, trouble.subject) &&
      isSameOwner(ownerId, stake?.ownerId),
  )
}

/** Two Locations that share something and got into trouble within seconds: no outage yet, and reason enough to wait for a third. */
export function pairOf(state: FleetState, member: Member): Suspicion | null {
  if (member.trouble === null) return null
  const { kind, subject } = member.trouble
  const sinceMs = state.nowMs - patience.pairApartMs
  let best: Suspicion | null = null
  for (const group of member.groups) {
    if (!isConcerned(group, kind, subject)) continue
    const ids = state.idsByGroup.get(group)
    if (ids === undefined || ids.size < patience.fewest) continue
    const free = freeOf(state, recentTroubles(state, group), member).filter(
      ({ parentKey, toldAtMs }) => parentKey === null && toldAtMs >= sinceMs,
    )
    if (free.length !== 2) continue
    const p = baseRate(state, patience.pairApartMs)
    const chance = chanceOfCompany(free.length, ids.size, p)
    const score = scoreOfGroup(state, group, free, p)
    if (chance > patience.pairChance || (best !== null && score <= best.score)) continue
    best = { group, troubled: free, free, score, chance, isFreeBeyondChance: false }
  }
  return best
}

/** Those of the same owner that nobody accounts for yet; what is waited on is free for whatever it turns out to be. */
function freeOf(state: FleetState, troubled: readonly Member[], { stake }: Pick<Member, 'stake'>): Member[] {
  const bound = new Set(
    state.parents.filter(({ waitsUntilMs }) => waitsUntilMs === undefined).map(({ key }) => key),
  )
  return troubled.filter(
    ({ parentKey, stake: other }) =>
      (parentKey === null || !bound.has(parentKey)) && isSameOwner(other?.ownerId, stake?.ownerId),
  )
}

/** Everybody in trouble by what a parent's Locations share that it does not account for yet. */
export function leftOut(state: FleetState, { key, group, ownerId }: Parent): Member[] {
  const stake = ownerId === undefined ? {} : { stake: { ownerId, organizationIds: [] } }
  return freeOf(state, recentTroubles(state, group), stake).filter(({ parentKey }) => parentKey !== key)
}

function judgeGroup(state: FleetState, group: string, member: Member): Suspicion | null {
  const ids = state.idsByGroup.get(group)
  if (ids === undefined || ids.size < patience.fewest) return null
  const troubled = recentTroubles(state, group)
  if (troubled.length < patience.fewest) return null
  const earliestMs = troubled.reduce((least, { toldAtMs }) => Math.min(least, toldAtMs), state.nowMs)
  const p = baseRate(state, Math.max(patience.leastWindowMs, state.nowMs - earliestMs))
  const chance = chanceOfCompany(troubled.length, ids.size, p)
  if (chance > patience.chance) return null
  const free = freeOf(state, troubled, member)
  // Those of others make it no coincidence as well, whatever accounts for them there.
  const unexplained = troubled.filter(
    (each) => free.includes(each) || !isSameOwner(each.stake?.ownerId, member.stake?.ownerId),
  )
  return {
    group,
    troubled,
    free,
    score: scoreOfGroup(state, group, troubled, p),
    chance,
    isFreeBeyondChance:
      free.length >= patience.fewest && chanceOfCompany(unexplained.length, ids.size, p) <= patience.chance,
  }
}

/** How well a group accounts for those in trouble by it; 0 where that is no more than chance. */
export function scoreOf(state: FleetState, group: string, member: Member): number {
  return judgeGroup(state, group, member)?.score ?? 0
}

/** Everybody in trouble by this group now; of those without a parent only the recent ones. */
function recentTroubles(state: FleetState, group: string): Member[] {
  const found: Member[] = []
  for (const id of state.troubled) {
    const member = state.members.get(id)
    if (member?.trouble == null || !member.groups.includes(group)) continue
    if (!isConcerned(group, member.trouble.kind, member.trouble.subject)) continue
    if (member.toldAtMs >= state.nowMs - patience.windowMs) found.push(member)
  }
  return found
}

/** A known outage that this trouble belongs to: it shares its group, and comes soon after the others or while half of the group is in trouble. */
export function knownOutageOf(state: FleetState, member: Member): Parent | undefined {
  const { trouble } = member
  if (trouble === null) return undefined
  return state.parents.find((parent) => {
    if (!isSameOwner(parent.ownerId, member.stake?.ownerId)) return false
    if (!member.groups.includes(parent.group)) return false
    if (!isConcerned(parent.group, trouble.kind, trouble.subject)) return false
    // Whether the next one belongs to what is no more than a coincidence is asked like any other.
    if (parent.state === 'recovering' || parent.waitsUntilMs !== undefined) return false
    if (state.nowMs - parent.lastJoinMs <= patience.joinMs) return true
    const size = state.idsByGroup.get(parent.group)?.size ?? 0
    return parent.mostMembers >= size * patience.joinShare
  })
}

/** The outage whose Locations are nearly all among these: the same one, seen wider. */
export function sameOutage(
  state: FleetState,
  { group, troubled }: Suspicion,
  { stake }: Member,
): Parent | undefined {
  const inTrouble = new Map<string, number>()
  for (const { parentKey } of troubled)
    if (parentKey !== null) inTrouble.set(parentKey, (inTrouble.get(parentKey) ?? 0) + 1)
  const isPay = group.startsWith('pay:')
  return state.parents.find(
    (parent) =>
      isSameOwner(parent.ownerId, stake?.ownerId) &&
      parent.group.startsWith('pay:') === isPay &&
      (parent.group === group || (inTrouble.get(parent.key) ?? 0) >= parent.mostMembers * 0.8),
  )
}
