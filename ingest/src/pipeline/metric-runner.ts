import { ContractError, type EpochMs, ProactiveError } from '@proactive/shared'
import type { Logger } from 'pino'
import { decodeOnce } from '../log/decoded-messages.ts'
import type { IngestLog, LogRecord } from '../log/ingest-log.ts'
import type { Point } from '../metrics/metric-store.ts'
import type { MetricWriter } from '../metrics/metric-writer.ts'
import { subjectsOf, toPoints } from '../metrics/points.ts'
import { runPaced } from './commit-pace.ts'
import type { PipelineCounters } from './counters.ts'
import { takeNew } from './high-water.ts'
import { decodeMetricSnapshot, encodeMetricSnapshot, type MetricSnapshot } from './metric-snapshot.ts'

export interface MetricRunnerOptions {
  readonly log: IngestLog
  readonly partition: string
  readonly writer: Pick<MetricWriter, 'write'>
  readonly counters: PipelineCounters
  readonly logger: Logger
  readonly nowMs: () => EpochMs
  readonly signal: AbortSignal
  /** Told when points of a Location are in the store, and when the last of its messages had come: long before, where the store was away. */
  readonly onStored: (locationId: string, newestAtMs: EpochMs, receivedAtMs: EpochMs) => void
}

/** Name under which the metric runner reads the log and keeps its states. */
export const metricConsumer = 'metrics'

/**
 * Takes one partition's telemetry to the metric store. The offset is committed after the write, so a crash writes again what the store overwrites.
 * Aliases are told by the last birth in the log. Resolves when the signal aborts.
 */
export async function runMetrics(options: MetricRunnerOptions): Promise<void> {
  const { log, partition, writer, counters, logger, nowMs, signal } = options
  const owner = await log.own(partition, metricConsumer)
  const snapshots = new Map<string, MetricSnapshot>()
  const dirty = new Set<string>()
  let offset = owner.committedOffset
  for await (const [applianceId, bytes] of owner.loadStates()) {
    snapshots.set(applianceId, decodeMetricSnapshot(bytes))
  }

  const skipped = (reason: string, count = 1) => {
    if (count > 0) counters.skipped.inc({ consumer: metricConsumer, reason }, count)
  }

  function snapshotOf(applianceId: string): MetricSnapshot {
    const known = snapshots.get(applianceId)
    if (known !== undefined) return known
    const made: MetricSnapshot = { subjects: new Map(), highWater: new Map() }
    snapshots.set(applianceId, made)
    return made
  }

  function pointsOf({ entry, receivedAtMs }: LogRecord): readonly Point[] {
    if (entry.from !== 'appliance') return []
    const { applianceId, locationId, kind, payload } = entry
    if (kind !== 'birth' && kind !== 'telemetry') return []
    const snapshot = snapshotOf(applianceId)
    dirty.add(applianceId)
    if (kind === 'birth') {
      snapshot.subjects = subjectsOf(decodeOnce(kind, payload), applianceId)
      return []
    }
    const batch = decodeOnce(kind, payload)
    if (!takeNew(snapshot.highWater, batch)) {
      counters.repeats.inc({ consumer: metricConsumer })
      return []
    }
    const { points, skipped: rows } = toPoints(batch, {
      locationId,
      subjects: snapshot.subjects,
      receivedAtMs,
    })
    skipped('clock-unsynced', rows.unsynced)
    skipped('in-the-future', rows.future)
    skipped('unknown-alias', rows.unknownAlias)
    skipped('empty', rows.empty)
    return points
  }

  function safePointsOf(record: LogRecord): readonly Point[] {
    try {
      return pointsOf(record)
    } catch (err) {
      if (!(err instanceof ContractError)) throw err
      skipped(err.code)
      return []
    }
  }

  await runPaced({
    batches: log.read(partition, offset, signal),
    async take(records: readonly LogRecord[]) {
      const points = records.flatMap(safePointsOf)
      const last = records.at(-1)
      if (points.length > 0) await writer.write(points)
      offset = last?.offset ?? offset
      counters.records.inc({ consumer: metricConsumer }, records.length)
      if (last !== undefined) {
        counters.lag.set(
          { consumer: metricConsumer, partition },
          Math.max(nowMs() - last.receivedAtMs, 0) / 1_000,
        )
      }
      const receivedMs = receivedByLocation(records)
      for (const [locationId, atMs] of newestByLocation(points))
        options.onStored(locationId, atMs, receivedMs.get(locationId) ?? atMs)
      return false
    },
    async commit() {
      const states = new Map([...dirty].map((id) => [id, encodeMetricSnapshot(snapshotOf(id))] as const))
      await owner.commit({ offset, states, outputs: [] })
      dirty.clear()
    },
    isRetryable: (error) => !signal.aborted && error instanceof ProactiveError && error.retryable,
    onCommitFailure: (err) =>
      logger.error({ err, partition }, 'metrics: the commit failed and is tried again'),
  })
}

function receivedByLocation(records: readonly LogRecord[]): Map<string, EpochMs> {
  const newest = new Map<string, EpochMs>()
  for (const { entry, receivedAtMs } of records)
    if (entry.from === 'appliance') newest.set(entry.locationId, receivedAtMs)
  return newest
}

function newestByLocation(points: readonly Point[]): Map<string, EpochMs> {
  const newest = new Map<string, EpochMs>()
  for (const { locationId, atMs } of points)
    newest.set(locationId, Math.max(newest.get(locationId) ?? 0, atMs))
  return newest
}
