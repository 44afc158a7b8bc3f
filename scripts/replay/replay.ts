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
/** A probe's answer belongs to a question asked at most this long before. */
const answerWithinMs = 4_000
/** Where the rules ask at another moment than when it was recorded, the last answer counts for this long. */
const answerHoldsMs = 30_000
const answerDelayMs = 500

type Answer = 'reply' | 'silent' | 'unavailable'

/**
 * Runs a recorded timeline through the fault core as it is now. Its alarm clock rings when it is due, whatever the recording says of that:
 * other rules wake at other times. Probes are answered as they were when it was recorded.
 */
export function replay(entries: readonly TimelineEntry[], { env, profile }: ReplayOptions): Replay {
  const core = createFaultCore({ env, profile })
  const answers = answersOf(entries)
  let state: LocationState = core.empty(locationIdOf(entries))
  let madeEvents = 0
  const told: { readonly atMs: number; readonly effect: IncidentEffect }[] = []
  const verdicts: Replay['verdicts'][number][] = []
  let due: { readonly atMs: number; readonly event: FaultEvent }[] = []

  function take(nowMs: number, origin: TimelineEntry['origin'], event: FaultEvent): void {
    const result = core.reduce(state, event, { nowMs, origin })
    state = result.state
    for (const effect of result.effects) {
      if (effect.type === 'incident') told.push({ atMs: nowMs, effect })
      else if (effect.type === 'view') noteVerdict(nowMs, effect.view)
      else if (effect.type === 'probe') {
        const answer = answers.to(effect.deviceId, nowMs)
        if (answer === undefined) continue
        const { probeId, deviceId } = effect
        const event = { type: 'probe-answered', probeId, deviceId, answer: answer.answer } as const
        due = [...due, { atMs: answer.atMs, event: { from: 'ingest', event } } as const].sort(
          (a, b) => a.atMs - b.atMs,
        )
      }
    }
  }

  function noteVerdict(atMs: number, { sentence, health, payability }: LocationView): void {
    const last = verdicts.at(-1)
    const isSame = last?.sentence === sentence && last.health === health && last.payability === payability
    if (!isSame) verdicts.push({ atMs, sentence, health, payability })
  }

  /** Answers probes and rings the alarm clock for all that is due before then. */
  function passUntil(untilMs: number): void {
    for (;;) {
      const wakeAtMs = core.wakeAtMs(state) ?? Number.POSITIVE_INFINITY
      const answer = due[0]
      const atMs = Math.min(wakeAtMs, answer?.atMs ?? Number.POSITIVE_INFINITY)
      if (atMs > untilMs) return
      madeEvents += 1
      const origin = { from: 'ingest', partition: 'replay', offset: madeEvents } as const
      if (answer !== undefined && answer.atMs <= wakeAtMs) {
        due = due.slice(1)
        take(answer.atMs, origin, answer.event)
      } else take(Math.max(wakeAtMs, state.nowMs), origin, { from: 'ingest', event: { type: 'woke' } })
    }
  }

  for (const { nowMs, origin, event } of entries) {
    passUntil(nowMs - 1)
    const isMadeHere = event.from === 'ingest' && ['woke', 'probe-answered'].includes(event.event.type)
    if (!isMadeHere) take(nowMs, origin, event)
  }
  passUntil((entries.at(-1)?.nowMs ?? 0) + afterglowMs)
  return { incidents: storiesOf(told), verdicts }
}

function locationIdOf(entries: readonly TimelineEntry[]): string {
  for (const { event } of entries) {
    if (event.from === 'ingest' && event.event.type === 'location-configured')
      return event.event.config.locationId
  }
  return 'replayed'
}

/** The recorded answers by device: the next one in time, else the last one while it holds. */
function answersOf(entries: readonly TimelineEntry[]) {
  const byDevice = new Map<string, { readonly atMs: number; readonly answer: Answer }[]>()
  for (const { nowMs, event } of entries) {
    if (event.from !== 'ingest' || event.event.type !== 'probe-answered') continue
    const { deviceId, answer } = event.event
    const known = byDevice.get(deviceId) ?? []
    known.push({ atMs: nowMs, answer })
    byDevice.set(deviceId, known)
  }
  return {
    to(deviceId: string, askedMs: number): { readonly atMs: number; readonly answer: Answer } | undefined {
      const known = byDevice.get(deviceId) ?? []
      const next = known.find(({ atMs }) => atMs >= askedMs && atMs <= askedMs + answerWithinMs)
      if (next !== undefined) return next
      const last = known.findLast(({ atMs }) => atMs < askedMs && atMs >= askedMs - answerHoldsMs)
      return last === undefined ? undefined : { atMs: askedMs + answerDelayMs, answer: last.answer }
    },
  }
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
