import { pickRoute } from '../../ingest/src/directory/pick-route.ts'
import {
  createFaultCore,
  type Effect,
  type FaultEvent,
  type IncidentReport,
  type LocationState,
  type LocationView,
  type Profile,
} from '../../ingest/src/faults/index.ts'
import type { RecordedDirectory } from './recording.ts'
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
  /** Whose Issue it is; null = none opens: it is recorded only (planned work, a silence, a fault of many Locations), or the recording names nobody. */
  readonly issue: ReplayedIssue | null
  readonly changes: readonly {
    readonly atMs: number
    readonly change: IncidentEffect['change']
    readonly cause: string
  }[]
}

export interface ReplayedIssue {
  readonly team: string
  readonly product: string
  readonly severity: string
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
  /** Absent = nobody is named, so incidents have no Issues. */
  readonly directory?: RecordedDirectory
}

const nobody: RecordedDirectory = { routing: [], products: new Map() }

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
export function replay(
  entries: readonly TimelineEntry[],
  { env, profile, directory = nobody }: ReplayOptions,
): Replay {
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
  return {
    incidents: storiesOf(told, (report, wasHeld) => issueOf(report, wasHeld, directory, state)),
    verdicts,
  }
}

/** Routed as the ingest does it: by the product at fault, else by the role of the root, else to whoever takes the rest. */
function issueOf(
  { rootDeviceId, rootRole, severity }: IncidentReport,
  wasHeld: boolean,
  { routing, products }: RecordedDirectory,
  state: LocationState,
): ReplayedIssue | null {
  if (wasHeld) return null
  const device = rootDeviceId === undefined ? undefined : state.deviceById.get(rootDeviceId)
  const product = rootDeviceId === undefined ? undefined : products.get(rootDeviceId)
  const rules = routing.map(({ team, product, role }, index) => ({
    id: `r${index}`,
    locationId: state.locationId,
    teamId: team,
    mode: 'collaborative' as const,
    ...(product === undefined ? {} : { productId: product }),
    ...(role === undefined ? {} : { role }),
  })) as unknown as Parameters<typeof pickRoute>[0]
  const route = pickRoute(rules, { productId: product, role: device?.role ?? rootRole })
  if (route === undefined) return null
  const known = product ?? (rootDeviceId === undefined ? route.productId : undefined)
  return { team: route.teamId, product: known ?? 'Not listed', severity }
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
  issueOf: (report: IncidentReport, wasHeld: boolean) => ReplayedIssue | null,
): ReplayedIncident[] {
  const storyByKey = new Map<
    string,
    { report: IncidentReport; wasHeld: boolean; changes: ReplayedIncident['changes'][number][] }
  >()
  for (const { atMs, effect } of told) {
    const { key, faultClass } = effect.report
    const story = storyByKey.get(key) ?? { report: effect.report, wasHeld: true, changes: [] }
    story.report = effect.report
    // An Issue that was open once stays one.
    if (effect.report.issueHeldBy === undefined && effect.report.state === 'open') story.wasHeld = false
    story.changes.push({ atMs, change: effect.change, cause: faultClass })
    storyByKey.set(key, story)
  }
  return [...storyByKey.values()].map(({ report, wasHeld, changes }) => ({
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
    issue: issueOf(report, wasHeld),
    changes,
  }))
}
