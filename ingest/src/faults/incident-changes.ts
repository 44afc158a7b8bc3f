import { dedupKey, type EpochMs, severities } from '@proactive/shared'
import type { Cause } from './cause.ts'
import { nameOf } from './device-words.ts'
import { isCovered, staysCovered } from './fleet/cover.ts'
import { severityOf } from './impact.ts'
import { gatewayDeviceOf } from './inventory.ts'
import type { IncidentReport } from './model.ts'
import type { Mute } from './mutes.ts'
import { reportOf } from './report.ts'
import type { Cue, DeviceFacts, IncidentFacts, ReasonFacts } from './state.ts'
import type { Turn } from './turn.ts'

/** Reasons kept per incident; the first ones say why it opened, so later ones fall away. */
const mostReasons = 16

/** Gives an incident another cause and tells so; the key stays. */
export function changeCause(
  turn: Turn,
  incident: IncidentFacts,
  cause: Pick<
    Cause,
    | 'faultClass'
    | 'rootId'
    | 'rootDeviceId'
    | 'rootRole'
    | 'affected'
    | 'hasLostCarrier'
    | 'reasons'
    | 'severity'
  > & { startedAtMs?: EpochMs },
): void {
  incident.faultClass = cause.faultClass
  // What many share does not account for this cause, whatever it turns out to be: it has its own Issue.
  if (incident.isOfFleet === true && !staysCovered(turn.state, cause.faultClass)) incident.isOfFleet = false
  incident.rootId = cause.rootId
  incident.rootRole = cause.rootRole
  if (cause.rootDeviceId === undefined) delete incident.rootDeviceId
  else incident.rootDeviceId = cause.rootDeviceId
  incident.affected = mergeIds(incident.affected, cause.affected).filter((id) => id !== incident.rootDeviceId)
  incident.severity = severityOf(turn.state, cause, turn.nowMs)
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

/** Opens an incident. Its key comes from its first evidence, or from what is read now where that opened one before: reading the log again makes the same keys. */
export function openIncident(
  turn: Turn,
  cause: Cause,
  answering: readonly DeviceFacts[],
  mute: Mute | null,
): IncidentFacts {
  const { state, nowMs, timing } = turn
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
    severity: severityOf(state, cause, nowMs),
    affected: mergeIds([], cause.affected).filter((id) => id !== cause.rootDeviceId),
    startedAtMs: cause.startedAtMs,
    openedAtMs: nowMs,
    clearedAtMs: null,
    goodSinceMs: null,
    relapses: 0,
    wasDark: cause.faultClass === 'location-dark',
    hasLostCarrier: cause.hasLostCarrier,
    heldBy: mute?.by ?? null,
    heldUntilMs: mute === null ? 0 : mute.untilMs + timing.startHoldMs,
    reasons: [],
    toldAtMs: nowMs,
    hasNews: false,
    ...(isCovered(state, cause.faultClass) ? { isOfFleet: true } : {}),
  }
  addReasons(incident, cause.reasons)
  addReasons(incident, parentWords(turn, answering))
  if (incident.isOfFleet === true && state.tie.parent !== null)
    addReasons(incident, [{ atMs: nowMs, text: `Part of: ${state.tie.parent.headline}` }])
  spend(cause.cues)
  state.incidents.push(incident)
  tellIncident(turn, incident, 'opened')
  return incident
}

/** An incident opened for something this cause explains becomes this cause's: one cause, one Issue, the same key. */
export function moveIncident(
  turn: Turn,
  incident: IncidentFacts,
  cause: Cause,
  answering: readonly DeviceFacts[],
): IncidentFacts {
  // From outside all seemed to suffer; now it is known who does.
  if (incident.faultClass === 'location-dark') incident.affected = []
  if (incident.rootDeviceId !== undefined)
    incident.affected = mergeIds(incident.affected, [incident.rootDeviceId])
  addReasons(incident, parentWords(turn, answering))
  changeCause(turn, incident, cause)
  spend(cause.cues)
  return incident
}

/** The fault of a known incident stands (again). */
export function renew(turn: Turn, incident: IncidentFacts, cause: Cause): void {
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
  raiseSeverity(turn, incident, cause)
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

/** A fault that hurts more than it did, or at an hour at which it does; while it lasts it never counts as less. */
function raiseSeverity(turn: Turn, incident: IncidentFacts, cause: Cause): void {
  const { affected } = incident
  const severity = severityOf(turn.state, { ...cause, affected }, turn.nowMs)
  if (severities.indexOf(severity) <= severities.indexOf(incident.severity)) return
  incident.severity = severity
  incident.hasNews = true
}

function parentWords({ state, nowMs }: Turn, answering: readonly DeviceFacts[]): ReasonFacts[] {
  const router = gatewayDeviceOf(state)
  return answering.map((parent) => {
    const name = parent === router ? 'The router' : nameOf(parent)
    return { atMs: nowMs, text: `${name} answers when probed now` }
  })
}

/** Closes at once and says why; nothing is dropped in silence. What is folded into another incident is not over, so nothing says since when. */
export function closeIncident(
  turn: Turn,
  incident: IncidentFacts,
  why: string,
  endedBy: NonNullable<IncidentReport['endedBy']> = 'set-aside',
): void {
  if (endedBy !== 'folded') incident.clearedAtMs ??= turn.nowMs
  turn.isChanged = true
  addReasons(incident, [{ atMs: turn.nowMs, text: why }])
  turn.state.incidents = turn.state.incidents.filter((kept) => kept !== incident)
  turn.effects.push({
    type: 'incident',
    change: 'closed',
    report: {
      ...reportOf(turn.state, incident, turn.nowMs),
      state: 'closed',
      closedAtMs: turn.nowMs,
      endedBy,
    },
  })
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

/** Keeps what is new among the reasons, each text once and a bounded number. */
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

/** Both lists as one, each id once, in order. */
export function mergeIds(known: readonly string[], more: readonly string[]): string[] {
  const merged = new Set(known)
  for (const id of more) merged.add(id)
  return [...merged].sort()
}
