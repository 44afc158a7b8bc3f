import type { FaultClass } from '@proactive/shared'
import { baseRate, evidenceFor } from './chance.ts'
import { membersOf } from './fleet-state.ts'
import { classOfGroup, isConcerned } from './groups.ts'
import type { Episode, FleetState, Member, Parent } from './model.ts'
import { patience } from './patience.ts'

/** One account of what stands at many Locations. */
export interface Account {
  readonly group: string
  readonly faultClass: FaultClass
  /** How much better than chance it accounts for them (log-likelihood ratio). */
  readonly score: number
}

/** What a recorder’s word on a darkness speaks against, and how a Location with another way out looks where only the first one failed. */
const unlikely = {
  /** Its provider failed and it was dark all the same: the second way out is the same provider's, or never worked. */
  darkInSpiteOfSecondWay: Math.log(0.05),
  /** What was seen on site was something else: another fault in the same minute. */
  hindsightOfAnother: Math.log(0.01),
} as const

const outageByHindsight: ReadonlyMap<FaultClass, FaultClass> = new Map([
  ['power-cut', 'region-outage'],
  ['provider-down', 'provider-outage'],
  ['wan-link-down', 'provider-outage'],
])

/** Whether what a Location says of its darkness is another outage's than this class. */
export function speaksAgainst({ hindsight }: Pick<Episode, 'hindsight'>, faultClass: FaultClass): boolean {
  const told = hindsight === null ? undefined : outageByHindsight.get(hindsight)
  return told !== undefined && told !== faultClass
}

/** What the kind of its trouble adds to, or takes from, an account of it by an outage of this class (logarithm of a likelihood, at most 0). */
export function hintOf({ episode }: Pick<Member, 'episode'>, faultClass: FaultClass): number {
  if (episode === undefined || episode.kind !== 'dark') return 0
  if (speaksAgainst(episode, faultClass)) return unlikely.hindsightOfAnother
  const isLeftDark = episode.hasSecondWayOut && episode.hindsight === null
  return isLeftDark && faultClass === 'provider-outage' ? unlikely.darkInSpiteOfSecondWay : 0
}

/** How well a group accounts for these of its Locations: their share of it against chance, and what each says of its reason. */
export function scoreOfGroup(
  state: FleetState,
  group: string,
  concerned: readonly Member[],
  p: number,
): number {
  const faultClass = classOfGroup(group)
  const size = state.idsByGroup.get(group)?.size ?? 0
  return concerned.reduce(
    (sum, member) => sum + hintOf(member, faultClass),
    evidenceFor(concerned.length, size, p),
  )
}

/**
 * What the Locations of a parent share, best account first: whoever of a group is well speaks against it, and so does a reason that a Location knows.
 * Only what nearly all of them share is asked about. Of equals the present one comes first, then the more particular.
 */
export function accountsOf(state: FleetState, parent: Parent): Account[] {
  const members = membersOf(state, parent.key)
  const own = byGroupOf(members)
  const others = byGroupOf(othersOf(state, parent))
  const p = baseRate(state, patience.windowMs)
  const found: Account[] = []
  for (const [group, concerned] of own) {
    const isShared = concerned.length >= Math.max(patience.fewest, members.length * patience.sharedBy)
    if (!isShared && group !== parent.group) continue
    const score = scoreOfGroup(state, group, [...concerned, ...(others.get(group) ?? [])], p)
    found.push({ group, faultClass: classOfGroup(group), score })
  }
  const isPresent = ({ group }: Account) => (group === parent.group ? 1 : 0)
  return found.sort((a, b) => b.score - a.score || isPresent(b) - isPresent(a))
}

/** Who got into trouble in its time and belongs to nothing or to another parent: what they share with its Locations counts as well. */
function othersOf(state: FleetState, { key, formedAtMs }: Parent): Member[] {
  const found: Member[] = []
  for (const id of state.troubled) {
    const member = state.members.get(id)
    if (member === undefined || member.parentKey === key) continue
    if (Math.abs(member.toldAtMs - formedAtMs) <= patience.windowMs) found.push(member)
  }
  return found
}

/** Whether what this group stands for can be behind a Location's trouble. Who got into it under a version before has no episode: what stands there tells. */
export function isConcernedBy({ groups, episode, trouble }: Member, group: string): boolean {
  const told = episode ?? trouble
  return groups.includes(group) && (told === null || isConcerned(group, told.kind, told.subject))
}

function byGroupOf(members: readonly Member[]): Map<string, Member[]> {
  const byGroup = new Map<string, Member[]>()
  for (const member of members) {
    for (const group of member.groups) {
      if (!isConcernedBy(member, group)) continue
      const known = byGroup.get(group)
      if (known === undefined) byGroup.set(group, [member])
      else known.push(member)
    }
  }
  return byGroup
}
