import type { Change, EpochMs, FaultClass } from '@proactive/shared'
import { evidenceWords } from './conditions.ts'
import type { Freshness } from './freshness.ts'
import { addReasons, changeCause, closeIncident } from './incident-changes.ts'
import { gatewayDeviceOf, primaryCondition } from './inventory.ts'
import { checkoutsOf, wanClass } from './judge-paths.ts'
import { isRoaming } from './roles.ts'
import { rules } from './rules.ts'
import type { DeviceFacts, FlightFacts, IncidentFacts, LocationState, ReasonFacts } from './state.ts'
import type { Turn } from './turn.ts'

/** What may explain a dark Location, and the stable root of each. */
const rootIdByCause: ReadonlyMap<FaultClass, string> = new Map([
  ['router-down', 'router'],
  ['wan-link-down', 'wan'],
  ['provider-down', 'wan'],
  ['power-cut', 'power'],
  ['appliance-cable', 'appliance'],
  ['appliance-down', 'appliance'],
  ['cloud-unreachable', 'cloud'],
  ['dns-failing', 'dns'],
])

type Verdict = Extract<Change, { type: 'verdict' }>

/** A verdict made on site. It explains an incident of its time, early or late; alone it opens nothing. */
export function takeVerdict(turn: Turn, verdict: Verdict, freshness: Freshness): void {
  const { state } = turn
  const fromMs = freshness.toLogMs(verdict.fromMs)
  const toMs = verdict.toMs === null ? turn.nowMs : freshness.toLogMs(verdict.toMs)
  const rootId = rootIdByCause.get(verdict.cause)
  if (rootId !== undefined) tellHindsight(turn, verdict.cause, fromMs, toMs)
  const incident = state.incidents.find(
    (candidate) => isExplainable(candidate, verdict.cause) && overlaps(turn, candidate, fromMs, toMs),
  )
  if (incident === undefined || rootId === undefined) return
  const text = evidenceWords(verdict.evidence)
  const reasons = [
    {
      atMs: fromMs,
      text: `Seen on site: ${verdictWords[verdict.cause] ?? verdict.cause}${text && `: ${text}`}`,
    },
  ]
  if (state.flight !== null && incident.wasDark) {
    const { explainedToMs } = state.flight
    // Power and router are back, the line still trains: that is what this cause leaves behind, not another cause.
    const isAftermath = explainedToMs !== null && fromMs >= explainedToMs
    if (isAftermath && rules[incident.faultClass].explains.includes(verdict.cause)) return
    state.flight.isExplained = true
    state.flight.explainedToMs = toMs
  }
  // Nothing but the way to the cloud was missed, and the line that is known to be bad is that way.
  if (incident.faultClass === 'wan-degraded' && !rules[verdict.cause].explains.includes('wan-degraded')) {
    addReasons(incident, reasons)
    incident.hasNews = true
    turn.isChanged = true
    return
  }
  // Who was there knows better when it began than who only missed a heartbeat.
  const earliestMs = incident.startedAtMs - 4 * turn.timing.slackMs
  if (incident.wasDark && fromMs >= earliestMs && fromMs <= incident.openedAtMs) incident.startedAtMs = fromMs
  explainIncident(turn, incident, verdict.cause, rootId, reasons, verdict.deviceId)
}

/** What the last darkness was, for the fleet: also where this Location's own incident ended in that of many. The first word on it counts; what follows is its aftermath. */
function tellHindsight(turn: Turn, cause: FaultClass, fromMs: EpochMs, toMs: EpochMs): void {
  const { flight, tie } = turn.state
  if (flight === null || tie.hindsight !== undefined) return
  const slackMs = 2 * turn.timing.slackMs
  if (fromMs > (flight.backSinceMs ?? turn.nowMs) || toMs < flight.darkSinceMs - slackMs) return
  tie.hindsight = cause
  turn.isChanged = true
}

/** A router that was seen dead over the second way out is no provider's fault because its line still trained afterwards. */
function isExplainable({ wasDark, faultClass }: IncidentFacts, cause: FaultClass): boolean {
  return wasDark || (faultClass === 'router-down' && cause !== 'provider-down' && cause !== 'wan-link-down')
}

/** Whether a verdict tells of the incident's own time. What began after its end is another episode: a line that still trains when the router is back. */
function overlaps(turn: Turn, incident: IncidentFacts, fromMs: EpochMs, toMs: EpochMs): boolean {
  const { slackMs } = turn.timing
  const endMs = incident.goodSinceMs ?? incident.clearedAtMs ?? turn.nowMs
  return fromMs <= endMs && toMs >= incident.startedAtMs - 2 * slackMs
}

const verdictWords: Readonly<Partial<Record<FaultClass, string>>> = {
  'router-down': 'the router was down',
  'wan-link-down': 'the router’s WAN port had no link',
  'provider-down': 'the router worked, the provider did not',
  'power-cut': 'the power was cut',
  'appliance-cable': 'the appliance’s own cable was out',
  'appliance-down': 'the appliance itself was down',
  'cloud-unreachable': 'everything worked but the way to the cloud',
  'dns-failing': 'the internet worked, names were not resolved',
}

/**
 * Without a verdict in time the core concludes from what else was told of the dark time. Returns when to look again.
 */
export function concludeFlight(turn: Turn): EpochMs | null {
  const { state, nowMs, timing } = turn
  const { flight } = state
  if (flight === null) return null
  const incident = state.incidents.find(({ wasDark }) => wasDark)
  // Its own incident ended in that of many, to which it still owes what it was.
  const isOwing = state.tie.parent !== null && state.tie.hindsight === undefined
  if (incident === undefined && !isOwing) {
    if (flight.backSinceMs !== null) state.flight = null
    return null
  }
  if (flight.isExplained || flight.backSinceMs === null) return null
  const dueMs =
    flight.backSinceMs + (isUptimeToCome(state, flight) ? uptimePatienceMs : timing.verdictPatienceMs)
  if (nowMs < dueMs) return dueMs
  const conclusion = conclude(turn, flight)
  if (conclusion !== null) state.tie.hindsight ??= conclusion.cause
  if (incident === undefined) {
    state.flight = null
    return null
  }
  if (conclusion === null) return null
  flight.isExplained = true
  const rootId = rootIdByCause.get(conclusion.cause)
  if (rootId !== undefined)
    explainIncident(turn, incident, conclusion.cause, rootId, [
      { atMs: flight.darkSinceMs, text: conclusion.text },
    ])
  return null
}

/** The router's uptime is read once in half a minute; what it settles is still told within the promised minute. */
const uptimePatienceMs = 50_000

/** The box lost its power: whether the shop did too is for the router to say, where it tells its uptime at all. */
function isUptimeToCome({ routerBootMs, routerReadMs }: LocationState, flight: FlightFacts): boolean {
  return flight.agentEnd === 'power-loss' && routerBootMs !== 0 && routerReadMs < flight.darkSinceMs
}

function conclude(turn: Turn, flight: FlightFacts): { cause: FaultClass; text: string } | null {
  const { routerBootMs, routerReadMs } = turn.state
  const didRouterRun =
    routerReadMs >= flight.darkSinceMs && routerBootMs < flight.darkSinceMs - turn.timing.slackMs * 2
  switch (flight.agentEnd) {
    case 'power-loss':
      return didRouterRun
        ? { cause: 'appliance-down', text: 'The appliance lost its power while the router ran on' }
        : { cause: 'power-cut', text: 'The appliance lost its power without a shutdown' }
    case 'killed':
    case 'clean':
    case 'reboot':
      return {
        cause: 'appliance-down',
        text: `The appliance’s last run ended by itself (${flight.agentEnd})`,
      }
    default:
  }
  if (flight.hasLostCarrier)
    return didRouterRun
      ? { cause: 'appliance-cable', text: 'The carrier to the router was lost while the router ran on' }
      : { cause: 'router-down', text: 'The carrier to the router was lost' }
  if (flight.hasLostGateway) return { cause: 'router-down', text: 'The router did not answer' }
  if (flight.hasLostWan)
    return {
      cause: wanClass(flight.wanLink),
      text: 'The router answered, the internet did not',
    }
  return null
}

/**
 * Moves an incident to what explains it afterwards. Where that cause has an incident already, the dark one ends in it: one cause, one Issue.
 */
export function explainIncident(
  turn: Turn,
  incident: IncidentFacts,
  faultClass: FaultClass,
  rootId: string,
  reasons: readonly ReasonFacts[],
  deviceId?: string,
): void {
  const { state } = turn
  turn.isChanged = true
  if (incident.faultClass === faultClass && incident.rootId === rootId) {
    addReasons(incident, reasons)
    incident.hasNews = true
    return
  }
  const other = state.incidents.find(
    (candidate) =>
      candidate !== incident && candidate.faultClass === faultClass && candidate.rootId === rootId,
  )
  if (other !== undefined) {
    closeIncident(
      turn,
      incident,
      `Explained by another fault of this Location, which has its own Issue (${other.key})`,
      'folded',
    )
    return
  }
  const isRouters = faultClass === 'router-down' || faultClass === 'wan-link-down'
  const named = deviceId === undefined ? undefined : state.deviceById.get(deviceId)
  const root = isRouters ? (named ?? gatewayDeviceOf(state)) : undefined
  // From outside all seemed to suffer; who really did depends on the cause.
  incident.affected = []
  changeCause(turn, incident, {
    faultClass,
    rootId,
    ...(root === undefined ? {} : { rootDeviceId: root.device.id }),
    rootRole: rules[faultClass].rootRole,
    affected: sufferersOf(state, faultClass, root),
    hasLostCarrier: false,
    reasons,
  })
}

function sufferersOf(state: LocationState, faultClass: FaultClass, root: DeviceFacts | undefined): string[] {
  switch (faultClass) {
    case 'router-down':
    case 'power-cut':
      return state.devices
        .filter((facts) => facts !== root && !isRoaming(facts))
        .map(({ device }) => device.id)
    case 'wan-link-down':
    case 'provider-down':
    case 'dns-failing':
      return checkoutsOf(state)
    default:
      return []
  }
}

/**
 * No carrier while another way out works is judged "router". Once the carrier is back the router's own uptime decides:
 * unbroken means that only the appliance's cable was out.
 */
export function reviewCable(turn: Turn): void {
  const { state, timing } = turn
  if (state.incidents.length === 0) return
  const link = primaryCondition(state, 'link')
  if (state.routerBootMs === 0 || link?.state === 'bad') return
  // A restart shows in any reading; that there was none, only in what the router said after its carrier came back.
  const isReadSince = state.routerReadMs >= (link?.sinceMs ?? 0)
  for (const incident of [...state.incidents]) {
    if (incident.faultClass !== 'router-down' || !incident.hasLostCarrier) continue
    const atMs = state.routerBootMs
    if (atMs >= incident.startedAtMs - timing.slackMs) {
      addReasons(incident, [{ atMs, text: 'By its own uptime the router restarted' }])
      continue
    }
    if (!isReadSince) continue
    explainIncident(turn, incident, 'appliance-cable', 'appliance', [
      {
        atMs,
        text: 'By its own uptime the router has been running since long before: only the cable was out',
      },
    ])
  }
}
