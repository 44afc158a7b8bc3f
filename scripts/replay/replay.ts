import {
  createFaultCore,
  type Effect,
  type FaultEvent,
  type IncidentReport,
  type LocationState,
  type LocationView,
  type Profile,
} from '../../ingest/src/faults/index.ts'
import type { TimelineEntry } from './timeline.ts'

type IncidentEffect = Extract<Effect, { type: 'incident' }>

export interface ReplayedIncident {
  readonly key: string
  readonly cause: string
  readonly rootDevice: string | null
  /** Role that the routing table takes the owner Team from. */
  readonly ownerRole: string
  readonly severity: string
  readonly headline: string
  readonly startedAtMs: number
  /** When its Issue opens. */
  readonly openedAtMs: number
  readonly clearedAtMs: number | null
  /** When its Issue is resolved, where nobody has touched it; null = still open at the end. */
  readonly closedAtMs: number | null
  readonly affected: readonly string[]
  readonly changes: readonly {
    readonly atMs: number
    readonly change: IncidentEffect['change']
    readonly cause: string
  }[]
}

export interface Replay {
  readonly incidents: readonly ReplayedIncident[]
  /** How the Location stood, whenever that changed. */
  readonly verdicts: readonly {
    readonly atMs: number
    readonly sentence: string
    readonly health: string
    readonly payability: string
  }[]
}

export interface ReplayOptions {
  readonly env: string
  readonly profile: Profile
}

/** How long the Location's own alarm clock goes on behind the last line, so that what was cleared also closes. */
const afterglowMs = 3_600_000

/**
 * Runs a recorded timeline through the fault core as it is now. A recording with its own wake-up calls is taken as it is; in one without them (written
 * by hand, or of the appliance alone) they are made when due. Answers to probes go to the question that is open for their device.
 */
export function replay(entries: readonly TimelineEntry[], { env, profile }: ReplayOptions): Replay {
  const core = createFaultCore({ env, profile })
  const hasOwnWakes = entries.some(({ event }) => event.from === 'ingest' && event.event.type === 'woke')
  let state: LocationState = core.empty(locationIdOf(entries))
  let madeWakes = 0
  const told: { readonly atMs: number; readonly effect: IncidentEffect }[] = []
  const verdicts: Replay['verdicts'][number][] = []
  const questionByDevice = new Map<string, string>()

  function take(nowMs: number, origin: TimelineEntry['origin'], event: FaultEvent): void {
    const result = core.reduce(state, event, { nowMs, origin })
    state = result.state
    for (const effect of result.effects) {
      if (effect.type === 'incident') told.push({ atMs: nowMs, effect })
      else if (effect.type === 'probe') questionByDevice.set(effect.deviceId, effect.probeId)
      else noteVerdict(nowMs, effect.view)
    }
  }

  function noteVerdict(atMs: number, { sentence, health, payability }: LocationView): void {
    const last = verdicts.at(-1)
    const isSame = last?.sentence === sentence && last.health === health && last.payability === payability
    if (!isSame) verdicts.push({ atMs, sentence, health, payability })
  }

  /** Rings the alarm clock for all that is due before the next line. */
  function wakeUntil(untilMs: number): void {
    for (;;) {
      const dueMs = core.wakeAtMs(state)
      if (dueMs === null || dueMs > untilMs) return
      madeWakes += 1
      const nowMs = Math.max(dueMs, state.nowMs)
      take(
        nowMs,
        { from: 'ingest', partition: 'replay', offset: madeWakes },
        { from: 'ingest', event: { type: 'woke' } },
      )
    }
  }

  for (const { nowMs, origin, event } of entries) {
    if (!hasOwnWakes) wakeUntil(nowMs - 1)
    take(nowMs, origin, readdressed(event, questionByDevice))
  }
  wakeUntil((entries.at(-1)?.nowMs ?? 0) + afterglowMs)
  return { incidents: storiesOf(told), verdicts }
}

function locationIdOf(entries: readonly TimelineEntry[]): string {
  for (const { event } of entries) {
    if (event.from === 'ingest' && event.event.type === 'location-configured')
      return event.event.config.locationId
  }
  return 'replayed'
}

/** The rules may ask at other moments than when it was recorded: an answer counts for what is asked now. */
function readdressed(event: FaultEvent, questionByDevice: Map<string, string>): FaultEvent {
  if (event.from !== 'ingest' || event.event.type !== 'probe-answered') return event
  const probeId = questionByDevice.get(event.event.deviceId) ?? event.event.probeId
  questionByDevice.delete(event.event.deviceId)
  return { from: 'ingest', event: { ...event.event, probeId } }
}

function storiesOf(
  told: readonly { readonly atMs: number; readonly effect: IncidentEffect }[],
): ReplayedIncident[] {
  const storyByKey = new Map<
    string,
    { report: IncidentReport; changes: ReplayedIncident['changes'][number][] }
  >()
  for (const { atMs, effect } of told) {
    const { key, faultClass } = effect.report
    const story = storyByKey.get(key) ?? { report: effect.report, changes: [] }
    story.report = effect.report
    story.changes.push({ atMs, change: effect.change, cause: faultClass })
    storyByKey.set(key, story)
  }
  return [...storyByKey.values()].map(({ report, changes }) => ({
    key: report.key,
    cause: report.faultClass,
    rootDevice: report.rootDeviceId ?? null,
    ownerRole: report.rootRole,
    severity: report.severity,
    headline: report.headline,
    startedAtMs: report.startedAtMs,
    openedAtMs: report.openedAtMs,
    clearedAtMs: report.clearedAtMs ?? null,
    closedAtMs: report.closedAtMs ?? null,
    affected: report.affectedDeviceIds,
    changes,
  }))
}
