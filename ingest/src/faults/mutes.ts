import type { EpochMs } from '@proactive/shared'
import type { Cause } from './cause.ts'
import { addReasons, tellIncident } from './incident-changes.ts'
import { gatewayDeviceOf } from './inventory.ts'
import { windowAt } from './planned-work.ts'
import { timeWords } from './report.ts'
import { rules } from './rules.ts'
import type { IncidentFacts, LocationState } from './state.ts'
import type { Turn } from './turn.ts'

/** Why an incident has no Issue for now, and until when. */
export interface Mute {
  readonly by: 'maintenance' | 'silence'
  readonly untilMs: EpochMs
}

/** What holds back the Issue of a fault now: planned work or a silence that covers it; of several the one that lasts longest. */
export function muteOf(
  state: LocationState,
  cause: Pick<Cause, 'faultClass' | 'rootDeviceId'>,
  nowMs: EpochMs,
): Mute | null {
  const { config } = state
  if (config === null) return null
  let longest: Mute | null = null
  const take = (mute: Mute): void => {
    if (longest === null || mute.untilMs > longest.untilMs) longest = mute
  }
  for (const { deviceId, schedule } of config.maintenance ?? []) {
    if (!covers(state, deviceId, cause)) continue
    const window = windowAt(schedule, config.timeZone, nowMs)
    if (window !== null) take({ by: 'maintenance', untilMs: window.toMs })
  }
  for (const { deviceId, faultClass, fromMs, untilMs } of config.silences ?? []) {
    const isMeant = faultClass === undefined || faultClass === cause.faultClass
    if (isMeant && nowMs >= fromMs && nowMs < untilMs && covers(state, deviceId, cause))
      take({ by: 'silence', untilMs })
  }
  return longest
}

/**
 * Whether what is said of a device is said of this fault: it is the root, or the fault is what work on that device looks like.
 * Work on the router looks like everything a dead router explains, a dark Location among it; work on a switch like a dead switch, or like
 * whoever is known to hang on it, unplugged.
 */
function covers(
  state: LocationState,
  deviceId: string | undefined,
  { faultClass, rootDeviceId }: Pick<Cause, 'faultClass' | 'rootDeviceId'>,
): boolean {
  if (deviceId === undefined || deviceId === rootDeviceId) return true
  if (deviceId === gatewayDeviceOf(state)?.device.id)
    return rules['router-down'].explains.includes(faultClass)
  const role = state.deviceById.get(deviceId)?.role
  const isSwitch = role === 'switch' || role === 'access-point'
  if (!isSwitch) return false
  if (rootDeviceId === undefined) return faultClass === 'switch-down'
  const root = state.deviceById.get(rootDeviceId)?.device
  return rules['switch-down'].explains.includes(faultClass) && root?.attachedTo?.deviceId === deviceId
}

/**
 * Lets go of what planned work or silence held back and still fails, a grace after their end: what was worked on may still boot.
 * Nothing is held back that has an Issue already. Returns when to look again.
 */
export function reviewMutes(turn: Turn): EpochMs | null {
  const { state, nowMs, timing } = turn
  let wakeAtMs: EpochMs | null = null
  const wakeAt = (atMs: EpochMs): void => {
    if (wakeAtMs === null || atMs < wakeAtMs) wakeAtMs = atMs
  }
  for (const incident of state.incidents) {
    if (incident.heldBy === null) continue
    const mute = muteOf(state, incident, nowMs)
    if (mute !== null) {
      incident.heldUntilMs = mute.untilMs + timing.startHoldMs
      if (mute.by !== incident.heldBy) {
        incident.heldBy = mute.by
        incident.hasNews = true
      }
      wakeAt(mute.untilMs)
      continue
    }
    // Where a person ended it before its time, the grace runs from when the core heard of it.
    incident.heldUntilMs = Math.min(incident.heldUntilMs, nowMs + timing.startHoldMs)
    if (nowMs < incident.heldUntilMs) wakeAt(incident.heldUntilMs)
    else if (incident.state === 'open') release(turn, incident)
  }
  return wakeAtMs
}

function release(turn: Turn, incident: IncidentFacts): void {
  const what = incident.heldBy === 'silence' ? 'The silence' : 'The planned work'
  incident.heldBy = null
  addReasons(incident, [{ atMs: turn.nowMs, text: `${what} is over and the fault stands` }])
  tellIncident(turn, incident, 'updated')
}

/** Why there is no Issue, for people; empty where nothing holds it back. */
export function heldWords(state: LocationState, incident: IncidentFacts, nowMs: EpochMs): string {
  if (incident.heldBy === null) return ''
  const mute = muteOf(state, incident, nowMs)
  const until = mute === null ? '' : ` until ${timeWords(state, mute.untilMs, nowMs)}`
  return incident.heldBy === 'silence' ? `silenced${until}` : `planned work${until}`
}
