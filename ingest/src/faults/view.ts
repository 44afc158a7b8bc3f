import { type Device, type EpochMs, toShortText } from '@proactive/shared'
import type { Cause } from './cause.ts'
import { nameOf } from './device-words.ts'
import { isExpectedNow } from './expectation.ts'
import { isNight } from './habit.ts'
import { primaryCondition } from './inventory.ts'
import type { Judgement } from './judge.ts'
import type { DeviceView, LocationView } from './model.ts'
import { heldWords } from './mutes.ts'
import { payabilityOf, payabilityOfCheckout } from './payability.ts'
import { explanationOf, headlineOf, timeWords } from './report.ts'
import { absenceClass } from './roles.ts'
import { rankOf, rules } from './rules.ts'
import type { DeviceFacts, IncidentFacts, LocationState } from './state.ts'
import type { Turn } from './turn.ts'

/** How the Location stands, for people. Made only when a fact changed, never per batch. */
export function viewOf(turn: Turn, judgement: Judgement): LocationView {
  const { state, nowMs, inventory } = turn
  const evidence =
    inventory === null ? null : new Map(inventory.map((device) => [device.id, device.evidence]))
  const worst = worstIncident(state)
  const { sentence, health, sinceMs } = verdictOf(state, judgement, worst, nowMs)
  return {
    locationId: state.locationId,
    sentence: toShortText(sentence, 300),
    health,
    sinceMs,
    payability: payabilityOf(state),
    isOnline: state.session.isOpen,
    lastSeenMs: state.session.lastHeardMs === 0 ? null : state.session.lastHeardMs,
    applianceId: state.appliance?.id ?? null,
    agentVersion: state.appliance?.agentVersion ?? null,
    ...(state.appliance?.hardware === undefined ? {} : { hardware: state.appliance.hardware }),
    clock: state.appliance?.clock ?? null,
    uplinks: state.appliance?.uplinks ?? [],
    targets: state.appliance?.targets ?? [],
    devices: state.devices.map((facts) => {
      const shown = deviceView(state, judgement, facts, evidence?.get(facts.device.id), nowMs)
      const payability = payabilityOfCheckout(state, facts)
      return payability === undefined ? shown : { ...shown, payability }
    }),
    hasEvidence: inventory !== null,
    isInventoried: state.isInventoried && state.session.isOpen && state.hold === null,
  }
}

function worstIncident(state: LocationState): IncidentFacts | undefined {
  return [...state.incidents].sort(
    (a, b) =>
      Number(a.state === 'recovering') - Number(b.state === 'recovering') ||
      rankOf(a.faultClass) - rankOf(b.faultClass) ||
      a.startedAtMs - b.startedAtMs,
  )[0]
}

function verdictOf(
  state: LocationState,
  judgement: Judgement,
  worst: IncidentFacts | undefined,
  nowMs: EpochMs,
): Pick<LocationView, 'sentence' | 'health' | 'sinceMs'> {
  if (worst !== undefined && worst.state === 'open') {
    const more = state.incidents.filter((incident) => incident.state === 'open').length - 1
    const others = more > 0 ? `; ${more} more ${more === 1 ? 'fault' : 'faults'}` : ''
    const isDark = judgement.isBlind && worst.wasDark
    const held = heldWords(state, worst, nowMs)
    return {
      sentence: `${headlineOf(state, worst, nowMs)}${others}${held && ` (${held}, no Issue)`}`,
      health: isDark ? 'dark' : (healthByClass[worst.faultClass] ?? 'degraded'),
      sinceMs: worst.startedAtMs,
    }
  }
  if (judgement.isBlind)
    return {
      sentence: `No connection to the appliance since ${timeWords(state, state.session.sinceMs, nowMs)}`,
      health: 'unknown',
      sinceMs: state.session.sinceMs,
    }
  if (worst !== undefined) {
    return {
      sentence: `Works again since ${timeWords(state, worst.clearedAtMs ?? nowMs, nowMs)}, watching whether it stays so (${explanationOf(state, worst, nowMs)})`,
      health: 'degraded',
      sinceMs: worst.clearedAtMs,
    }
  }
  if (state.session.how === 'never')
    return { sentence: 'The appliance has not connected yet', health: 'unknown', sinceMs: null }
  if (!state.isInventoried)
    return { sentence: 'Taking inventory of the network', health: 'unknown', sinceMs: state.session.sinceMs }
  const slow = state.conditions.find(({ kind, state }) => kind === 'slow' && state === 'bad')
  if (slow !== undefined)
    return {
      sentence: `Payments take longer than usual: ${slow.evidence}`,
      health: 'degraded',
      sinceMs: slow.sinceMs,
    }
  const wan = primaryCondition(state, 'wan')
  if (wan?.state === 'good' && wan.isDegraded)
    return { sentence: 'The internet loses packets', health: 'degraded', sinceMs: wan.sinceMs }
  return { sentence: wellWords(state, nowMs), health: 'ok', sinceMs: null }
}

const healthByClass: Readonly<Partial<Record<IncidentFacts['faultClass'], LocationView['health']>>> = {
  'router-down': 'down',
  'wan-link-down': 'down',
  'provider-down': 'down',
  'switch-down': 'down',
  'power-cut': 'down',
  'location-dark': 'dark',
  'payment-path-failing': 'down',
}

function wellWords(state: LocationState, nowMs: EpochMs): string {
  const answering = state.devices.filter((facts) => facts.state === 'good').length
  const unexpected = state.devices.find((facts) => isNight(state, facts, nowMs))
  const notice = unexpected === undefined ? '' : `; ${nameOf(unexpected)} is ${nightWords}`
  return `All is well; ${answering} of ${state.devices.length} devices answer${notice}`
}

const nightWords = 'on although the shop is closed, which it never was at this hour'

function deviceView(
  state: LocationState,
  judgement: Judgement,
  facts: DeviceFacts,
  evidence: Device['evidence'] | undefined,
  nowMs: EpochMs,
): DeviceView {
  const device = evidence === undefined ? facts.shown : { ...facts.shown, evidence }
  const own = state.incidents.find(
    (incident) => incident.rootDeviceId === facts.device.id && incident.state === 'open',
  )
  if (own !== undefined && isAtFault(own)) return { device, health: 'down', sinceMs: own.startedAtMs }
  if (judgement.isBlind) {
    const dark = state.incidents.find(({ state }) => state === 'open')
    return {
      device,
      health: dark === undefined ? 'unknown' : 'dark',
      sinceMs: state.session.sinceMs,
      ...(dark === undefined ? {} : { explainedBy: explanationOf(state, dark, nowMs) }),
    }
  }
  const sinceMs = facts.sinceMs === 0 ? null : facts.sinceMs
  if (facts.state === 'unknown') return { device, health: 'unknown', sinceMs }
  if (facts.state === 'good') {
    const felt = state.incidents.find(
      (incident) => incident.state === 'open' && incident.affected.includes(facts.device.id),
    )
    if (felt === undefined) {
      const notice = isNight(state, facts, nowMs) ? { notice: nightWords } : {}
      return { device, health: 'ok', sinceMs, ...notice }
    }
    return {
      device,
      health: 'degraded',
      sinceMs: felt.startedAtMs,
      explainedBy: explanationOf(state, felt, nowMs),
    }
  }
  if (facts.isSleeper) return { device, health: 'asleep', sinceMs }
  const explainedBy = explainerOf(state, judgement, facts, nowMs)
  if (explainedBy !== null) return { device, health: 'unknown', sinceMs, explainedBy }
  const isMissed = absenceClass[facts.role] !== undefined && isExpectedNow(state, facts, nowMs)
  return { device, health: isMissed || facts.isGateway ? 'down' : 'asleep', sinceMs }
}

/** A faulty processor or a resolver is not the device that answers for it. */
function isAtFault({ faultClass }: IncidentFacts): boolean {
  return !['wan-link-down', 'dns-failing', 'dhcp-failing', 'ip-conflict'].includes(faultClass)
}

/** Why this silent device is not at fault, or null. */
function explainerOf(
  state: LocationState,
  judgement: Judgement,
  facts: DeviceFacts,
  nowMs: EpochMs,
): string | null {
  const incident = state.incidents.find((candidate) => candidate.affected.includes(facts.device.id))
  if (incident !== undefined) return explanationOf(state, incident, nowMs)
  const own = judgement.causes.find(
    ({ rootId, rootDeviceId }) => rootId === facts.device.id && rootDeviceId === rootId,
  )
  const nearer = own === undefined ? undefined : judgement.explainedBy.get(own)
  return nearer === undefined ? null : causeWords(nearer)
}

function causeWords(nearer: Cause | IncidentFacts): string {
  return rules[nearer.faultClass].evidence
}
