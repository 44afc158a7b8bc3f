import type { EpochMs, EvidenceOrigin, MonotonicMs, Telemetry, UpKind } from '@proactive/shared'
import { decode, encode } from '@proactive/shared/codec'
import type { Scheduler, Stop } from '../../agent/src/ports/index.ts'
import type {
  Effect,
  FaultCore,
  FaultEvent,
  FleetSignal,
  IncidentReport,
  IngestEvent,
  LocationConfig,
  LocationView,
} from '../../ingest/src/faults/index.ts'
import type { LogEntry, LogRecord } from '../../ingest/src/log/ingest-log.ts'
import { toLoggedFact } from '../../ingest/src/pipeline/fault-event.ts'
import { type HighWater, takeNew } from '../../ingest/src/pipeline/high-water.ts'
import type { SeededRandom } from './random.ts'
import type { GatewayListener } from './virtual-cloud.ts'

/** An incident as it stands, with its story in true time. */
export interface IncidentStory {
  readonly report: IncidentReport
  readonly openedAtMs: EpochMs
  /** Every change: what happened to it, and what it was then. */
  readonly changes: readonly {
    readonly atMs: EpochMs
    readonly change: Extract<Effect, { type: 'incident' }>['change']
    readonly faultClass: string
  }[]
}

/** A batch, and in the Location's own time: when its window began and ended. */
export interface HeardBatch {
  readonly message: Telemetry
  readonly origin: EvidenceOrigin
  readonly fromMono: MonotonicMs
  readonly atMono: MonotonicMs
  /** How late it seemed by the appliance's own clock: its way, and by how much that clock is slow. */
  readonly lateMs: number
}

/** The cloud of one Location: log, fault core and probes, in memory; offsets, stamps and repeats as in the real pipeline. */
export interface VirtualIngest<State> extends GatewayListener {
  configure(config: LocationConfig): void
  /** Incidents in the order in which they opened. */
  incidents(): readonly IncidentStory[]
  view(): LocationView | undefined
  /** While full nothing is stored: no PUBACK. */
  setFull(isFull: boolean): void
  /** True time: the Location's own plus every stretch that was leapt over. */
  nowMs(): EpochMs
  /**
   * Lets a stretch pass in which the appliance would say the same each time: the core gets that batch and its wake-up calls at their true times,
   * the Location stands still. Ends early where the core asks the appliance something. Returns how long it was.
   */
  leap(ms: number, batch: Telemetry): number
  /** What the core knows now; not to be kept, the core writes into it. */
  state(): State
  /** The last batch of the live lane; none since the connection was made = undefined. */
  lastBatch(): HeardBatch | undefined
  /** The core waits for an answer of the appliance. */
  isAsking(): boolean
  /** When the appliance said anything but a batch, or its session changed, in the Location's own time. */
  lastTalkAtMono(): MonotonicMs
  /** Size of the stored state. */
  stateBytes(): number
  /** When sessions were opened, in true time. */
  readonly openedAtMs: readonly EpochMs[]
  readonly figures: { records: number; repeats: number; payloadBytes: number; observations: number }
}

export interface VirtualIngestOptions<State> {
  readonly scheduler: Scheduler
  readonly core: FaultCore<State>
  readonly locationId: string
  readonly applianceId: string
  /** Chance of the batches that are made up while leaping. */
  readonly random?: SeededRandom
  /** Sends a command down; false = not connected. */
  readonly sendCommand: (payload: Uint8Array) => boolean
  /** When the appliance closed a batch's window, in the Location's own time; undefined = nobody knows. */
  readonly windowEndMono: (batch: Telemetry) => MonotonicMs | undefined
  /** A batch of the live lane was taken. */
  readonly onBatch?: (batch: Telemetry) => void
  /** Another start of the agent than before told its inventory. */
  readonly onRestart?: () => void
  /** Told of each record once it is in the log. */
  readonly onRecord?: (record: LogRecord) => void
  readonly onSignal?: (signal: FleetSignal) => void
  readonly onIncident?: (effect: Extract<Effect, { type: 'incident' }>) => void
}

const partition = 'p00'
/** As the pipeline asks: the probe's own budget, and a little for the way. */
const probeBudgetMs = 2_000
const probePatienceMs = 2_500
/** Length of a repeated window: as long as the twin lets windows be. */
const repeatMs = 300_000
/** The same due time again waits this long (as `wake-calls.ts` does). */
const wakeAgainMs = 1_000

export function createVirtualIngest<State>(options: VirtualIngestOptions<State>): VirtualIngest<State> {
  const { scheduler, core, locationId, applianceId } = options
  const marks: HighWater = new Map()
  const stories = new Map<
    string,
    { report: IncidentReport; openedAtMs: EpochMs; changes: IncidentStory['changes'][number][] }
  >()
  const probeIdByCommand = new Map<
    string,
    { readonly probeId: string; readonly deviceId: string; readonly stop: Stop }
  >()
  const figures = { records: 0, repeats: 0, payloadBytes: 0, observations: 0 }
  const openedAtMs: EpochMs[] = []
  let leaptMs = 0
  let lastTalkAtMono = 0
  let lastBatch: HeardBatch | undefined
  let bootEpoch = 0
  let hasAsked = false
  const nowMs = () => scheduler.nowMs() + leaptMs
  let state = core.empty(locationId)
  let view: LocationView | undefined
  let offset = 0
  let isFull = false
  let lastCommand = 0
  let wake: { readonly atMs: EpochMs; readonly stop: Stop } | undefined
  let wokeForMs: EpochMs | undefined

  function append(entry: LogEntry): void {
    const record: LogRecord = { partition, offset: ++offset, receivedAtMs: nowMs(), entry }
    figures.records++
    const fact = toLoggedFact(record)
    options.onRecord?.(record)
    if (fact === undefined) return
    if (fact.stamp !== undefined && !takeNew(marks, fact.stamp.laneStamp)) {
      figures.repeats++
      return
    }
    if (fact.event.from === 'appliance') note(fact.event, fact.origin)
    const event = leaptMs === 0 ? fact.event : inTrueTime(fact.event, leaptMs)
    reduce(event, fact.origin)
    setWake(core.wakeAtMs(state))
  }

  function reduce(event: FaultEvent, origin: EvidenceOrigin): void {
    const result = core.reduce(state, event, { nowMs: nowMs(), origin })
    state = result.state
    for (const effect of result.effects) carryOut(effect)
  }

  function note(event: Extract<FaultEvent, { from: 'appliance' }>, origin: EvidenceOrigin): void {
    if (event.kind !== 'telemetry') {
      lastTalkAtMono = scheduler.monotonicMs()
      if (event.kind === 'observation') figures.observations++
      if (event.kind === 'birth' && event.message.bootEpoch !== bootEpoch) {
        bootEpoch = event.message.bootEpoch
        options.onRestart?.()
      }
      return
    }
    const { message } = event
    figures.observations += message.rows.device?.length ?? 0
    if (message.lane !== 'live') return
    const atMono = options.windowEndMono(message)
    lastBatch =
      atMono === undefined
        ? undefined
        : {
            ...{ message, origin, fromMono: atMono - message.windowMs, atMono },
            lateMs: scheduler.nowMs() - message.atMs,
          }
    options.onBatch?.(message)
  }

  /** What the appliance would have sent now, by its own clock: the same batch again, its round trips spread as round trips are. */
  function repeatBatch(message: Telemetry): void {
    if (lastBatch === undefined) return
    const { origin, lateMs } = lastBatch
    const factor = options.random?.logNormal(1, 0.03) ?? 1
    const again: Telemetry = {
      ...message,
      atMs: nowMs() - lateMs,
      windowMs: repeatMs,
      rows: {
        ...message.rows,
        ...(message.rows.wan === undefined
          ? {}
          : { wan: message.rows.wan.map((row) => spread(row, factor)) }),
      },
    }
    figures.observations += again.rows.device?.length ?? 0
    reduce({ from: 'appliance', applianceId, kind: 'telemetry', message: again }, origin)
  }

  function leap(ms: number, batch: Telemetry): number {
    const startMs = nowMs()
    const endMs = startMs + ms
    let batchAtMs = startMs + repeatMs
    hasAsked = false
    while (!hasAsked) {
      const wakeAtMs = Math.max(nowMs(), (core.wakeAtMs(state) ?? Number.POSITIVE_INFINITY) + 1)
      const atMs = Math.min(wakeAtMs, batchAtMs)
      if (atMs > endMs) break
      leaptMs += atMs - nowMs()
      if (atMs < batchAtMs) {
        offset++
        reduce({ from: 'ingest', event: { type: 'woke' } }, { from: 'ingest', partition, offset })
        // A wish to be woken that a wake-up call does not end is looked at again with the next batch.
        if ((core.wakeAtMs(state) ?? Number.POSITIVE_INFINITY) + 1 <= atMs) leaptMs += wakeAgainMs
      } else {
        repeatBatch(batch)
        batchAtMs += repeatMs
      }
    }
    if (!hasAsked) leaptMs += Math.max(0, endMs - nowMs())
    wokeForMs = undefined
    setWake(null)
    setWake(core.wakeAtMs(state))
    return nowMs() - startMs
  }

  const tell = (event: IngestEvent) => append({ from: 'ingest', locationId, event })

  function setWake(atMs: EpochMs | null): void {
    if (atMs === (wake?.atMs ?? null)) return
    wake?.stop()
    wake = undefined
    if (atMs === null) return
    const dueInMs = Math.max(0, atMs - nowMs() + 1)
    const stop = scheduler.after(atMs === wokeForMs ? Math.max(dueInMs, wakeAgainMs) : dueInMs, () => {
      wake = undefined
      wokeForMs = atMs
      tell({ type: 'woke' })
    })
    wake = { atMs, stop }
  }

  function carryOut(effect: Effect): void {
    if (effect.type === 'view') view = effect.view
    else if (effect.type === 'probe') probe(effect.probeId, effect.deviceId)
    else if (effect.type === 'fleet-signal') options.onSignal?.(effect.signal)
    else if (effect.type === 'incident') {
      const { change, report } = effect
      const atMs = nowMs()
      const story = stories.get(report.key) ?? { report, openedAtMs: atMs, changes: [] }
      story.report = report
      story.changes.push({ atMs, change, faultClass: report.faultClass })
      stories.set(report.key, story)
      options.onIncident?.(effect)
    }
  }

  function probe(probeId: string, deviceId: string): void {
    hasAsked = true
    const id = `c${++lastCommand}`
    const stop = scheduler.after(probePatienceMs, () => answer(id, 'unavailable'))
    probeIdByCommand.set(id, { probeId, deviceId, stop })
    const request = { action: 'probe', deviceId } as const
    const isSent = options.sendCommand(
      encode('command', { v: 1, id, auditId: 'faults', budgetMs: probeBudgetMs, request }),
    )
    // Never inside the reduction that asked for it.
    if (!isSent) scheduler.after(0, () => answer(id, 'unavailable'))
  }

  function answer(commandId: string, said: Extract<IngestEvent, { type: 'probe-answered' }>['answer']): void {
    const asked = probeIdByCommand.get(commandId)
    if (asked === undefined) return
    asked.stop()
    probeIdByCommand.delete(commandId)
    tell({ type: 'probe-answered', probeId: asked.probeId, deviceId: asked.deviceId, answer: said })
  }

  function readResult(payload: Uint8Array): void {
    const { commandId, isFinal, outcome } = decode('result', payload)
    if (!isFinal || !probeIdByCommand.has(commandId)) return
    if (outcome.status !== 'ok') answer(commandId, 'unavailable')
    else {
      const isReply =
        outcome.evidence.some(({ answer: said }) => said === 'reply' || said === 'refused') ||
        (outcome.rttsMs ?? []).some((rttMs) => rttMs !== null)
      answer(commandId, isReply ? 'reply' : 'silent')
    }
  }

  return {
    configure: (config) => tell({ type: 'location-configured', config }),
    onOpened(remoteAddress) {
      lastTalkAtMono = scheduler.monotonicMs()
      openedAtMs.push(nowMs())
      tell({ type: 'session-opened', applianceId, remoteAddress })
    },
    onClosed(how) {
      lastTalkAtMono = scheduler.monotonicMs()
      lastBatch = undefined
      tell({ type: 'session-closed', applianceId, how })
    },
    onMessage(kind: UpKind, payload: Uint8Array) {
      if (isFull) return false
      figures.payloadBytes += payload.length
      append({ from: 'appliance', locationId, applianceId, kind, payload })
      if (kind === 'result') readResult(payload)
      return true
    },
    incidents: () => [...stories.values()],
    view: () => view,
    setFull(next) {
      isFull = next
    },
    nowMs,
    leap,
    state: () => state,
    lastBatch: () => lastBatch,
    isAsking: () => probeIdByCommand.size > 0,
    lastTalkAtMono: () => lastTalkAtMono,
    stateBytes: () => core.serialize(state).byteLength,
    openedAtMs,
    figures,
  }
}

/** The Location's clock stands still while a stretch is leapt over: what its appliance says is put into true time, as if it had not. */
function inTrueTime(event: FaultEvent, leaptMs: number): FaultEvent {
  if (event.from !== 'appliance' || event.message.clock === 'unsynced') return event
  if (event.kind === 'telemetry')
    return { ...event, message: { ...event.message, atMs: event.message.atMs + leaptMs } }
  return { ...event, message: later(event.message, leaptMs) } as FaultEvent
}

/** Round trips of one row: the second to fourth figure of a way out. */
function spread(row: readonly (number | null)[], factor: number): (number | null)[] {
  return row.map((value, column) =>
    value !== null && column >= 2 && column <= 4 ? Math.round(value * factor * 100) / 100 : value,
  )
}

const timeKeys = new Set(['atMs', 'sinceMs', 'fromMs', 'toMs', 'firstSeenMs'])

/** The same value with each of its times so much later. */
function later(value: unknown, byMs: number): unknown {
  if (Array.isArray(value)) return value.map((item) => later(item, byMs))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      timeKeys.has(key) && typeof item === 'number' ? item + byMs : later(item, byMs),
    ]),
  )
}
