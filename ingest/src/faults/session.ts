import type { Change } from '@proactive/shared'
import { isExpectedNow } from './expectation.ts'
import type { Freshness } from './freshness.ts'
import { forgetFreshness } from './inventory.ts'
import type { IngestEvent } from './model.ts'
import { cueOf, type Turn } from './turn.ts'

/** How long after a broken connection its in-flight messages may still be written to the log. */
const stragglersMs = 5_000
/** A silent cut is noticed up to 22.5 s later (keepalive 15 s × 1.5): what was told since then belongs to the dark time. */
const noticedAfterMs = 60_000

/** The appliance is connected: who was silent speaks again, so new Issues are held until everything was seen once. */
export function openSession(turn: Turn, applianceId: string, remoteAddress: string): void {
  const { state, nowMs, timing } = turn
  const isNewBox = state.appliance !== null && state.appliance.id !== applianceId
  if (isNewBox) state.appliance = null
  const wasNever = state.session.how === 'never'
  state.session = {
    ...state.session,
    isOpen: true,
    sinceMs: nowMs,
    how: 'open',
    lastHeardMs: nowMs,
    cue: null,
  }
  if (state.flight !== null && state.flight.backSinceMs === null) state.flight.backSinceMs = nowMs
  startHold(turn, wasNever || isNewBox ? 'start' : 'reconnect', timing.startHoldMs)
  state.tie.newAddress = remoteAddress
  turn.isChanged = true
}

/** Its connection is gone: from now on nothing is known of the Location, and what is told later is read for what ended it. */
export function closeSession(
  turn: Turn,
  { applianceId, how }: Extract<IngestEvent, { type: 'session-closed' }>,
): void {
  const { state, nowMs } = turn
  // The end of a box that was replaced in the meantime.
  if (state.appliance !== null && state.appliance.id !== applianceId) return
  if (!state.session.isOpen && state.session.how !== 'never') return
  state.session = { ...state.session, isOpen: false, sinceMs: nowMs, how, cue: cueOf(turn) }
  state.flight = {
    darkSinceMs: nowMs,
    backSinceMs: null,
    hasLostCarrier: false,
    hasLostGateway: false,
    hasLostWan: false,
    firstHop: null,
    wanLink: null,
    agentEnd: null,
    isExplained: false,
    explainedToMs: null,
  }
  delete state.tie.hindsight
  turn.isChanged = true
}

/** A message of the appliance: it lives. Long after a close it also proves that the close was of an older connection. */
export function hearAppliance(turn: Turn, applianceId: string, bootEpoch: number): void {
  const { state, nowMs, timing } = turn
  const { session } = state
  session.lastHeardMs = nowMs
  if (
    state.appliance === null ||
    state.appliance.id !== applianceId ||
    bootEpoch > state.appliance.bootEpoch
  ) {
    const isKnownBox = state.appliance?.id === applianceId
    state.appliance = {
      id: applianceId,
      bootEpoch,
      agentVersion: isKnownBox ? (state.appliance?.agentVersion ?? null) : null,
      clock: state.appliance?.clock ?? 'unsynced',
      clockOffsetMs: null,
      uplinks: state.appliance?.uplinks ?? [],
      targets: state.appliance?.targets ?? [],
    }
    forgetFreshness(state)
    startHold(turn, 'start', timing.startHoldMs)
    turn.isChanged = true
  }
  if (!session.isOpen && nowMs - session.sinceMs > stragglersMs) {
    session.isOpen = true
    session.sinceMs = nowMs
    session.how = 'open'
    session.cue = null
    if (state.flight !== null && state.flight.backSinceMs === null) state.flight.backSinceMs = nowMs
    turn.isChanged = true
  }
}

/** Time that a device's own cadence needs to show it, after each reconnect of a row of them. */
const shownWithinMs = 15_000

/**
 * New incidents wait; a hold of the whole start is not weakened by a mere reconnect. Reconnects in a row do not hold for ever: each one but the
 * first gets what is left of the first one's time, and at least one round of presence.
 */
export function startHold(turn: Turn, kind: 'start' | 'reconnect', forMs: number): void {
  const { state, nowMs } = turn
  // One that ended while the ingest itself was away holds nothing any more.
  const running = state.hold !== null && nowMs < state.hold.untilMs ? state.hold : null
  if (kind === 'reconnect' && running?.kind === 'start') return
  const isRow = kind === 'reconnect' && running !== null
  const untilMs = isRow ? Math.max(running.untilMs, nowMs + shownWithinMs) : nowMs + forMs
  state.hold = { kind, startedMs: nowMs, untilMs }
  turn.isChanged = true
}

/** Ends the hold when every device that should be there now was seen, or when its time is over. */
export function reviewHold(turn: Turn): void {
  const { state, nowMs } = turn
  const { hold } = state
  if (hold === null) return
  const hasBirth = state.appliance !== null && state.devices.length > 0
  const isComplete =
    hasBirth &&
    state.devices.every((facts) => facts.seenMs >= hold.startedMs || !isExpectedNow(state, facts, nowMs))
  if (!isComplete && nowMs < hold.untilMs) return
  state.hold = null
  if (hasBirth) state.isInventoried = true
  turn.isChanged = true
}

/** Writes down what a message tells of a time without the cloud, late or not. */
export function recordFlight(turn: Turn, change: Change, freshness: Freshness): void {
  const { flight } = turn.state
  if (flight === null || flight.isExplained) return
  const isOfTheDark = (sinceMs: number): boolean =>
    freshness.toLogMs(sinceMs) >= flight.darkSinceMs - noticedAfterMs &&
    freshness.toLogMs(sinceMs) <= (flight.backSinceMs ?? turn.nowMs)
  switch (change.type) {
    case 'link-changed':
      if (!change.hasCarrier && isOfTheDark(change.sinceMs)) flight.hasLostCarrier = true
      break
    case 'gateway-changed':
      if (!change.isReachable && isOfTheDark(change.sinceMs)) flight.hasLostGateway = true
      break
    case 'wan-changed':
      if (change.state === 'down' && isOfTheDark(change.sinceMs)) {
        flight.hasLostWan = true
        flight.firstHop = change.firstHop
        flight.wanLink = change.wanLink
      }
      break
    case 'agent-started':
      flight.agentEnd = change.previousEnd
      break
    default:
      return
  }
  turn.isChanged = true
}
