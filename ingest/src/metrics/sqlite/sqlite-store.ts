import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type EpochMs, rowFields, UsageError } from '@proactive/shared'
import { bucketsOf, toSeries } from '../buckets.ts'
import { dayMs, type MetricStore, MetricStoreUnavailableError, type Point } from '../metric-store.ts'
import { createStorableFilter, retainedFromMs } from '../storable.ts'
import type { LatestRow } from './day-tables.ts'
import type { ResultOf, Work, WorkOf } from './protocol.ts'
import { packPoints } from './wide-rows.ts'
import { startWorkerClient, type WorkerClient } from './worker-client.ts'

export interface SqliteStoreOptions {
  /** Folder of the file `metrics.sqlite`; made where it lacks. */
  readonly dataDir: string
  readonly nowMs: () => EpochMs
}

const openTimeoutMs = 30_000
const writeTimeoutMs = 30_000
const readTimeoutMs = 10_000
const retryAfterMs = 1_000

/** The embedded metric store: SQLite with one wide row per subject and tick, in a worker thread of its own. */
export function createSqliteStore({ dataDir, nowMs }: SqliteStoreOptions): MetricStore {
  const file = join(dataDir, 'metrics.sqlite')
  const filter = createStorableFilter()
  let client: Promise<WorkerClient> | undefined
  let droppedBeforeDay = 0
  let isStopped = false

  const open = async (): Promise<WorkerClient> => {
    await mkdir(dataDir, { recursive: true })
    return startWorkerClient({ file }, openTimeoutMs)
  }
  /** The thread; a new one where the last one died or could not open its file. */
  const running = async (): Promise<WorkerClient> => {
    if (isStopped) throw new Error('it was stopped')
    const current = client
    if (
      current !== undefined &&
      (await current.then(
        (each) => each.isAlive,
        () => false,
      ))
    )
      return current
    if (client === current) client = open()
    return client ?? open()
  }
  const ask = async <Op extends Work['op']>(
    work: WorkOf<Op>,
    timeoutMs: number,
    transfer: ArrayBuffer[] = [],
  ): Promise<ResultOf[Op]> => {
    try {
      return await (await running()).call(work, { timeoutMs, transfer })
    } catch (cause) {
      if (isDamaged.test(reasonOf(cause)))
        throw new UsageError(
          `The metric store ${file} is damaged or no database (${reasonOf(cause)}): move it away and start again, then a new one is made.`,
          { cause },
        )
      throw new MetricStoreUnavailableError(`the metric store ${file} failed: ${reasonOf(cause)}`, { cause })
    }
  }
  const dropExpired = async () => {
    const day = Math.floor(retainedFromMs(nowMs()) / dayMs)
    if (day === droppedBeforeDay) return
    await ask<'drop-before'>({ op: 'drop-before', day }, writeTimeoutMs)
    droppedBeforeDay = day
  }

  return {
    name: 'sqlite',
    async start() {
      isStopped = false
      droppedBeforeDay = 0
      await dropExpired()
    },
    async write(points) {
      const { storable, refused } = filter.keep(points, nowMs())
      try {
        await dropExpired()
        const rows = packPoints(storable)
        if (rows.length > 0)
          await ask<'write'>(
            { op: 'write', rows },
            writeTimeoutMs,
            rows.map(({ numbers }) => numbers.buffer),
          )
        return { kind: 'ok', permanent: refused }
      } catch (error) {
        return { kind: 'retry', afterMs: retryAfterMs, reason: reasonOf(error) }
      }
    },
    async series(locationId, query) {
      const buckets = bucketsOf(query)
      if (buckets.count === 0) return toSeries(buckets, [])
      const filled = await ask<'buckets'>({ op: 'buckets', locationId, query, buckets }, readTimeoutMs)
      return toSeries(buckets, filled)
    },
    async latest(locationId, sinceMs) {
      const rows = await ask<'latest'>({ op: 'latest', locationId, sinceMs }, readTimeoutMs)
      return rows.map((row) => pointOf(locationId, row))
    },
    async stop() {
      isStopped = true
      const current = await client?.catch(() => undefined)
      client = undefined
      if (current === undefined) return
      await current.call<'close'>({ op: 'close' }, { timeoutMs: writeTimeoutMs }).catch(() => undefined)
      await current.terminate()
    },
  }
}

/** What SQLite says of a file that no waiting mends (SQLITE_NOTADB, SQLITE_CORRUPT). */
const isDamaged = /not a database|malformed/

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function pointOf(locationId: string, { family, subjectId, kind, atMs, values }: LatestRow): Point {
  const fields = new Map<string, number>()
  for (const [index, name] of rowFields[family].entries()) {
    const value = values[index]
    if (value !== null && value !== undefined) fields.set(name, value)
  }
  return { family, locationId, subjectId, kind, atMs, fields }
}
