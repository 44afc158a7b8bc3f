import { type EpochMs, rowFamilies, rowFields } from '@proactive/shared'
import {
  fluxDateTime,
  fluxDuration,
  fluxString,
  flux,
  HttpError,
  InfluxDB,
  type ParameterizedQuery,
} from '@influxdata/influxdb-client'
import { type BucketValues, bucketsOf, toSeries } from '../buckets.ts'
import { type MetricStore, MetricStoreUnavailableError, type Point } from '../metric-store.ts'
import { createStorableFilter } from '../storable.ts'
import { reasonOf } from './http-answers.ts'
import { pingInflux } from './influx-version.ts'
import { createLineEncoder } from './line-protocol.ts'
import { fieldsOf, newestOfEach } from './newest.ts'
import { writeSplitting } from './split-write.ts'
import { readWriteResponse, type WriteResponse } from './write-response.ts'

export interface Influx2StoreOptions {
  readonly url: string
  readonly token: string
  readonly nowMs: () => EpochMs
  /** Organization and bucket there, `proactive` both; the bucket and its retention are the operator's to make. */
  readonly org?: string
  readonly bucket?: string
  readonly writeTimeoutMs?: number
}

const defaultWriteTimeoutMs = 30_000
const retryAfterMs = 1_000
/** Larger than any batch of ours: the library must not cut one in two behind our back. */
const maxBatchBytes = 64 * 1024 * 1024

/**
 * InfluxDB 2.x and 3.x by `@influxdata/influxdb-client`: line protocol to `/api/v2/write`, Flux for reading.
 * The write path is proven on VictoriaMetrics' same endpoint. Reading is written to the documented Flux and checked against a
 * stub's annotated CSV only: it has not been run on a real InfluxDB 2, and InfluxDB 3 Core answers no Flux at all.
 */
export function createInflux2Store(options: Influx2StoreOptions): MetricStore {
  const org = options.org ?? 'proactive'
  const bucket = options.bucket ?? 'proactive'
  const { origin } = new URL(options.url)
  const client = new InfluxDB({
    url: options.url,
    token: options.token,
    timeout: options.writeTimeoutMs ?? defaultWriteTimeoutMs,
  })
  // One record per batch, sent by hand, never retried in there: batching, bounds and retries are ours.
  const writer = client.getWriteApi(org, bucket, 'ms', {
    batchSize: 2,
    flushInterval: 0,
    maxRetries: 0,
    maxBufferLines: 1,
    maxBatchBytes,
    writeFailed: (error) => Promise.reject(error),
  })
  const reader = client.getQueryApi(org)
  const encoder = createLineEncoder()
  const filter = createStorableFilter()

  const send = async (points: readonly Point[]): Promise<WriteResponse> => {
    try {
      writer.writeRecord(encoder.encode(points).toString())
      await writer.flush()
      return { kind: 'stored', dropped: 0 }
    } catch (error) {
      if (!(error instanceof HttpError))
        return { kind: 'retry', afterMs: retryAfterMs, reason: reasonOf(error) }
      const retryAfter = error.headers?.['retry-after']
      const header = Array.isArray(retryAfter) ? retryAfter[0] : retryAfter
      return readWriteResponse(error.statusCode, error.body ?? '', header)
    }
  }
  const rowsOf = async (query: ParameterizedQuery): Promise<Record<string, unknown>[]> => {
    try {
      return await reader.collectRows<Record<string, unknown>>(query)
    } catch (cause) {
      throw new MetricStoreUnavailableError(
        `InfluxDB at ${origin} did not answer a query: ${reasonOf(cause)}`,
        { cause },
      )
    }
  }

  return {
    name: 'influxdb-2',
    async start() {
      await pingInflux({ url: options.url, token: options.token })
    },
    async write(points) {
      const { storable, refused } = filter.keep(points, options.nowMs())
      if (storable.length === 0) return { kind: 'ok', permanent: refused }
      const outcome = await writeSplitting(storable, send)
      return outcome.kind === 'ok' ? { kind: 'ok', permanent: outcome.permanent + refused } : outcome
    },
    async series(locationId, { family, subject, field, fromMs, toMs, points }) {
      const buckets = bucketsOf({ fromMs, toMs, points })
      if (buckets.count === 0 || !(rowFields[family] as readonly string[]).includes(field))
        return toSeries(buckets, [])
      const rows = await rowsOf(flux`
        from(bucket: ${fluxString(bucket)})
          |> range(start: ${fluxTime(fromMs)}, stop: ${fluxTime(toMs)})
          |> filter(fn: (r) => r._measurement == ${family} and r._field == ${field} and r.loc == ${locationId} and r.dev == ${subject})
          |> group()
          |> window(every: ${fluxDuration(`${buckets.bucketMs}ms`)})
          |> reduce(
            identity: {n: 0.0, total: 0.0, low: 1.0e308, high: -1.0e308},
            fn: (r, accumulator) => ({
              n: accumulator.n + 1.0,
              total: accumulator.total + r._value,
              low: if r._value < accumulator.low then r._value else accumulator.low,
              high: if r._value > accumulator.high then r._value else accumulator.high,
            }),
          )`)
      const filled = rows.map((row): BucketValues => {
        const startMs = Date.parse(String(row._start))
        return {
          // The first window is cut at the range's start; its bucket began earlier.
          startMs: Math.floor(startMs / buckets.bucketMs) * buckets.bucketMs,
          count: Number(row.n),
          sum: Number(row.total),
          min: Number(row.low),
          max: Number(row.high),
        }
      })
      return toSeries(buckets, filled)
    },
    async latest(locationId, sinceMs) {
      const rows = await rowsOf(flux`
        from(bucket: ${fluxString(bucket)})
          |> range(start: ${fluxTime(sinceMs)})
          |> filter(fn: (r) => r.loc == ${locationId})
          |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")
          |> group(columns: ["_measurement", "dev", "kind"])
          |> sort(columns: ["_time"])
          |> tail(n: 1)`)
      return newestOfEach(
        rows.flatMap((row) => {
          const family = rowFamilies.find((each) => each === row._measurement)
          const atMs = Date.parse(String(row._time))
          if (family === undefined || Number.isNaN(atMs)) return []
          const fields = fieldsOf(family, row)
          return [{ family, locationId, subjectId: String(row.dev), kind: String(row.kind), atMs, fields }]
        }),
      )
    },
    async stop() {
      writer.dispose()
    },
  }
}

const fluxTime = (atMs: EpochMs) => fluxDateTime(new Date(Math.floor(atMs)).toISOString())
