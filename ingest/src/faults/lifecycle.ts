import { dedupKey, type EpochMs } from '@proactive/shared'
import type { Cause } from './cause.ts'
import { nameOf } from './device-words.ts'
import { isOpenHours, nextOpeningCheckMs } from './hours.ts'
import { explains, type Judgement } from './judge.ts'
import { adviseByProbes } from './probing.ts'
import { reportOf } from './report.ts'
import { rules } from './rules.ts'
import type { Cue, IncidentFacts, ReasonFacts } from './state.ts'
import type { Turn } from './turn.ts'

/** Reasons kept per incident; the first ones say why it opened, so later ones fall away. */
const mostReasons = 16

/**
 * Lets the incidents follow what was judged: matches, moves, opens, recovers, closes. Creation is what waits and what is inhibited;
 * updates, moves and ends never are. Returns when to look again.
 */
export function followJudgement(turn: Turn, judgement: Judgement): EpochMs | null {
  const { state } = turn
  const wakes: EpochMs[] = []
  const matched = new Set<IncidentFacts>()
  for (const cause of judgement.causes) {
    let incident = matchOf(turn, cause)
    const isDarkAgain = cause.faultClass === 'location-dark' && incident !== undefined
    if (incident !== undefined) {
      matched.add(incident)
      if (incident.state === 'recovering' && judgement.explainedBy.has(cause)) {
        // Down again, but only because something nearer is: neither a relapse nor well.
        incident.goodSinceMs = null
        continue
      }
      const dueMs = cause.cue.loggedAtMs + holdOf(turn, cause)
      if (incident.state === 'recovering' && turn.nowMs < dueMs) {
        incident.goodSinceMs = null
        wakes.push(dueMs)
        continue
      }
      if (isDarkAgain && incident.faultClass !== 'location-dark' && incident.state === 'open') continue
      renew(turn, incident, cause)
    } else if (!judgement.explainedBy.has(cause)) {
      const suffering = sufferingOf(turn, cause)
      const dueMs = suffering === undefined ? dueOf(turn, cause) : moveDueOf(turn, cause, suffering)
      if (dueMs === null) continue
      if (turn.nowMs < dueMs) {
        wakes.push(dueMs)
        if (rules[cause.faultClass].secondProbeAfterMs !== null) wakes.push(...probeWake(turn, cause))
        continue
      }
      const advice = adviseByProbes(turn, cause)
      if (!advice.go) {
        wakes.push(advice.wakeAtMs)
        continue
      }
      incident =
        suffering === undefined
          ? openIncident(turn, cause, advice.didParentReply)
          : moveIncident(turn, suffering, cause, advice.didParentReply)
      matched.add(incident)
    }
    const nearer = judgement.explainedBy.get(cause)
    // What an ended incident left behind is looked at again when its time is over.
    if (nearer !== undefined && 'key' in nearer)
      wakes.push((nearer.goodSinceMs ?? nearer.clearedAtMs ?? turn.nowMs) + turn.timing.residualMs)
    if (incident !== undefined) foldInto(turn, incident, cause, matched)
  }
  for (const incident of [...state.incidents]) {
    if (matched.has(incident)) continue
    if (judgement.isBlind) {
      // What cannot be seen neither clears nor closes.
      incident.goodSinceMs = null
      continue
    }
    const wakeAtMs = recover(turn, incident)
    if (wakeAtMs !== null) wakes.push(wakeAtMs)
  }
  for (const incident of state.incidents) {
    if (!incident.hasNews) continue
    const dueMs = incident.toldAtMs + turn.timing.updateEveryMs
    if (turn.nowMs >= dueMs) tellIncident(turn, incident, 'updated')
    else wakes.push(dueMs)
  }
  return wakes.length > 0 ? Math.min(...wakes) : null
}

/** Probes are asked while the hold runs, so that their answers are there when it ends. */
function probeWake(turn: Turn, cause: Cause): EpochMs[] {
  if (isHeld(turn, cause)) return []
  const advice = adviseByProbes(turn, cause)
  return advice.go ? [] : [advice.wakeAtMs]
}

function matchOf(turn: Turn, cause: Cause): IncidentFacts | undefined {
  const { incidents } = turn.state
  const exact = incidents.find(
    ({ faultClass, rootId }) => faultClass === cause.faultClass && rootId === cause.rootId,
  )
  if (exact !== undefined || cause.faultClass !== 'location-dark') return exact
  // A Location that goes dark while a cause of darkness is known suffers from that one.
  return incidents.find(
    ({ faultClass, wasDark }) => wasDark || rules[faultClass].explains.includes('location-dark'),
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
  return rules[cause.faultClass].holdMs
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
  const dueMs = cause.cue.loggedAtMs + rules[cause.faultClass].holdMs
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

/** An incident opened for something this cause explains becomes this cause's: one cause, one Issue, the same key. */
function moveIncident(
  turn: Turn,
  incident: IncidentFacts,
  cause: Cause,
  didParentReply: boolean,
): IncidentFacts {
  // From outside all seemed to suffer; now it is known who does.
  if (incident.faultClass === 'location-dark') incident.affected = []
  if (incident.rootDeviceId !== undefined)
    incident.affected = mergeIds(incident.affected, [incident.rootDeviceId])
  addReasons(incident, parentWords(turn, didParentReply))
  changeCause(turn, incident, cause)
  spend(cause.cues)
  return incident
}

function isOfCause(turn: Turn, incident: IncidentFacts, cause: Cause): boolean {
  const { timing } = turn
  const isSameLine =
    cause.rootId === 'wan' && incident.rootId === 'wan' && incident.faultClass !== cause.faultClass
  if (isSameLine) return true
  if (incident.state !== 'open' && !incident.wasDark) return false
  return (
    explains(cause, incident, timing) ||
    // The fault that made it dark may have begun before the connection broke, and outlast the darkness.
    (incident.faultClass === 'location-dark' &&
      rules[cause.faultClass].explains.includes('location-dark') &&
      cause.startedAtMs <= (incident.goodSinceMs ?? turn.nowMs) + timing.slackMs)
  )
}

/** Gives an incident another cause and tells so; the key stays. */
export function changeCause(
  turn: Turn,
  incident: IncidentFacts,
  cause: Pick<
    Cause,
    'faultClass' | 'rootId' | 'rootDeviceId' | 'rootRole' | 'affected' | 'hasLostCarrier' | 'reasons'
  > & { startedAtMs?: EpochMs },
): void {
  incident.faultClass = cause.faultClass
  incident.rootId = cause.rootId
  incident.rootRole = cause.rootRole
  if (cause.rootDeviceId === undefined) delete incident.rootDeviceId
  else incident.rootDeviceId = cause.rootDeviceId
  incident.affected = mergeIds(incident.affected, cause.affected).filter((id) => id !== incident.rootDeviceId)
  incident.severity = severityOf(cause)
  incident.hasLostCarrier ||= cause.hasLostCarrier
  if (cause.startedAtMs !== undefined) {
    incident.startedAtMs = Math.min(cause.startedAtMs, incident.openedAtMs)
    incident.goodSinceMs = null
    if (incident.state === 'recovering') {
      incident.state = 'open'
      incident.clearedAtMs = null
    }
  }
  addReasons(incident, cause.reasons)
  tellIncident(turn, incident, 'moved')
}

function openIncident(turn: Turn, cause: Cause, didParentReply: boolean): IncidentFacts {
  const { state, nowMs } = turn
  const origin = cause.cues.some(({ isSpent }) => isSpent) ? turn.origin : cause.cue.origin
  const incident: IncidentFacts = {
    key: dedupKey({
      env: turn.env,
      scope: state.locationId,
      rootId: cause.rootId,
      faultClass: cause.faultClass,
      origin,
    }),
    faultClass: cause.faultClass,
    rootId: cause.rootId,
    ...(cause.rootDeviceId === undefined ? {} : { rootDeviceId: cause.rootDeviceId }),
    rootRole: cause.rootRole,
    state: 'open',
    severity: severityOf(cause),
    affected: mergeIds([], cause.affected).filter((id) => id !== cause.rootDeviceId),
    startedAtMs: cause.startedAtMs,
    openedAtMs: nowMs,
    clearedAtMs: null,
    goodSinceMs: null,
    relapses: 0,
    wasDark: cause.faultClass === 'location-dark',
    hasLostCarrier: cause.hasLostCarrier,
    reasons: [],
    toldAtMs: nowMs,
    hasNews: false,
  }
  addReasons(incident, cause.reasons)
  addReasons(incident, parentWords(turn, didParentReply))
  spend(cause.cues)
  state.incidents.push(incident)
  tellIncident(turn, incident, 'opened')
  return incident
}

function parentWords(turn: Turn, didParentReply: boolean): ReasonFacts[] {
  return didParentReply ? [{ atMs: turn.nowMs, text: 'The router answers when probed now' }] : []
}

/** How much it hurts trade: a checkout's PC or the network's own gear more than a printer. */
function severityOf({
  faultClass,
  rootRole,
}: Pick<Cause, 'faultClass' | 'rootRole'>): IncidentFacts['severity'] {
  const isPrinter = rootRole === 'printer'
  return faultClass === 'device-down' && !isPrinter ? 'high' : rules[faultClass].severity
}

/** The fault of a known incident stands (again). */
function renew(turn: Turn, incident: IncidentFacts, cause: Cause): void {
  const isRelapse = incident.state === 'recovering'
  incident.goodSinceMs = null
  incident.hasLostCarrier ||= cause.hasLostCarrier
  spend(cause.cues)
  const grown = mergeIds(incident.affected, cause.affected).filter((id) => id !== incident.rootDeviceId)
  if (grown.length > incident.affected.length) {
    incident.affected = grown
    incident.hasNews = true
  }
  if (incident.rootDeviceId === undefined && cause.rootDeviceId !== undefined) {
    incident.rootDeviceId = cause.rootDeviceId
    incident.affected = incident.affected.filter((id) => id !== cause.rootDeviceId)
    incident.hasNews = true
  }
  if (!isRelapse) {
    addReasons(incident, cause.reasons)
    return
  }
  incident.state = 'open'
  incident.clearedAtMs = null
  incident.relapses += 1
  addReasons(incident, [
    { atMs: cause.startedAtMs, text: 'It failed again before it had stayed well' },
    ...cause.reasons,
  ])
  if (incident.relapses === turn.timing.flapRelapses + 1) {
    addReasons(incident, [
      { atMs: turn.nowMs, text: 'It keeps coming and going: this stays open until it is stable for good' },
    ])
  }
  if (cause.faultClass === 'location-dark') incident.wasDark = true
  tellIncident(turn, incident, 'updated')
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
    )
  }
}

/** Closes at once and says why; nothing is dropped in silence. */
export function closeIncident(turn: Turn, incident: IncidentFacts, why: string): void {
  incident.clearedAtMs ??= turn.nowMs
  turn.isChanged = true
  addReasons(incident, [{ atMs: turn.nowMs, text: why }])
  turn.state.incidents = turn.state.incidents.filter((kept) => kept !== incident)
  turn.effects.push({
    type: 'incident',
    change: 'closed',
    report: { ...reportOf(turn.state, incident, turn.nowMs), state: 'closed', closedAtMs: turn.nowMs },
  })
}

/** The fault no longer stands: debounced, then watched for a while, then closed. Returns when to look again. */
function recover(turn: Turn, incident: IncidentFacts): EpochMs | null {
  const { state, nowMs, timing } = turn
  incident.goodSinceMs ??= nowMs
  if (incident.state === 'open') {
    const dueMs = incident.goodSinceMs + timing.clearAfterMs
    if (nowMs < dueMs) return dueMs
    incident.state = 'recovering'
    incident.clearedAtMs = incident.goodSinceMs
    addReasons(incident, [{ atMs: incident.goodSinceMs, text: recoveredWords(turn, incident) }])
    tellIncident(turn, incident, 'recovered')
  }
  const wellMs = incident.relapses > timing.flapRelapses ? timing.stableForMs : timing.wellForMs
  let dueMs = incident.goodSinceMs + wellMs
  if (incident.wasDark && state.flight !== null && !state.flight.isExplained)
    dueMs = Math.max(dueMs, (state.flight.backSinceMs ?? nowMs) + timing.explainWithinMs)
  if (nowMs < dueMs) return dueMs
  closeIncident(turn, incident, 'It stayed well')
  return null
}

function recoveredWords(turn: Turn, incident: IncidentFacts): string {
  const root =
    incident.rootDeviceId === undefined ? undefined : turn.state.deviceById.get(incident.rootDeviceId)
  if (incident.wasDark) return 'The appliance is connected again'
  return root === undefined ? 'It works again' : `${nameOf(turn.state, root)} works again`
}

/** Puts the incident out as it is now. */
export function tellIncident(
  turn: Turn,
  incident: IncidentFacts,
  change: 'opened' | 'updated' | 'moved' | 'recovered',
): void {
  incident.toldAtMs = turn.nowMs
  incident.hasNews = false
  turn.isChanged = true
  turn.effects.push({ type: 'incident', change, report: reportOf(turn.state, incident, turn.nowMs) })
}

export function addReasons(incident: IncidentFacts, reasons: readonly ReasonFacts[]): void {
  for (const { atMs, text } of reasons) {
    const isKnown = incident.reasons.some((known) => known.text === text)
    if (isKnown) continue
    incident.reasons.push({ atMs, text: text.slice(0, 300) })
    // The first half tells why it opened, the rest what came last.
    if (incident.reasons.length > mostReasons) incident.reasons.splice(mostReasons / 2, 1)
  }
}

function spend(cues: readonly Cue[]): void {
  for (const cue of cues) cue.isSpent = true
}

function mergeIds(known: readonly string[], more: readonly string[]): string[] {
  const merged = new Set(known)
  for (const id of more) merged.add(id)
  return [...merged].sort()
}
