import { setTimeout as sleep } from 'node:timers/promises'
import { type EpochMs, ProactiveError } from '@proactive/shared'
import type { Series, SeriesQuery } from '@proactive/shared/http'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { MetricStoreUnavailableError, type MetricStore, type Point } from '../metrics/metric-store.ts'
import { createMetricWriter, type MetricWriter } from '../metrics/metric-writer.ts'

/** The metric store for writers and readers, whether or not it can be reached yet: a cloud whose store is away still takes messages into its log. */
export interface MetricBackend {
  /** Tries to open the store; goes on trying where it is away. @throws what no waiting mends (a missing token, a broken file). */
  start(): Promise<void>
  write(points: readonly Point[]): Promise<void>
  /** @throws MetricStoreUnavailableError. */
  latest(locationId: string): Promise<readonly Point[]>
  /** @throws MetricStoreUnavailableError. */
  series(locationId: string, query: SeriesQuery): Promise<Series>
  /** Name of the store; undefined until it was reached. */
  readonly storeName: string | undefined
  /** Why the store is away, in one sentence; undefined while it answers. */
  readonly trouble: string | undefined
  /** Safe to call twice. */
  stop(): Promise<void>
}

export interface MetricBackendOptions {
  readonly create: () => Promise<MetricStore>
  readonly metrics: Registry
  readonly logger: Logger
  readonly nowMs: () => EpochMs
}

const firstPauseMs = 500
const longestPauseMs = 15_000

export function createMetricBackend(options: MetricBackendOptions): MetricBackend {
  const { create, logger, nowMs } = options
  const stopping = new AbortController()
  const opened = Promise.withResolvers<MetricWriter>()
  opened.promise.catch(() => undefined)
  let store: MetricStore | undefined
  let writer: MetricWriter | undefined
  let trouble: string | undefined = 'The metric store was not asked yet.'
  let trying: Promise<void> = Promise.resolve()

  async function open(): Promise<void> {
    const made = await create()
    try {
      await made.start()
    } catch (error) {
      await made.stop().catch(() => undefined)
      throw error
    }
    store = made
    trouble = undefined
    writer = createMetricWriter({
      store: made,
      registry: options.metrics,
      nowMs,
      onStoreState({ isAvailable, reason }) {
        trouble = isAvailable
          ? undefined
          : `The metric store ${made.name} does not answer: ${reason ?? 'unknown'}.`
        if (isAvailable) logger.info({ store: made.name }, 'the metric store answers again')
        else logger.error({ store: made.name, reason }, 'the metric store is away; points wait in the log')
      },
    })
    opened.resolve(writer)
    logger.info({ store: made.name }, 'metric store opened')
  }

  async function keepTrying(): Promise<void> {
    for (
      let pauseMs = firstPauseMs;
      !stopping.signal.aborted;
      pauseMs = Math.min(pauseMs * 2, longestPauseMs)
    ) {
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined)
      if (stopping.signal.aborted) return
      try {
        await open()
        return
      } catch (error) {
        trouble = messageOf(error)
      }
    }
  }

  function present(): MetricStore {
    if (store === undefined) throw new MetricStoreUnavailableError(trouble ?? 'The metric store is away.')
    return store
  }

  return {
    async start() {
      try {
        await open()
      } catch (error) {
        if (!(error instanceof ProactiveError) || !error.retryable) throw error
        trouble = messageOf(error)
        logger.error({ err: error }, 'the metric store is away; it is tried again, points wait in the log')
        trying = keepTrying()
      }
    },
    write: async (points) => (await opened.promise).write(points),
    latest: async (locationId) => {
      present()
      return (await opened.promise).latest(locationId)
    },
    series: async (locationId, query) => present().series(locationId, query),
    get storeName() {
      return store?.name
    },
    get trouble() {
      return trouble
    },
    async stop() {
      stopping.abort()
      opened.reject(new MetricStoreUnavailableError('the program is stopping'))
      await trying
      await writer?.stop()
      await store?.stop()
    },
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
