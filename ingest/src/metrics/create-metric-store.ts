import { type EpochMs, UsageError } from '@proactive/shared'
import { createInflux1Store } from './influx/influx1-store.ts'
import { createInflux2Store } from './influx/influx2-store.ts'
import { detectInflux } from './influx/influx-version.ts'
import type { MetricStore } from './metric-store.ts'
import { createSqliteStore } from './sqlite/sqlite-store.ts'

export interface MetricStoreOptions {
  /** InfluxDB's address; without it the embedded store is used. */
  readonly influxUrl?: string | undefined
  /** For InfluxDB 2.x and 3.x. */
  readonly token?: string | undefined
  /** Organization, bucket (2.x, 3.x) or database (1.x); `proactive` by default. */
  readonly org?: string | undefined
  readonly bucket?: string | undefined
  /** Where the embedded store keeps its file. */
  readonly dataDir: string
  readonly nowMs: () => EpochMs
}

/**
 * The metric store of this deployment, not yet started: InfluxDB by what `/ping` says it is, else the embedded one.
 * @throws MetricStoreUnavailableError, UsageError with one sentence and its remedy.
 */
export async function createMetricStore(options: MetricStoreOptions): Promise<MetricStore> {
  const { influxUrl, token, org, bucket, dataDir, nowMs } = options
  if (influxUrl === undefined || influxUrl === '') return createSqliteStore({ dataDir, nowMs })
  const url = parseUrl(influxUrl)
  const version = await detectInflux({ url, token })
  if (version.major === 1)
    return createInflux1Store({ url, nowMs, ...(bucket === undefined ? {} : { database: bucket }) })
  if (token === undefined || token === '')
    throw new UsageError(
      `InfluxDB ${version.text} at ${new URL(url).origin} wants a token: set PROACTIVE_INFLUX_TOKEN to one that may read and write the bucket.`,
    )
  return createInflux2Store({
    url,
    token,
    nowMs,
    ...(org === undefined ? {} : { org }),
    ...(bucket === undefined ? {} : { bucket }),
  })
}

function parseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new UsageError(
      'PROACTIVE_INFLUX_URL is not an address: write it like http://127.0.0.1:8086 (with user:password@ where InfluxDB 1.x wants them).',
    )
  return text
}
