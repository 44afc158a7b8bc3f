import type { Change, EpochMs, FaultClass } from '@proactive/shared'
import { accountsFor, isCovered, staysCovered } from './fleet/cover.ts'
import type { FleetParent, FleetSignal, Trouble } from './fleet/model.ts'
import type { Freshness } from './freshness.ts'
import { closeIncident, tellIncident } from './incident-changes.ts'
import { primaryCondition, primaryUplinkId } from './inventory.ts'
import type { Judgement } from './judge.ts'
import { targetName } from './judge-paths.ts'
import type { IncidentFacts, LocationState } from './state.ts'
import type { Turn } from './turn.ts'

/** A connection this old over a line that works tells the address of the first way out; a shorter one may go over the second. */
const addressSettlesMs = 90_000
/** Sessions that a gateway's end took along are told to the fleet this long before they count as dark here. */
const gatewayLostLeadMs = 10_000

/** Takes the address of the newest connection for that of the first way out, once that is plausible. */
export function believeAddress({ state, nowMs }: Turn): void {
  const { session, tie } = state
  if (!session.isOpen || nowMs - session.sinceMs < addressSettlesMs) return
  if ((['link', 'gateway', 'wan'] as const).some((kind) => wasBadSince(state, kind, session.sinceMs))) return
  tie.address = tie.newAddress
  tie.newAddress = null
}

/** A connection that was there before the first way out worked again was made over the second one. */
function wasBadSince(state: LocationState, kind: 'link' | 'gateway' | 'wan', sinceMs: EpochMs): boolean {
  const condition = primaryCondition(state, kind)
  return condition?.state === 'bad' || (condition?.restoredMs ?? Number.NEGATIVE_INFINITY) > sinceMs
}

/** The appliance itself says which of its ways out has which address: that of the first one needs no guessing then. */
export function takeAddress(
  turn: Turn,
  { uplinkId, after }: Extract<Change, { type: 'public-address-changed' }>,
  { isFresh }: Freshness,
): void {
  const { tie } = turn.state
  if (!isFresh || uplinkId !== primaryUplinkId(turn.state)) return
  tie.address = after
  if (tie.newAddress === after) tie.newAddress = null
  turn.isChanged = true
}

/** An appliance that knows its public addresses names that of the first way out in each birth; what the connection itself came from may be the second's. */
export function knowAddress({ state }: Turn): void {
  const id = primaryUplinkId(state)
  const address = state.appliance?.uplinks.find((uplink) => uplink.id === id)?.publicAddress
  if (address === undefined) return
  state.tie.address = address
  state.tie.newAddress = null
}

/** The fleet's word on this Location. What it accounts for has one Issue, elsewhere; what it lets go may need its own. */
export function takeFleetWord(turn: Turn, parent: FleetParent | null): void {
  const { state } = turn
  const before = state.tie.parent
  const isSameClass = before?.faultClass === parent?.faultClass
  state.tie.parent = parent
  turn.isChanged = true
  if (parent !== null) {
    // The fleet still has to hear what this Location's own darkness was: the same word again decides nothing.
    const isKept = isSameClass ? staysCovered : isCovered
    letGo(turn, ({ faultClass }) => !isKept(state, faultClass))
    // A suspicion holds back new Issues; only what has an Issue takes the place of one.
    if (parent.isOpen === false) return
    for (const incident of [...state.incidents]) {
      if (incident.isOfFleet === true || incident.state !== 'open') continue
      if (!isCovered(state, incident.faultClass)) continue
      closeIncident(
        turn,
        incident,
        `Explained by a fault of many Locations, which has its own Issue (${parent.key})`,
        'folded',
      )
    }
    return
  }
  letGo(turn, () => true, before)
}

/** What nothing accounts for any more may have its own Issue. */
function letGo(
  turn: Turn,
  isLetGo: (incident: IncidentFacts) => boolean,
  before: FleetParent | null = null,
): void {
  for (const incident of turn.state.incidents) {
    if (incident.isOfFleet !== true || !isLetGo(incident)) continue
    // What is over needs no Issue, unless it turned out to be another fault and only waited for the fleet's word.
    const wasInDoubt = before !== null && !accountsFor(before.faultClass, incident.faultClass)
    if (incident.state !== 'open' && !wasInDoubt) continue
    incident.isOfFleet = false
    tellIncident(turn, incident, 'updated')
  }
}

/** Tells the fleet what changed of this Location. Returns when to look again. */
export function signalFleet(turn: Turn, judgement: Judgement): EpochMs | null {
  const { state } = turn
  if (state.session.how === 'never' || state.config === null) return null
  const { trouble, wakeAtMs } = troubleOf(turn, judgement)
  const signal: FleetSignal = {
    locationId: state.locationId,
    name: state.config.name,
    timeZone: state.config.timeZone,
    region: state.config.region ?? null,
    address: state.tie.address,
    firstHop: firstHopOf(state),
    processors: (state.appliance?.targets ?? [])
      .filter(({ kind }) => kind === 'paypath')
      .map(({ name }) => name),
    trouble,
    ...(hasSecondWayOut(state) ? { hasSecondWayOut: true } : {}),
    ...(state.tie.hindsight === undefined ? {} : { hindsight: state.tie.hindsight }),
  }
  const told = JSON.stringify(signal)
  if (told !== state.tie.told) {
    state.tie.told = told
    turn.effects.push({ type: 'fleet-signal', signal })
  }
  return wakeAtMs
}

/** The Location left the directory. */
export function signalGone({ state, effects }: Turn): void {
  if (state.tie.told === '') return
  const known = JSON.parse(state.tie.told) as FleetSignal
  effects.push({ type: 'fleet-signal', signal: { ...known, trouble: null, isGone: true } })
}

/** By the last birth; whether it works is known only when it is needed. */
function hasSecondWayOut({ appliance }: LocationState): boolean {
  return (appliance?.uplinks ?? []).filter(({ hasCarrier }) => hasCarrier).length > 1
}

function firstHopOf(state: LocationState): string | null {
  const id = primaryUplinkId(state)
  return state.appliance?.uplinks.find((uplink) => uplink.id === id)?.firstHop ?? null
}

/** What stands here that others may share; known causes nearer to this Location go before. */
function troubleOf(
  { state, nowMs, timing }: Turn,
  judgement: Judgement,
): { trouble: Trouble | null; wakeAtMs: EpochMs | null } {
  const isOpen = (...classes: readonly FaultClass[]) =>
    state.incidents.some((incident) => incident.state === 'open' && classes.includes(incident.faultClass))
  for (const cause of judgement.causes) {
    if (judgement.explainedBy.has(cause) || !cause.canRaise) continue
    const { faultClass, startedAtMs } = cause
    if (faultClass === 'location-dark') {
      const { how, sinceMs } = state.session
      const tellAtMs =
        how === 'gateway-lost' ? sinceMs + timing.darkAfterGatewayLostMs - gatewayLostLeadMs : sinceMs
      if (nowMs < tellAtMs) return { trouble: null, wakeAtMs: tellAtMs }
      const isDue = isOpen('location-dark')
      return { trouble: { kind: 'dark', subject: '', sinceMs, isDue }, wakeAtMs: null }
    }
    if (faultClass === 'provider-down' || faultClass === 'wan-link-down') {
      const isDue = isOpen('provider-down', 'wan-link-down')
      return { trouble: { kind: 'wan', subject: '', sinceMs: startedAtMs, isDue }, wakeAtMs: null }
    }
    if (faultClass === 'payment-path-failing') {
      const subject = targetName(state, cause.rootId)
      const isDue = isOpen('payment-path-failing')
      return { trouble: { kind: 'processor', subject, sinceMs: startedAtMs, isDue }, wakeAtMs: null }
    }
  }
  return { trouble: null, wakeAtMs: null }
}
