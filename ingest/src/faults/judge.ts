import type { EpochMs, FaultClass } from '@proactive/shared'
import type { Cause } from './cause.ts'
import { findCondition } from './conditions.ts'
import { isOpenHours } from './hours.ts'
import { judgePaths } from './judge-paths.ts'
import { judgeSilence } from './judge-silence.ts'
import { isRoaming } from './roles.ts'
import { rankOf, rules } from './rules.ts'
import type { IncidentFacts, LocationState } from './state.ts'
import type { Timing } from './timing.ts'
import { nextOpeningCheckMs } from './trading.ts'

/** What stands now, before any waiting: causes nearest to the root first, and which of them merely suffer. */
export interface Judgement {
  readonly causes: readonly Cause[]
  /** Cause that suffers → headline-worthy fault that explains it: a standing cause, or an incident that only just ended. */
  readonly explainedBy: ReadonlyMap<Cause, Cause | IncidentFacts>
  /** The appliance cannot be heard: nothing on site can be judged, good or bad. */
  readonly isBlind: boolean
}

/** Judges all conditions at once. A pure reading of them: the order in which they came about does not matter. */
export function judge(state: LocationState, timing: Timing, nowMs: EpochMs): Judgement {
  const isBlind = !state.session.isOpen && state.session.how !== 'never'
  if (isBlind) return { causes: judgeSession(state), explainedBy: new Map(), isBlind }
  const causes = [...judgePaths(state), ...judgeSilence(state, timing, nowMs)].sort(
    (a, b) =>
      rankOf(a.faultClass) - rankOf(b.faultClass) || a.cue.order - b.cue.order || compare(a.rootId, b.rootId),
  )
  const explainedBy = new Map<Cause, Cause | IncidentFacts>()
  for (const cause of causes) {
    const nearer =
      causes.find((other) => other !== cause && accountsFor(state, other, cause, timing)) ??
      state.incidents.find(
        (incident) => !stands(causes, incident) && outlasts(state, incident, cause, timing, nowMs),
      )
    if (nearer !== undefined) explainedBy.set(cause, nearer)
  }
  return { causes, explainedBy, isBlind }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Whether the nearer fault accounts for the other one: it may be its consequence and did not begin later. */
export function explains(
  state: LocationState,
  nearer: Pick<Cause, 'faultClass' | 'startedAtMs' | 'affected' | 'severity'>,
  other: Pick<Cause, 'faultClass' | 'rootId' | 'startedAtMs'>,
  timing: Timing,
): boolean {
  if (!rules[nearer.faultClass].explains.includes(other.faultClass)) return false
  // A line that did badly before it died: one fault that grew.
  const hasGrown = other.faultClass === 'wan-degraded'
  if (!hasGrown && other.startedAtMs < nearer.startedAtMs - timing.slackMs) return false
  // A line that is merely slow does not make names or processors fail.
  if (nearer.faultClass === 'wan-degraded' && nearer.severity !== 'high') return false
  // The name was resolved: the processor is out of reach for a reason of its own.
  if (nearer.faultClass === 'dns-failing' && !failsByName(state, other.rootId)) return false
  const isOfSome = nearer.faultClass === 'switch-down' || nearer.faultClass === 'ip-conflict'
  return !isOfSome || nearer.affected.includes(other.rootId)
}

/**
 * As {@link explains}; and who fell silent while the shop was closed is missed from the next opening check on: a fault that began before that one
 * hid whether it came back.
 */
function accountsFor(
  state: LocationState,
  nearer: Parameters<typeof explains>[1],
  cause: Cause,
  timing: Timing,
): boolean {
  if (explains(state, nearer, cause, timing)) return true
  const isEarlier = cause.startedAtMs < nearer.startedAtMs - timing.slackMs
  if (!isEarlier || cause.silent.length === 0 || isOpenHours(state.config, cause.startedAtMs)) return false
  const startedAtMs = nextOpeningCheckMs(state.config, cause.startedAtMs)
  return startedAtMs !== null && explains(state, nearer, { ...cause, startedAtMs }, timing)
}

/** Whether the way to a processor fails at its name, as far as anybody said at which stage. */
function failsByName(state: LocationState, targetId: string): boolean {
  const stage = findCondition(state, 'paypath', targetId)?.stage ?? 'none'
  return stage === 'dns' || stage === 'none'
}

/** Whether it can break the appliance's connection; a line only where hardly a packet gets through. */
export function canDarken({ faultClass, severity }: Pick<Cause, 'faultClass' | 'severity'>): boolean {
  if (!rules[faultClass].explains.includes('location-dark')) return false
  return faultClass !== 'wan-degraded' || severity === 'high'
}

function stands(causes: readonly Cause[], { faultClass, rootId }: IncidentFacts): boolean {
  return causes.some((cause) => cause.faultClass === faultClass && cause.rootId === rootId)
}

/** Whether a cause is what an ended incident left behind: devices still booting, a line still training. */
function outlasts(
  state: LocationState,
  incident: IncidentFacts,
  cause: Cause,
  timing: Timing,
  nowMs: EpochMs,
): boolean {
  const endedMs = incident.goodSinceMs ?? incident.clearedAtMs ?? nowMs
  if (nowMs >= endedMs + timing.residualMs || cause.startedAtMs > endedMs + timing.slackMs) return false
  // What stands after an unexplained darkness and could have made it is its cause, not its leftover.
  if (incident.faultClass === 'location-dark' && canDarken(cause)) return false
  // Why it was dark may not be known yet: it may have been anything.
  const faultClass: FaultClass = incident.wasDark ? 'power-cut' : incident.faultClass
  const { startedAtMs, affected, severity } = incident
  return accountsFor(state, { faultClass, startedAtMs, affected, severity }, cause, timing)
}

/** What can be said about a Location that cannot be heard. */
function judgeSession(state: LocationState): Cause[] {
  const { session } = state
  if (session.cue === null) return []
  const isPlanned = session.how === 'goodbye'
  const startedAtMs = Math.min(session.sinceMs, Math.max(session.lastHeardMs, session.sinceMs - 30_000))
  const faultClass: FaultClass = isPlanned ? 'appliance-down' : 'location-dark'
  return [
    {
      faultClass,
      rootId: isPlanned ? 'appliance' : 'location',
      rootRole: rules[faultClass].rootRole,
      startedAtMs,
      cue: session.cue,
      cues: [session.cue],
      canRaise: true,
      affected: isPlanned
        ? []
        : state.devices
            .filter((facts) => !facts.isGateway && !isRoaming(facts))
            .map(({ device }) => device.id),
      silent: [],
      hasLostCarrier: false,
      reasons: [
        { atMs: session.sinceMs, text: closedWords[session.how] ?? 'The appliance is not connected' },
      ],
    },
  ]
}

const closedWords: Readonly<Record<string, string>> = {
  will: 'The appliance’s connection broke without a goodbye',
  'gateway-lost': 'The cloud’s own door restarted, and the appliance did not come back to it',
  goodbye: 'The appliance said goodbye and did not come back',
}
