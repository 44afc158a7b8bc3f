import type { EpochMs, RowFamily } from '@proactive/shared'
import type { Series, SeriesQuery } from '@proactive/shared/http'

/**
 * One line of the store: measurement = family, tags `loc`, `dev`, `kind` only, float fields, milliseconds.
 * (family, tags, time) is its identity: writing it again overwrites it.
 */
export interface Point {
  readonly family: RowFamily
  readonly locationId: string
  /** Device id, target id, or appliance id. */
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

/** Port: the time series store. Adapters: SQLite wide rows, InfluxDB 1.x (`influx`), InfluxDB 2.x/3.x (`@influxdata/influxdb-client`). */
export interface MetricStore {
  readonly name: string
  /** Creates database and retention where they lack. @throws MetricStoreUnavailableError when it cannot be reached in time. */
  start(): Promise<void>
  write(points: readonly Point[]): Promise<WriteOutcome>
  series(locationId: string, query: SeriesQuery): Promise<Series>
  stop(): Promise<void>
}
