import type { EpochMs, Observation } from '@proactive/shared'
import { evidenceWords, findCondition, foldCondition } from './conditions.ts'
import { concludeFlight, reviewCable, takeVerdict } from './explain.ts'
import {
  believeAddress,
  knowAddress,
  signalFleet,
  signalGone,
  takeAddress,
  takeFleetWord,
} from './fleet-tie.ts'
import { type Freshness, freshnessOf, noteLag } from './freshness.ts'
import { endMerged, endMissing, endReplaced, endRetired } from './gone.ts'
import { closeIncident } from './incident-changes.ts'
import { gatewayDeviceOf, takeBirth, takeNewDevice, takeStock } from './inventory.ts'
import { judge } from './judge.ts'
import { followJudgement } from './lifecycle.ts'
import type { Effect, EventPlace, FaultCore, FaultEvent, IngestEvent } from './model.ts'
import { answered, fellSilent } from './presence.ts'
import { askInventory, probesDueMs, reviewProbes, takeAnswer } from './probing.ts'
import { describePaths, noteLine } from './quality.ts'
import { parseState, stateBytes } from './serialize.ts'
import { closeSession, hearAppliance, openSession, recordFlight, reviewHold } from './session.ts'
import { describeDevices, emptyState, type LocationState } from './state.ts'
import { readTelemetry } from './telemetry-facts.ts'
import { type Profile, timings } from './timing.ts'
import type { Turn } from './turn.ts'
import { viewOf } from './view.ts'

/** What a deployment decides about its fault core: its name in the keys, and how patient it is after a recovery. */
export interface FaultCoreOptions {
  /** `[a-z0-9]{1,12}`; part of every dedup key. */
  readonly env: string
  readonly profile: Profile
}

const nothing: readonly Effect[] = []

/**
 * The fault core of a Location: facts in, incidents and other effects out; no clock, no randomness, no I/O.
 *
 * `reduce` owns the state it is given: it writes into it and hands the same object back, so that a batch costs no copy. The state passed in must
 * not be used again; to keep one, serialise it. Seen so, equal states and events give equal states and effects.
 */
export function createFaultCore({ env, profile }: FaultCoreOptions): FaultCore<LocationState> {
  const timing = timings[profile]
  return {
    empty: emptyState,
    reduce(state, event, place) {
      const turn = beginTurn(env, timing, state, place)
      const { wakeAtMs } = state
      const isDue = wakeAtMs !== null && turn.nowMs >= wakeAtMs
      if (isDue && turn.nowMs - wakeAtMs > timing.overdueMs) noteAbsence(turn)
      take(turn, event)
      if (!turn.isChanged && !isDue)
        return { state, effects: turn.effects.length > 0 ? turn.effects : nothing }
      settle(turn)
      return { state, effects: turn.effects }
    },
    wakeAtMs: (state) => state.wakeAtMs,
    serialize: stateBytes,
    deserialize: parseState,
  }
}

function beginTurn(env: string, timing: Turn['timing'], state: LocationState, place: EventPlace): Turn {
  // Stamps of several nodes may differ by a little; within a Location time never runs back.
  const nowMs = Math.max(state.nowMs, place.nowMs)
  state.nowMs = nowMs
  state.order += 1
  return { env, timing, state, nowMs, origin: place.origin, effects: [], isChanged: false, inventory: null }
}

/** The wake-up call is long overdue: the ingest itself was away and heard nobody. Darkness is judged anew from now. */
function noteAbsence(turn: Turn): void {
  turn.state.session.notBeforeMs = turn.nowMs + turn.timing.darkAfterGatewayLostMs
}

function take(turn: Turn, event: FaultEvent): void {
  if (event.from === 'ingest') {
    takeIngestEvent(turn, event.event)
    return
  }
  const { state } = turn
  const { message } = event
  // An older start of the agent may still have messages to deliver; they tell of the past.
  hearAppliance(turn, event.applianceId, message.bootEpoch)
  if (state.tie.newAddress !== null) believeAddress(turn)
  if (event.kind === 'telemetry') {
    const freshness = freshnessOf(turn, event.message, event.message.lane)
    readTelemetry(turn, event.message, freshness)
    noteLag(turn, event.message, 'telemetry', freshness)
  } else if (event.kind === 'birth') {
    if (message.bootEpoch === state.appliance?.bootEpoch) {
      takeBirth(turn, event.applianceId, event.message)
      describePaths(state)
      knowAddress(turn)
      endMissing(turn)
      const freshness = freshnessOf(turn, event.message, 'live')
      takeUplinks(turn, freshness)
      noteLag(turn, event.message, 'birth', freshness)
    }
  } else {
    const freshness = freshnessOf(turn, event.message, event.message.lane)
    noteLag(turn, event.message, 'observation', freshness)
    takeObservation(turn, event.message, freshness)
  }
}

/** The carrier of each uplink as of the birth. */
function takeUplinks(turn: Turn, freshness: Freshness): void {
  for (const uplink of turn.state.appliance?.uplinks ?? []) {
    const known = findCondition(turn.state, 'link', uplink.id)
    if (known === undefined && uplink.hasCarrier) continue
    foldCondition(
      turn,
      {
        type: 'link-changed',
        interface: uplink.interface,
        uplinkId: uplink.id,
        hasCarrier: uplink.hasCarrier,
        sinceMs: freshness.atMs,
        evidence: [],
      },
      { ...freshness, toLogMs: (atMs) => atMs },
    )
  }
}

function takeObservation(turn: Turn, { change, atMs, clock }: Observation, freshness: Freshness): void {
  const { state } = turn
  recordFlight(turn, change, freshness)
  switch (change.type) {
    case 'device-silent': {
      const facts = state.deviceById.get(change.deviceId)
      if (facts !== undefined)
        fellSilent(
          turn,
          facts,
          freshness.toLogMs(change.sinceMs),
          freshness.isFresh,
          evidenceWords(change.evidence),
        )
      return
    }
    case 'device-answered': {
      const facts = state.deviceById.get(change.deviceId)
      if (facts !== undefined)
        answered(turn, facts, freshness.atMs, freshness.isFresh, evidenceWords(change.evidence))
      return
    }
    case 'device-new': {
      const facts = takeNewDevice(turn, change.device)
      if (facts !== null) answered(turn, facts, freshness.atMs, freshness.isFresh, '')
      return
    }
    case 'device-restarted':
      if (gatewayDeviceOf(state)?.device.id === change.deviceId) {
        state.routerBootMs = freshness.atMs - (change.uptimeMs ?? 0)
        state.routerReadMs = freshness.atMs
        turn.isChanged = true
      }
      return
    case 'device-replaced':
      endReplaced(turn, change)
      return
    case 'devices-merged':
      endMerged(turn, change)
      return
    case 'device-moved':
      // What it means for the inventory comes with the birth.
      return
    case 'clock-changed':
      if (state.appliance !== null) {
        state.appliance.clock = change.state
        if (clock === 'unsynced') state.appliance.clockOffsetMs = turn.nowMs - atMs
        turn.isChanged = true
      }
      return
    case 'agent-started':
      return
    case 'public-address-changed':
      takeAddress(turn, change, freshness)
      return
    case 'verdict':
      takeVerdict(turn, change, freshness)
      return
    default:
      foldCondition(turn, change, freshness)
      if (change.type === 'wan-changed') noteLine(turn, change, freshness)
      if (change.type === 'gateway-changed' && change.isReachable)
        takeRouterAnswer(turn, change.deviceId, freshness)
  }
}

/** A gateway that answers is a router that answers. */
function takeRouterAnswer(turn: Turn, deviceId: string | undefined, { atMs, isFresh }: Freshness): void {
  const router = deviceId === undefined ? gatewayDeviceOf(turn.state) : turn.state.deviceById.get(deviceId)
  if (router !== undefined && router === gatewayDeviceOf(turn.state))
    answered(turn, router, atMs, isFresh, '')
}

function takeIngestEvent(turn: Turn, event: IngestEvent): void {
  const { state } = turn
  switch (event.type) {
    case 'session-opened':
      openSession(turn, event.applianceId, event.remoteAddress)
      return
    case 'session-closed':
      if (state.tie.newAddress !== null) believeAddress(turn)
      closeSession(turn, event)
      return
    case 'probe-answered':
      takeAnswer(turn, event)
      return
    case 'location-configured':
      state.config = event.config
      state.season.untilMs = 0
      describeDevices(state)
      endRetired(turn)
      turn.isChanged = true
      return
    case 'location-removed':
      for (const incident of [...state.incidents])
        closeIncident(turn, incident, 'The Location was removed from the directory')
      signalGone(turn)
      Object.assign(state, { ...emptyState(state.locationId), nowMs: state.nowMs, order: state.order })
      return
    case 'fleet-judged':
      takeFleetWord(turn, event.parent)
      return
    case 'woke':
      return
  }
}

/** Judges what changed and lets the incidents follow; ends with the next time to look again. */
function settle(turn: Turn): void {
  const { state, timing, nowMs } = turn
  reviewHold(turn)
  askInventory(turn)
  reviewProbes(turn)
  reviewCable(turn)
  const explainWakeMs = concludeFlight(turn)
  const judgement = judge(state, timing, nowMs)
  const followWakeMs = followJudgement(turn, judgement)
  // Nothing is suspected: what was asked in that cause is answered or does not matter any more.
  if (judgement.causes.length === 0 && state.hold === null && state.probes.length > 0) state.probes = []
  const holdWakeMs = state.hold?.untilMs ?? null
  const fleetWakeMs = signalFleet(turn, judgement)
  state.wakeAtMs = earliest([
    explainWakeMs,
    followWakeMs,
    holdWakeMs,
    fleetWakeMs,
    probesDueMs(state, timing),
  ])
  takeStock(state)
  if (turn.isChanged) turn.effects.push({ type: 'view', view: viewOf(turn, judgement) })
}

function earliest(times: readonly (EpochMs | null)[]): EpochMs | null {
  let first: EpochMs | null = null
  for (const time of times) if (time !== null && (first === null || time < first)) first = time
  return first
}
