import { type EpochMs, ProactiveError, type RowFamily } from '@proactive/shared'
import type { Series, SeriesQuery } from '@proactive/shared/http'

/**
 * One line of the store: measurement = family, tags `loc`, `dev`, `kind` only, float fields, milliseconds.
 * (family, tags, time) is its identity: writing it again overwrites it, field by field.
 */
export interface Point {
  readonly family: RowFamily
  readonly locationId: string
  /** Device id, interface id, target id, or appliance id. */
  readonly subjectId: string
  /** Device role, or the target's kind; a tag, so it must be a pure function of stored data. */
  readonly kind: string
  readonly atMs: EpochMs
  /** Field name (see `rowFields`) → value; null fields are left out before. At least one. */
  readonly fields: ReadonlyMap<string, number>
}

/** How a write ended. `permanent` points can never be taken (type conflict, beyond retention): counted, dropped, never retried. */
export type WriteOutcome =
  | { readonly kind: 'ok'; readonly permanent: number }
  | { readonly kind: 'retry'; readonly afterMs: number; readonly reason: string }

/** How long raw points are kept (one partition or shard per day); older ones are refused as permanent. */
export const rawRetentionDays = 14
export const dayMs = 86_400_000

/** The store did not answer in time, refused us, or is not there; the same call may succeed later. */
export class MetricStoreUnavailableError extends ProactiveError {
  readonly code = 'metric-store-unavailable'
  override readonly retryable = true
}

/** Port: the time series store. Adapters: SQLite wide rows, InfluxDB 1.x (`influx`), InfluxDB 2.x/3.x (`@influxdata/influxdb-client`). */
export interface MetricStore {
  readonly name: string
  /** Creates database and retention where they lack. @throws MetricStoreUnavailableError when it cannot be reached in time, UsageError where no waiting helps. */
  start(): Promise<void>
  /** Resolves when every point that can be taken is stored and readable. Never rejects for the store's own trouble: that is `retry`. */
  write(points: readonly Point[]): Promise<WriteOutcome>
  /** Buckets start at multiples of their length; see `bucketsOf`. @throws MetricStoreUnavailableError */
  series(locationId: string, query: SeriesQuery): Promise<Series>
  /** The newest point of each (family, subject) of a Location at or after `sinceMs`, in no order. @throws MetricStoreUnavailableError */
  latest(locationId: string, sinceMs: EpochMs): Promise<readonly Point[]>
  stop(): Promise<void>
}
