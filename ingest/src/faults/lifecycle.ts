import type { EpochMs } from '@proactive/shared'
import type { Cause } from './cause.ts'
import { nameOf } from './device-words.ts'
import { isOpenHours } from './hours.ts'
import {
  addReasons,
  closeIncident,
  mergeIds,
  moveIncident,
  openIncident,
  renew,
  tellIncident,
} from './incident-changes.ts'
import { canDarken, explains, type Judgement } from './judge.ts'
import { isLineHardlyUsable } from './judge-paths.ts'
import { muteOf, reviewMutes } from './mutes.ts'
import { adviseByProbes } from './probing.ts'
import { rules } from './rules.ts'
import type { IncidentFacts } from './state.ts'
import { nextOpeningCheckMs } from './trading.ts'
import type { Turn } from './turn.ts'

/**
 * Lets the incidents follow what was judged: matches, moves, opens, recovers, closes. Creation is what waits and what is inhibited;
 * updates, moves and ends never are. Returns when to look again.
 */
export function followJudgement(turn: Turn, judgement: Judgement): EpochMs | null {
  const { state, nowMs, timing } = turn
  const wakes: EpochMs[] = []
  const matched = new Set<IncidentFacts>()
  for (const cause of judgement.causes) followCause(turn, judgement, cause, matched, wakes)
  for (const incident of [...state.incidents]) {
    if (matched.has(incident)) continue
    // What cannot be seen neither clears nor closes.
    if (judgement.isBlind) incident.goodSinceMs = null
    else recover(turn, incident, wakes)
  }
  const muteWakeMs = reviewMutes(turn)
  if (muteWakeMs !== null) wakes.push(muteWakeMs)
  // What is broken over night hurts from the opening on.
  const opensAtMs = state.incidents.length > 0 ? nextOpeningCheckMs(state.config, nowMs) : null
  if (opensAtMs !== null && !isOpenHours(state.config, nowMs)) wakes.push(opensAtMs)
  for (const incident of state.incidents) {
    if (!incident.hasNews) continue
    const dueMs = incident.toldAtMs + timing.updateEveryMs
    if (nowMs >= dueMs) tellIncident(turn, incident, 'updated')
    else wakes.push(dueMs)
  }
  return wakes.length > 0 ? Math.min(...wakes) : null
}

function followCause(
  turn: Turn,
  judgement: Judgement,
  cause: Cause,
  matched: Set<IncidentFacts>,
  wakes: EpochMs[],
): void {
  const { nowMs, timing } = turn
  const nearer = judgement.explainedBy.get(cause)
  // What an ended incident left behind is looked at again when its time is over.
  if (nearer !== undefined && 'key' in nearer)
    wakes.push((nearer.goodSinceMs ?? nearer.clearedAtMs ?? nowMs) + timing.residualMs)
  let incident = matchOf(turn, cause)
  if (incident !== undefined) {
    matched.add(incident)
    if (!goesOn(turn, incident, cause, nearer !== undefined, wakes)) return
    renew(turn, incident, cause)
  } else {
    if (nearer !== undefined) return
    incident = begin(turn, cause, wakes)
    if (incident === undefined) return
    matched.add(incident)
  }
  foldInto(turn, incident, cause, matched)
}

/** Whether a standing cause says something new of its incident; a relapse must last as long as a first fault. */
function goesOn(
  turn: Turn,
  incident: IncidentFacts,
  cause: Cause,
  isExplained: boolean,
  wakes: EpochMs[],
): boolean {
  if (incident.state === 'open') {
    if (cause.faultClass !== 'location-dark' || incident.faultClass === 'location-dark') return true
    // Dark now, by a cause that is known already: nothing new, unless that one lets a packet through now and then.
    return incident.faultClass === 'wan-degraded' && outgrowsLine(turn, incident, cause, wakes)
  }
  const dueMs = cause.cue.loggedAtMs + holdOf(turn, cause)
  if (!isExplained && turn.nowMs >= dueMs) return true
  // Neither well nor a relapse: not yet, or only because something nearer is down.
  incident.goodSinceMs = null
  if (!isExplained) wakes.push(dueMs)
  return false
}

/** On a line that is hardly usable connections break and take minutes to come about again; one that stays away for longer is dark, and the same Issue says so. */
function outgrowsLine(turn: Turn, incident: IncidentFacts, cause: Cause, wakes: EpochMs[]): boolean {
  const dueMs = turn.state.session.sinceMs + turn.timing.lineDarkMs
  if (turn.nowMs < dueMs) {
    wakes.push(dueMs)
    return false
  }
  incident.wasDark = true
  moveIncident(turn, incident, cause, [])
  return true
}

/** Opens an incident for the cause, or moves one to it, as soon as nothing holds that back any more. */
function begin(turn: Turn, cause: Cause, wakes: EpochMs[]): IncidentFacts | undefined {
  const suffering = sufferingOf(turn, cause)
  const dueMs = suffering === undefined ? dueOf(turn, cause) : moveDueOf(turn, cause, suffering)
  if (dueMs === null) return undefined
  const isDue = turn.nowMs >= dueMs
  if (!isDue) {
    wakes.push(dueMs)
    const isFar = dueMs - turn.nowMs > 2 * turn.timing.probeValidMs
    if (isFar || isHeld(turn, cause) || rules[cause.faultClass].secondProbeAfterMs === null) return undefined
  }
  // Probes are asked while the hold runs, so that their answers are there when it ends.
  const advice = adviseByProbes(turn, cause)
  if (!advice.go) wakes.push(advice.wakeAtMs)
  if (!isDue || !advice.go) return undefined
  return suffering === undefined
    ? openIncident(turn, cause, advice.answering, muteOf(turn.state, cause, turn.nowMs))
    : moveIncident(turn, suffering, cause, advice.answering)
}

function matchOf(turn: Turn, cause: Cause): IncidentFacts | undefined {
  const { incidents } = turn.state
  const exact = incidents.find(
    ({ faultClass, rootId }) => faultClass === cause.faultClass && rootId === cause.rootId,
  )
  if (exact !== undefined || cause.faultClass !== 'location-dark') return exact
  // A Location that goes dark while a cause of darkness is known suffers from that one.
  return incidents.find(
    ({ faultClass, state, wasDark }) =>
      wasDark ||
      (faultClass === 'wan-degraded'
        ? state === 'open' && isLineHardlyUsable(turn.state)
        : rules[faultClass].explains.includes('location-dark')),
  )
}

function isHeld(turn: Turn, cause: Cause): boolean {
  const { hold } = turn.state
  const { waitsAfter } = rules[cause.faultClass]
  return hold !== null && (waitsAfter === 'reconnect' || (waitsAfter === 'start' && hold.kind === 'start'))
}

function holdOf(turn: Turn, cause: Cause): number {
  const { state, timing } = turn
  if (cause.faultClass === 'location-dark')
    return state.session.how === 'gateway-lost' ? timing.darkAfterGatewayLostMs : timing.darkAfterWillMs
  if (cause.faultClass === 'appliance-down') return timing.goodbyeMs
  return cause.holdMs ?? rules[cause.faultClass].holdMs
}

/** When the cause may open an incident at the earliest; null = not before something else happens. */
function dueOf(turn: Turn, cause: Cause): EpochMs | null {
  const { state, timing, nowMs } = turn
  const rule = rules[cause.faultClass]
  const isOpen = isOpenHours(state.config, nowMs)
  if (rule.whenClosed === 'nothing' && !isOpen) return nextOpeningCheckMs(state.config, nowMs)
  if (!cause.canRaise) return null
  const isSlower = rule.whenClosed === 'slower' && !isOpen
  const waitMs = isSlower ? Math.max(holdOf(turn, cause), timing.closedHoursHoldMs) : holdOf(turn, cause)
  let dueMs = cause.cue.loggedAtMs + waitMs
  if (cause.faultClass === 'location-dark') {
    dueMs = Math.max(state.session.sinceMs, state.session.lastHeardMs) + waitMs
  }
  if (rule.waitsAfter === 'never') dueMs = Math.max(dueMs, state.session.notBeforeMs)
  // At the opening of the shop the wait is over early.
  if (isSlower) dueMs = Math.min(dueMs, nextOpeningCheckMs(state.config, nowMs) ?? dueMs)
  if (isHeld(turn, cause)) dueMs = Math.max(dueMs, state.hold?.untilMs ?? 0)
  return dueMs
}

/** When an incident may move to the cause: no start holds that back, only the cause's own debounce. */
function moveDueOf(turn: Turn, cause: Cause, incident: IncidentFacts): EpochMs | null {
  if (!cause.canRaise) return null
  const { state, timing } = turn
  const dueMs = cause.cue.loggedAtMs + (cause.holdMs ?? rules[cause.faultClass].holdMs)
  // An agent that just started may see a router that boots like itself: after a power cut its verdict comes first.
  const startedMs = state.hold?.kind === 'start' ? state.hold.startedMs : null
  const isStarting = incident.faultClass === 'location-dark' && startedMs !== null
  return isStarting ? Math.max(dueMs, startedMs + timing.verdictPatienceMs) : dueMs
}

/** The first incident that was opened for something this cause explains. */
function sufferingOf(turn: Turn, cause: Cause): IncidentFacts | undefined {
  return turn.state.incidents
    .filter((incident) => isOfCause(turn, incident, cause))
    .sort((a, b) => a.openedAtMs - b.openedAtMs || (a.key < b.key ? -1 : 1))[0]
}

function isOfCause(turn: Turn, incident: IncidentFacts, cause: Cause): boolean {
  const { timing } = turn
  const isSameLine =
    cause.rootId === 'wan' && incident.rootId === 'wan' && incident.faultClass !== cause.faultClass
  if (isSameLine) return true
  // A line that did badly and then died, or its router: one fault that grew.
  const hasGrown =
    incident.faultClass === 'wan-degraded' && rules[cause.faultClass].explains.includes('wan-degraded')
  if (hasGrown && incident.state === 'open') return true
  // It is back and does as badly as before it died: the same fault still.
  const hasShrunk = cause.faultClass === 'wan-degraded' && incident.rootId === 'wan'
  if (hasShrunk && incident.state === 'recovering' && cause.startedAtMs < incident.startedAtMs) return true
  // Seen on site nothing was wrong but the way to the cloud, over a line that hardly lets a packet through: that is why.
  const isByLine = cause.faultClass === 'wan-degraded' && incident.faultClass === 'cloud-unreachable'
  if (isByLine && canDarken(cause) && cause.startedAtMs <= incident.startedAtMs + timing.slackMs) return true
  if (incident.state !== 'open' && !incident.wasDark) return false
  return (
    explains(turn.state, cause, incident, timing) ||
    // The fault that made it dark may have begun before the connection broke, and outlast the darkness.
    (incident.faultClass === 'location-dark' &&
      canDarken(cause) &&
      cause.startedAtMs <= (incident.goodSinceMs ?? turn.nowMs) + timing.slackMs)
  )
}

/** Incidents that merely suffer from this cause end here: their cause has its own Issue. */
function foldInto(turn: Turn, incident: IncidentFacts, cause: Cause, matched: Set<IncidentFacts>): void {
  if (incident.faultClass !== cause.faultClass || incident.state !== 'open') return
  for (const other of [...turn.state.incidents]) {
    if (other === incident || other.state !== 'open' || !isOfCause(turn, other, cause)) continue
    matched.delete(other)
    if (other.rootDeviceId !== undefined && other.rootDeviceId !== incident.rootDeviceId) {
      incident.affected = mergeIds(incident.affected, [other.rootDeviceId])
      incident.hasNews = true
    }
    closeIncident(
      turn,
      other,
      `Explained by another fault of this Location, which has its own Issue (${incident.key})`,
      'folded',
    )
  }
}

/** The fault no longer stands: debounced, then watched for a while, then closed. */
function recover(turn: Turn, incident: IncidentFacts, wakes: EpochMs[]): void {
  const { state, nowMs, timing } = turn
  incident.goodSinceMs ??= nowMs
  if (incident.state === 'open') {
    const dueMs = incident.goodSinceMs + rules[incident.faultClass].clearMs
    if (nowMs < dueMs) {
      wakes.push(dueMs)
      return
    }
    incident.state = 'recovering'
    incident.clearedAtMs = incident.goodSinceMs
    addReasons(incident, [{ atMs: incident.goodSinceMs, text: recoveredWords(turn, incident) }])
    tellIncident(turn, incident, 'recovered')
  }
  const wellMs = incident.relapses > timing.flapRelapses ? timing.stableForMs : timing.wellForMs
  let dueMs = incident.goodSinceMs + wellMs
  if (incident.wasDark && state.flight !== null && !state.flight.isExplained)
    dueMs = Math.max(dueMs, (state.flight.backSinceMs ?? nowMs) + timing.explainWithinMs)
  if (nowMs >= dueMs) closeIncident(turn, incident, 'It stayed well', 'well')
  else wakes.push(dueMs)
}

function recoveredWords(turn: Turn, incident: IncidentFacts): string {
  const root =
    incident.rootDeviceId === undefined ? undefined : turn.state.deviceById.get(incident.rootDeviceId)
  if (incident.wasDark) return 'The appliance is connected again'
  return root === undefined ? 'It works again' : `${nameOf(root)} works again`
}
