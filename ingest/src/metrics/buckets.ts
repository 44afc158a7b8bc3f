import type { EpochMs } from '@proactive/shared'
import type { Series, SeriesQuery } from '@proactive/shared/http'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
/** Lengths people read off an axis; each divides the next day, so buckets of one length always start at the same moments. */
const lengths = [
  1,
  2,
  5,
  10,
  20,
  50,
  100,
  200,
  500,
  ...[1, 2, 5, 10, 15, 30].map((n) => n * second),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * minute),
  ...[1, 2, 3, 6, 12].map((n) => n * hour),
]

/** The buckets of a query: `count` of them, each `bucketMs` long, the first starting at `firstMs`. */
export interface Buckets {
  readonly bucketMs: number
  readonly firstMs: EpochMs
  readonly count: number
}

/**
 * At most `points` buckets over `fromMs ≤ t < toMs`, starting at multiples of their length since 1970, so that two queries
 * over shifted windows (a live chart) share their buckets. An empty window has none.
 */
export function bucketsOf({
  fromMs,
  toMs,
  points,
}: Pick<SeriesQuery, 'fromMs' | 'toMs' | 'points'>): Buckets {
  if (toMs <= fromMs) return { bucketMs: minute, firstMs: fromMs, count: 0 }
  const countWith = (bucketMs: number) =>
    Math.floor((toMs - 1) / bucketMs) - Math.floor(fromMs / bucketMs) + 1
  let bucketMs = lengths.find((length) => countWith(length) <= points)
  for (let days = 1; bucketMs === undefined; days *= 2) {
    if (countWith(days * day) <= points) bucketMs = days * day
  }
  return { bucketMs, firstMs: Math.floor(fromMs / bucketMs) * bucketMs, count: countWith(bucketMs) }
}

/** What fell into one bucket. */
export interface BucketValues {
  readonly startMs: EpochMs
  readonly count: number
  readonly sum: number
  readonly min: number
  readonly max: number
}

/** Buckets with their values as parallel arrays; those without a sample are null. Several entries of one bucket are joined. */
export function toSeries(buckets: Buckets, filled: Iterable<BucketValues>): Series {
  const valuesByIndex = new Map<number, BucketValues>()
  for (const values of filled) {
    const index = Math.round((values.startMs - buckets.firstMs) / buckets.bucketMs)
    if (values.count === 0 || index < 0 || index >= buckets.count) continue
    const before = valuesByIndex.get(index)
    valuesByIndex.set(index, before === undefined ? values : join(before, values))
  }
  const all = Array.from({ length: buckets.count }, (_, index) => valuesByIndex.get(index))
  return {
    bucketMs: buckets.bucketMs,
    timesMs: all.map((_, index) => buckets.firstMs + index * buckets.bucketMs),
    mean: all.map((values) => (values === undefined ? null : values.sum / values.count)),
    min: all.map((values) => values?.min ?? null),
    max: all.map((values) => values?.max ?? null),
  }
}

function join(a: BucketValues, b: BucketValues): BucketValues {
  return {
    startMs: a.startMs,
    count: a.count + b.count,
    sum: a.sum + b.sum,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
  }
}
