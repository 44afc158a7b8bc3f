import { dedupKey, type EpochMs, type EvidenceOrigin, type FaultClass } from '@proactive/shared'
import { accountsOf, isConcernedBy, speaksAgainst } from './attribution.ts'
import type { IncidentReport } from '../model.ts'
import { assign, isSameOwner, membersOf, troubledOf } from './fleet-state.ts'
import { classOfGroup, groupWords } from './groups.ts'
import type { FleetEffect, FleetParent, FleetState, Member, Parent } from './model.ts'
import { headlineOf, reportOf } from './parent-words.ts'
import { patience } from './patience.ts'
import { knownOutageOf, leftOut, type Suspicion } from './suspicion.ts'

const mostReasons = 16

/** One event being reduced. */
export interface FleetTurn {
  readonly env: string
  readonly state: FleetState
  readonly origin: EvidenceOrigin
  readonly effects: FleetEffect[]
}

/** A suspicion becomes a parent: from now on its Locations open nothing of their own. */
export function formParent(turn: FleetTurn, { group, free, troubled, chance }: Suspicion): Parent {
  const { state, env, origin } = turn
  const lead = [...free].sort(
    (a, b) => a.toldAtMs - b.toldAtMs || (a.locationId < b.locationId ? -1 : 1),
  )[0] as Member
  const faultClass = classOfGroup(group)
  const size = state.idsByGroup.get(group)?.size ?? 0
  const parent: Parent = {
    // The evidence that made it more than chance; one record makes one parent at most.
    key: dedupKey({ env, scope: 'fleet', rootId: group, faultClass, origin }),
    group,
    faultClass,
    leadLocationId: lead.locationId,
    ...(lead.stake === undefined ? {} : { ownerId: lead.stake.ownerId }),
    startedAtMs: Math.min(...free.map(({ trouble, toldAtMs }) => trouble?.sinceMs ?? toldAtMs)),
    formedAtMs: state.nowMs,
    openedAtMs: null,
    state: 'forming',
    lastJoinMs: state.nowMs,
    ...(troubled.length < patience.fewest ? { waitsUntilMs: state.nowMs + waitFor(chance) } : {}),
    mostMembers: 0,
    mostlyWellSinceMs: null,
    wellSinceMs: null,
    toldMembers: 0,
    toldAtMs: state.nowMs,
    reasons: [
      {
        atMs: state.nowMs,
        text: `${troubled.length} of ${size} Locations got into trouble within minutes: more than chance accounts for`,
      },
    ],
  }
  state.parents.push(parent)
  for (const member of free) join(turn, parent, member)
  return parent
}

/** How long two are waited on for a third. */
function waitFor(chance: number): number {
  return chance <= patience.surePairChance ? patience.surePairMs : patience.pairMs
}

/** The parent accounts for this Location from now on. */
export function join(turn: FleetTurn, parent: Parent, member: Member): void {
  const { state, effects } = turn
  if (member.parentKey === null) state.aloneCount = Math.max(0, state.aloneCount - 1)
  assign(state, member, parent.key)
  state.dirtyMembers.add(member.locationId)
  parent.lastJoinMs = state.nowMs
  parent.isUnreviewed = true
  effects.push({ type: 'fleet-judged', locationId: member.locationId, parent: wordOf(turn, parent) })
}

function wordOf({ state }: FleetTurn, parent: Parent): FleetParent {
  const { key, faultClass } = parent
  return { key, faultClass, headline: headlineOf(state, parent), isOpen: parent.openedAtMs !== null }
}

/** What a parent is has changed: its Locations hear of it. */
function tellMembers(turn: FleetTurn, parent: Parent): void {
  const word = wordOf(turn, parent)
  for (const { locationId } of membersOf(turn.state, parent.key))
    turn.effects.push({ type: 'fleet-judged', locationId, parent: word })
}

/** What its Locations share is something else than was thought: wider, or of another kind. The key stays. */
export function regroup(turn: FleetTurn, parent: Parent, group: string, why: string): void {
  if (parent.group === group) return
  parent.group = group
  parent.faultClass = classOfGroup(group)
  for (const member of membersOf(turn.state, parent.key)) {
    if (!isConcernedBy(member, group)) release(turn, member)
  }
  for (const member of leftOut(turn.state, parent)) join(turn, parent, member)
  // Before it is open nobody was told anything that would have to be taken back.
  if (parent.openedAtMs !== null) {
    note(parent, turn.state.nowMs, why)
    tell(turn, parent, 'moved')
  }
  tellMembers(turn, parent)
}

/** A Location says more of its trouble. Where that is the word of one against a certainty, it is another fault of the same time. */
export function learnOf(turn: FleetTurn, parent: Parent, member: Member): void {
  const { episode } = member
  const isSure = (parent.leadOverOthers ?? 0) > patience.sureBy
  if (isSure && episode !== undefined && speaksAgainst(episode, parent.faultClass)) release(turn, member)
  else parent.isUnreviewed = true
}

/** Another parent of the same owner that names the same thing: one fault. What opened first goes on, else what formed first. */
function twinOf({ state }: FleetTurn, parent: Parent): Parent | undefined {
  return state.parents.find(
    (other) =>
      other !== parent &&
      other.group === parent.group &&
      other.state !== 'recovering' &&
      isSameOwner(other.ownerId, parent.ownerId),
  )
}

/** Both name the same thing: the later one ends in the earlier one. */
function unite(turn: FleetTurn, parent: Parent, twin: Parent): Parent {
  const order = ({ openedAtMs, formedAtMs }: Parent) => openedAtMs ?? formedAtMs + patience.windowMs
  const [kept, ended] = order(twin) <= order(parent) ? [twin, parent] : [parent, twin]
  // One of them is beyond chance: then both are.
  if (ended.waitsUntilMs === undefined) delete kept.waitsUntilMs
  for (const member of membersOf(turn.state, ended.key)) join(turn, kept, member)
  const why = ended.openedAtMs === null ? null : `It is the same as: ${headlineOf(turn.state, kept)}`
  endParent(turn, ended, why, 'folded')
  return kept
}

/** Asks anew what the Locations of a parent share best, now that more is known of them. */
function review(turn: FleetTurn, parent: Parent, wakes: EpochMs[]): void {
  const { state } = turn
  const { nowMs } = state
  if (parent.isUnreviewed === true) {
    const dueMs = (parent.reviewedAtMs ?? 0) + patience.reviewMs
    if (nowMs < dueMs) wakes.push(dueMs)
    else {
      parent.isUnreviewed = false
      parent.reviewedAtMs = nowMs
      const accounts = accountsOf(state, parent)
      const [best] = accounts
      const present = accounts.find(({ group }) => group === parent.group)
      const other = accounts.find(({ faultClass }) => faultClass !== parent.faultClass)
      parent.leadOverOthers = (present?.score ?? 0) - (other?.score ?? 0)
      if (best !== undefined && best.score > (present?.score ?? 0) + patience.betterBy)
        regroup(turn, parent, best.group, whyOf(parent, best.faultClass, best.group))
    }
  }
  for (const member of membersOf(state, parent.key)) {
    if (member.episode === undefined || !speaksAgainst(member.episode, parent.faultClass)) continue
    const dueMs = member.episode.knownAtMs + patience.doubtMs
    if (nowMs >= dueMs) release(turn, member)
    else wakes.push(dueMs)
  }
}

function whyOf({ faultClass: before }: Parent, faultClass: FaultClass, group: string): string {
  const what = groupWords(group)
  if (faultClass === before) return `Its Locations share ${what} more than what was named first`
  return faultClass === 'region-outage'
    ? `It is the power in ${what}: also Locations with a second way out were dark, or their appliances lost their power`
    : `It is not the power: Locations were there without internet, and what they share is ${what}`
}

function release(turn: FleetTurn, member: Member): void {
  assign(turn.state, member, null)
  turn.state.dirtyMembers.add(member.locationId)
  turn.effects.push({ type: 'fleet-judged', locationId: member.locationId, parent: null })
}

/** Lets every parent go on; returns when to look again. */
export function followParents(turn: FleetTurn): EpochMs | null {
  const wakes: EpochMs[] = []
  for (const parent of [...turn.state.parents]) followParent(turn, parent, wakes)
  return wakes.length > 0 ? Math.min(...wakes) : null
}

function followParent(turn: FleetTurn, parent: Parent, wakes: EpochMs[]): void {
  const { state } = turn
  const { nowMs } = state
  if (!state.parents.includes(parent)) return
  review(turn, parent, wakes)
  const twin = twinOf(turn, parent)
  if (twin !== undefined) {
    const kept = unite(turn, parent, twin)
    if (kept !== parent) {
      // It may have had its turn already.
      followParent(turn, kept, wakes)
      return
    }
  }
  const standing = troubledOf(state, parent.key)
  parent.mostMembers = Math.max(parent.mostMembers, standing.length)
  if (parent.state === 'forming') {
    const dueMs = parent.formedAtMs + patience.formMs
    const isDue = standing.filter(({ trouble }) => trouble?.isDue).length >= patience.fewest
    const { waitsUntilMs } = parent
    if (waitsUntilMs !== undefined) {
      if (standing.length > 1 && nowMs < waitsUntilMs) wakes.push(waitsUntilMs)
      else endParent(turn, parent, null)
    } else if (nowMs < dueMs) wakes.push(dueMs)
    else if (standing.length < patience.fewest) endParent(turn, parent, null)
    else if (isDue) {
      parent.state = 'open'
      parent.openedAtMs = nowMs
      parent.toldMembers = standing.length
      tell(turn, parent, 'opened')
      tellMembers(turn, parent)
      followParent(turn, parent, wakes)
    }
    return
  }
  if (parent.state === 'open') followOpen(turn, parent, standing, wakes)
  else followRecovering(turn, parent, standing, wakes)
}

function followOpen(turn: FleetTurn, parent: Parent, standing: readonly Member[], wakes: EpochMs[]): void {
  const { state } = turn
  const { nowMs } = state
  const isMostlyWell =
    standing.length <= Math.max(patience.restCount, parent.mostMembers * patience.restShare)
  if (!isMostlyWell) {
    parent.mostlyWellSinceMs = null
    parent.wellSinceMs = null
    if (standing.length > parent.toldMembers) {
      const dueMs = parent.toldAtMs + patience.updateMs
      if (nowMs < dueMs) wakes.push(dueMs)
      else tell(turn, parent, 'updated')
    }
    return
  }
  parent.mostlyWellSinceMs ??= nowMs
  if (standing.length > 0) {
    const dueMs = parent.mostlyWellSinceMs + patience.splitMs
    if (nowMs < dueMs) {
      parent.wellSinceMs = null
      wakes.push(dueMs)
      return
    }
    note(
      parent,
      nowMs,
      `${standing.length} of its Locations stayed in trouble: they have faults of their own`,
    )
    for (const member of standing) release(turn, member)
  }
  parent.wellSinceMs ??= nowMs
  const dueMs = parent.wellSinceMs + patience.clearMs
  if (nowMs < dueMs) {
    wakes.push(dueMs)
    return
  }
  parent.state = 'recovering'
  note(parent, parent.wellSinceMs, 'Its Locations are well again')
  tell(turn, parent, 'recovered')
  wakes.push(parent.wellSinceMs + patience.wellMs)
}

function followRecovering(
  turn: FleetTurn,
  parent: Parent,
  standing: readonly Member[],
  wakes: EpochMs[],
): void {
  const { nowMs } = turn.state
  if (standing.length >= patience.fewest) {
    parent.state = 'open'
    parent.mostlyWellSinceMs = null
    parent.wellSinceMs = null
    note(parent, nowMs, 'It failed again before it had stayed well')
    tell(turn, parent, 'updated')
    return
  }
  // One or two that fail again after the others came back have faults of their own.
  for (const member of standing) {
    const releaseMs = member.toldAtMs + patience.leastWindowMs
    if (nowMs >= releaseMs) release(turn, member)
    else wakes.push(releaseMs)
  }
  const dueMs = (parent.wellSinceMs ?? nowMs) + patience.wellMs
  if (nowMs < dueMs) {
    wakes.push(dueMs)
    return
  }
  endParent(turn, parent, 'It stayed well')
}

/** The parent is over, or was none: nobody is accounted for by it any more. */
function endParent(
  turn: FleetTurn,
  parent: Parent,
  why: string | null,
  endedBy: NonNullable<IncidentReport['endedBy']> = 'well',
): void {
  const { state } = turn
  if (why !== null) {
    note(parent, state.nowMs, why)
    tell(turn, parent, 'closed', endedBy)
  }
  state.parents = state.parents.filter((kept) => kept !== parent)
  // What never opened was none: its Locations' troubles are what happens by chance.
  if (parent.openedAtMs === null) state.aloneCount += membersOf(state, parent.key).length
  for (const member of membersOf(state, parent.key)) {
    // What was none lets go of what may meanwhile be another one's: without a word between, that would open an Issue.
    const known = parent.openedAtMs === null ? knownOutageOf(state, member) : undefined
    if (known === undefined) release(turn, member)
    else {
      assign(state, member, null)
      join(turn, known, member)
    }
  }
}

function note(parent: Parent, atMs: EpochMs, text: string): void {
  parent.reasons.push({ atMs, text })
  if (parent.reasons.length > mostReasons) parent.reasons.splice(mostReasons / 2, 1)
}

function tell(
  turn: FleetTurn,
  parent: Parent,
  change: Extract<FleetEffect, { type: 'incident' }>['change'],
  endedBy?: IncidentReport['endedBy'],
): void {
  const { state } = turn
  parent.toldMembers = Math.max(parent.toldMembers, parent.mostMembers)
  parent.toldAtMs = state.nowMs
  turn.effects.push({ type: 'incident', change, report: reportOf(state, parent, endedBy) })
}
