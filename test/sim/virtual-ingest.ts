import type { EpochMs, UpKind } from '@proactive/shared'
import { decode, encode } from '@proactive/shared/codec'
import type { Scheduler, Stop } from '../../agent/src/ports/index.ts'
import type {
  Effect,
  FaultCore,
  FleetSignal,
  IncidentReport,
  IngestEvent,
  LocationConfig,
  LocationView,
} from '../../ingest/src/faults/index.ts'
import type { LogEntry, LogRecord } from '../../ingest/src/log/ingest-log.ts'
import { toLoggedFact } from '../../ingest/src/pipeline/fault-event.ts'
import { type HighWater, takeNew } from '../../ingest/src/pipeline/high-water.ts'
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

/** The cloud of one Location: log, fault core and probes, in memory; offsets, stamps and repeats as in the real pipeline. */
export interface VirtualIngest extends GatewayListener {
  configure(config: LocationConfig): void
  /** Incidents in the order in which they opened. */
  incidents(): readonly IncidentStory[]
  view(): LocationView | undefined
  /** While full nothing is stored: no PUBACK. */
  setFull(isFull: boolean): void
  readonly figures: { records: number; repeats: number; payloadBytes: number }
}

export interface VirtualIngestOptions<State> {
  readonly scheduler: Scheduler
  readonly core: FaultCore<State>
  readonly locationId: string
  readonly applianceId: string
  /** Sends a command down; false = not connected. */
  readonly sendCommand: (payload: Uint8Array) => boolean
  /** Told of each record once it is in the log. */
  readonly onRecord?: (record: LogRecord) => void
  readonly onSignal?: (signal: FleetSignal) => void
  readonly onIncident?: (effect: Extract<Effect, { type: 'incident' }>) => void
}

const partition = 'p00'
/** As the pipeline asks: the probe's own budget, and a little for the way. */
const probeBudgetMs = 2_000
const probePatienceMs = 2_500
/** The same due time again waits this long (as `wake-calls.ts` does). */
const wakeAgainMs = 1_000

export function createVirtualIngest<State>(options: VirtualIngestOptions<State>): VirtualIngest {
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
  const figures = { records: 0, repeats: 0, payloadBytes: 0 }
  let state = core.empty(locationId)
  let view: LocationView | undefined
  let offset = 0
  let isFull = false
  let lastCommand = 0
  let wake: { readonly atMs: EpochMs; readonly stop: Stop } | undefined
  let wokeForMs: EpochMs | undefined

  function append(entry: LogEntry): void {
    const record: LogRecord = { partition, offset: ++offset, receivedAtMs: scheduler.nowMs(), entry }
    figures.records++
    const fact = toLoggedFact(record)
    options.onRecord?.(record)
    if (fact === undefined) return
    if (fact.stamp !== undefined && !takeNew(marks, fact.stamp.laneStamp)) {
      figures.repeats++
      return
    }
    const result = core.reduce(state, fact.event, { nowMs: record.receivedAtMs, origin: fact.origin })
    state = result.state
    for (const effect of result.effects) carryOut(effect)
    setWake(core.wakeAtMs(state))
  }

  const tell = (event: IngestEvent) => append({ from: 'ingest', locationId, event })

  function setWake(atMs: EpochMs | null): void {
    if (atMs === (wake?.atMs ?? null)) return
    wake?.stop()
    wake = undefined
    if (atMs === null) return
    const dueInMs = Math.max(0, atMs - scheduler.nowMs() + 1)
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
    else {
      const { change, report } = effect
      const atMs = scheduler.nowMs()
      const story = stories.get(report.key) ?? { report, openedAtMs: atMs, changes: [] }
      story.report = report
      story.changes.push({ atMs, change, faultClass: report.faultClass })
      stories.set(report.key, story)
      options.onIncident?.(effect)
    }
  }

  function probe(probeId: string, deviceId: string): void {
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
    onOpened: (remoteAddress) => tell({ type: 'session-opened', applianceId, remoteAddress }),
    onClosed: (how) => tell({ type: 'session-closed', applianceId, how }),
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
    figures,
  }
}
