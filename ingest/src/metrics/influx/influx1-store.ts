import { type EpochMs, rowFamilies, rowFields } from '@proactive/shared'
import { InfluxDB } from 'influx'
import { Pool } from 'undici'
import { type BucketValues, bucketsOf, toSeries } from '../buckets.ts'
import {
  type MetricStore,
  MetricStoreUnavailableError,
  type Point,
  rawRetentionDays,
} from '../metric-store.ts'
import { createStorableFilter } from '../storable.ts'
import { createLineEncoder } from './line-protocol.ts'
import { fieldsOf, newestOfEach } from './newest.ts'
import { cappedText, reasonOf } from './http-answers.ts'
import { writeSplitting } from './split-write.ts'
import { readWriteResponse, type WriteResponse } from './write-response.ts'

export interface Influx1StoreOptions {
  /** `http://[user:password@]host:8086`. */
  readonly url: string
  readonly nowMs: () => EpochMs
  readonly database?: string
  readonly writeTimeoutMs?: number
}

/** Retention policy of raw points. */
const retentionPolicy = 'raw'
/** Two requests under way were best (measured); a third connection covers one that is being closed. */
const connections = 3
const defaultWriteTimeoutMs = 30_000
const queryTimeoutMs = 10_000
const retryAfterMs = 1_000
const maxErrorBodyBytes = 16_384

/**
 * InfluxDB 1.x: `influx` for database, retention and queries; writes go as line protocol of our own over kept-alive
 * connections, a third of the cost per point of the library's (docs: `npm run bench -- metrics`).
 */
export function createInflux1Store(options: Influx1StoreOptions): MetricStore {
  const database = options.database ?? 'proactive'
  const server = new URL(options.url)
  const username = decodeURIComponent(server.username)
  const password = decodeURIComponent(server.password)
  const client = new InfluxDB({
    host: server.hostname.replace(/^\[|\]$/g, ''),
    port: Number(server.port || (server.protocol === 'https:' ? 443 : 80)),
    protocol: server.protocol === 'https:' ? 'https' : 'http',
    path: server.pathname.replace(/\/$/, ''),
    database,
    ...(username === '' ? {} : { username, password }),
    pool: { maxRetries: 0, requestTimeout: queryTimeoutMs },
  })
  const writePath = `${server.pathname.replace(/\/$/, '')}/write?db=${encodeURIComponent(database)}&rp=${retentionPolicy}&precision=ms`
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    ...(username === ''
      ? {}
      : { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }),
  }
  const encoder = createLineEncoder()
  const filter = createStorableFilter()
  const writeTimeoutMs = options.writeTimeoutMs ?? defaultWriteTimeoutMs
  let pool: Pool | undefined

  const ensureDatabase = async () => {
    await client.createDatabase(database)
    const policies = await client.showRetentionPolicies(database)
    // One that an operator has set otherwise stays as it is.
    if (policies.some(({ name }) => name === retentionPolicy)) return
    await client.createRetentionPolicy(retentionPolicy, {
      database,
      // The server makes shards of one day for it (its rule for 2 days to 6 months).
      duration: `${rawRetentionDays}d`,
      replication: 1,
      isDefault: true,
    })
  }
  const send = async (points: readonly Point[]): Promise<WriteResponse> => {
    pool ??= new Pool(server.origin, { connections, pipelining: 1, headersTimeout: writeTimeoutMs })
    try {
      const response = await pool.request({
        path: writePath,
        method: 'POST',
        headers,
        body: encoder.encode(points),
        signal: AbortSignal.timeout(writeTimeoutMs),
      })
      if (response.statusCode < 300) {
        await response.body.dump()
        return { kind: 'stored', dropped: 0 }
      }
      const body = await cappedText(response.body, maxErrorBodyBytes)
      // Somebody dropped the database, or the server came back empty: 404, or 500 for the policy (1.6.7).
      if (/\b(database|retention policy) not found\b/.test(body)) await ensureDatabase()
      return readWriteResponse(response.statusCode, body, retryAfterHeader(response.headers['retry-after']))
    } catch (error) {
      return { kind: 'retry', afterMs: retryAfterMs, reason: reasonOf(error) }
    }
  }
  const query = async <T>(text: string, placeholders: Record<string, string | number>) => {
    try {
      return await client.query<T>(text, { database, precision: 'ms', placeholders })
    } catch (cause) {
      throw new MetricStoreUnavailableError(
        `InfluxDB at ${server.origin} did not answer a query: ${reasonOf(cause)}`,
        {
          cause,
        },
      )
    }
  }

  return {
    name: 'influxdb-1',
    async start() {
      await ensureDatabase().catch((cause: unknown) => {
        throw new MetricStoreUnavailableError(
          `InfluxDB at ${server.origin} would not create database "${database}" (${reasonOf(cause)}): check the user and password in PROACTIVE_INFLUX_URL.`,
          { cause },
        )
      })
    },
    async write(points) {
      const { storable, refused } = filter.keep(points, options.nowMs())
      const outcome = await writeSplitting(storable, send)
      return outcome.kind === 'ok' ? { kind: 'ok', permanent: outcome.permanent + refused } : outcome
    },
    async series(locationId, { family, subject, field, fromMs, toMs, points }) {
      const buckets = bucketsOf({ fromMs, toMs, points })
      if (buckets.count === 0 || !(rowFields[family] as readonly string[]).includes(field))
        return toSeries(buckets, [])
      const rows = await query<BucketRow>(
        `select count("${field}") as n, sum("${field}") as total, min("${field}") as low, max("${field}") as high
         from "${retentionPolicy}"."${family}" where loc = $loc and dev = $dev
         and time >= ${fromMs}ms and time < ${toMs}ms group by time(${buckets.bucketMs}ms) fill(none)`,
        { loc: locationId, dev: subject },
      )
      const filled = rows.map(
        (row): BucketValues => ({
          startMs: row.time.getTime(),
          count: row.n,
          sum: row.total,
          min: row.low,
          max: row.high,
        }),
      )
      return toSeries(buckets, filled)
    },
    async latest(locationId, sinceMs) {
      const measurements = rowFamilies.map((family) => `"${retentionPolicy}"."${family}"`).join(', ')
      const rows = await query<Record<string, unknown> & { readonly time: Date }>(
        `select * from ${measurements} where loc = $loc and time >= ${Math.floor(sinceMs)}ms
         group by dev, kind order by time desc limit 1`,
        { loc: locationId },
      )
      const newest = rows.groups().flatMap(({ name, tags, rows: [row] }) => {
        const family = rowFamilies.find((each) => each === name)
        if (row === undefined || family === undefined) return []
        const fields = fieldsOf(family, row)
        const { dev = '', kind = '' } = tags
        return [{ family, locationId, subjectId: dev, kind, atMs: row.time.getTime(), fields }]
      })
      return newestOfEach(newest)
    },
    async stop() {
      const current = pool
      pool = undefined
      await current?.destroy()
    },
  }
}

const retryAfterHeader = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value)

interface BucketRow {
  readonly time: Date
  readonly n: number
  readonly total: number
  readonly low: number
  readonly high: number
}
