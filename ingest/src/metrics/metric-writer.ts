import { type EpochMs, ProactiveError } from '@proactive/shared'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { dayMs, type MetricStore, type Point, type WriteOutcome } from './metric-store.ts'
import { createPendingPoints } from './pending-points.ts'

/** The writer was stopped before these points were stored; whoever gave them still has them in the log. */
export class MetricWriterStoppedError extends ProactiveError {
  readonly code = 'metric-writer-stopped'
  override readonly retryable = true
}

/** Bounded batching in front of a store. */
export interface MetricWriter {
  /**
   * Resolves when the points are stored, or counted as never storable; waits as long as the store is away.
   * Callers are slowed down, never queued without bound: while {@link MetricWriterOptions.maxPending} points wait, the call itself waits.
   * @throws MetricWriterStoppedError
   */
  write(points: readonly Point[]): Promise<void>
  /** The newest point of each (family, subject) of a Location within `withinMs` (24 h). @throws MetricStoreUnavailableError */
  latest(locationId: string, withinMs?: number): Promise<readonly Point[]>
  /** Lets requests under way end, rejects what waits. The store is its maker's to stop. Safe to call twice. */
  stop(): Promise<void>
}

export interface MetricWriterOptions {
  readonly store: MetricStore
  readonly registry: Registry
  readonly nowMs: () => EpochMs
  /** Called when the store goes away and when it is back: transitions, not every try. */
  readonly onStoreState?: (state: { readonly isAvailable: boolean; readonly reason?: string }) => void
  /** Points per request. */
  readonly maxBatch?: number
  /** Requests under way at once; more only adds latency (measured on InfluxDB 1.6.7). */
  readonly maxInFlight?: number
  readonly maxPending?: number
  /** 0 ≤ x < 1; spreads the retries of many writers. */
  readonly random?: () => number
}

const defaults = { maxBatch: 5_000, maxInFlight: 2, maxPending: 50_000 }
const firstRetryMs = 250
const maxRetryMs = 10_000
/** Longest pause that the store may ask for. */
const maxAskedMs = 60_000

/** @see MetricWriter */
export function createMetricWriter(options: MetricWriterOptions): MetricWriter {
  const { store, nowMs } = options
  const { maxBatch, maxInFlight, maxPending } = { ...defaults, ...withoutUndefined(options) }
  const random = options.random ?? Math.random
  const count = createCounts(options.registry)
  const waiting = createPendingPoints()
  const waitingForRoom: (() => void)[] = []
  const stopping = new AbortController()
  const requests = new Set<Promise<void>>()
  let pending = 0
  let isAvailable = true
  count.storeUp.set(1)

  const setAvailable = (next: boolean, reason?: string) => {
    if (next === isAvailable) return
    isAvailable = next
    count.storeUp.set(next ? 1 : 0)
    options.onStoreState?.({ isAvailable: next, ...(reason === undefined ? {} : { reason }) })
  }

  const tryOnce = async (points: readonly Point[]): Promise<WriteOutcome> => {
    const end = count.duration.startTimer()
    try {
      return await store.write(points)
    } catch (error) {
      return {
        kind: 'retry',
        afterMs: firstRetryMs,
        reason: error instanceof Error ? error.message : String(error),
      }
    } finally {
      end()
    }
  }

  /** Sends until it is stored; returns false when stopped meanwhile. */
  const storeBatch = async (points: readonly Point[]): Promise<boolean> => {
    for (let attempt = 0; !stopping.signal.aborted; attempt++) {
      const outcome = await tryOnce(points)
      if (outcome.kind === 'ok') {
        setAvailable(true)
        count.points.inc({ outcome: 'stored' }, points.length - outcome.permanent)
        count.points.inc({ outcome: 'permanent' }, outcome.permanent)
        return true
      }
      setAvailable(false, outcome.reason)
      count.retries.inc()
      await pause(backoffMs(attempt, outcome.afterMs, random()), stopping.signal)
    }
    return false
  }

  const sendBatch = async () => {
    const { points, shares } = waiting.take(maxBatch)
    const isStored = await storeBatch(points)
    pending -= points.length
    for (const { write, count: stored } of shares) {
      write.open -= stored
      if (!isStored) write.reject(stoppedError())
      else if (write.open === 0) write.resolve()
    }
    while (pending < maxPending && waitingForRoom.length > 0) waitingForRoom.shift()?.()
  }

  /** Starts requests while there is something to send; what comes while all are busy makes the next batches larger. */
  const pump = () => {
    while (!stopping.signal.aborted && waiting.size > 0 && requests.size < maxInFlight) {
      const request = sendBatch().finally(() => {
        requests.delete(request)
        gauge()
        pump()
      })
      requests.add(request)
    }
    gauge()
  }
  const gauge = () => {
    count.pending.set(pending)
    count.inFlight.set(requests.size)
  }

  return {
    async write(points) {
      if (points.length === 0) return
      while (pending >= maxPending && !stopping.signal.aborted)
        await new Promise<void>((resolve) => waitingForRoom.push(resolve))
      if (stopping.signal.aborted) throw stoppedError()
      pending += points.length
      await new Promise<void>((resolve, reject) => {
        waiting.add(points, { open: points.length, resolve, reject })
        pump()
      })
    },
    latest(locationId, withinMs = dayMs) {
      return store.latest(locationId, nowMs() - withinMs)
    },
    async stop() {
      stopping.abort()
      for (const wake of waitingForRoom.splice(0)) wake()
      await Promise.all(requests)
      for (const write of waiting.clear()) write.reject(stoppedError())
      pending = 0
      gauge()
    },
  }
}

const stoppedError = () =>
  new MetricWriterStoppedError('the metric writer was stopped before the points were stored')

/** Doubling from a quarter second to ten seconds, at least what the store asked for, jittered by a quarter. */
export function backoffMs(attempt: number, askedMs: number, random: number): number {
  const doubled = Math.min(firstRetryMs * 2 ** Math.min(attempt, 20), maxRetryMs)
  return Math.min(Math.max(doubled, askedMs), maxAskedMs) * (1 + random / 4)
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}

function withoutUndefined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Partial<T>
}

function createCounts(registry: Registry) {
  const registers = [registry]
  return {
    points: new Counter({
      name: 'proactive_metric_points_total',
      help: 'Points that the metric store took (stored) or can never take (permanent)',
      labelNames: ['outcome'] as const,
      registers,
    }),
    retries: new Counter({
      name: 'proactive_metric_write_retries_total',
      help: 'Write requests that have to be repeated',
      registers,
    }),
    duration: new Histogram({
      name: 'proactive_metric_write_seconds',
      help: 'How long one write request took',
      buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 30],
      registers,
    }),
    pending: new Gauge({
      name: 'proactive_metric_pending_points',
      help: 'Points taken from the log and not yet stored',
      registers,
    }),
    inFlight: new Gauge({
      name: 'proactive_metric_writes_in_flight',
      help: 'Write requests under way',
      registers,
    }),
    storeUp: new Gauge({
      name: 'proactive_metric_store_up',
      help: '1 while the metric store takes writes, 0 while they are being repeated',
      registers,
    }),
  }
}
