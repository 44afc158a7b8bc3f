import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bucketsOf, toSeries } from './buckets.ts'

const hour = 3_600_000

describe('buckets of a chart', () => {
  it('are of a length that people read off an axis', () => {
    const toMs = 1_760_000_000_000
    expect(bucketsOf({ fromMs: toMs - 24 * hour, toMs, points: 300 }).bucketMs).toBe(300_000)
    expect(bucketsOf({ fromMs: toMs - hour, toMs, points: 300 }).bucketMs).toBe(15_000)
    expect(bucketsOf({ fromMs: toMs - 14 * 24 * hour, toMs, points: 300 }).bucketMs).toBe(2 * hour)
  })

  it('cover the window, start at multiples of their length, and are never more than asked for', () => {
    const time = fc.integer({ min: 0, max: 4_102_444_800_000 })
    fc.assert(
      fc.property(time, time, fc.integer({ min: 10, max: 2_000 }), (a, b, points) => {
        const [fromMs, toMs] = a < b ? [a, b] : [b, a]
        const { bucketMs, firstMs, count } = bucketsOf({ fromMs, toMs, points })
        expect(count).toBeLessThanOrEqual(points)
        if (toMs === fromMs) {
          expect(count).toBe(0)
          return
        }
        expect(firstMs % bucketMs).toBe(0)
        expect(firstMs).toBeLessThanOrEqual(fromMs)
        expect(firstMs + bucketMs).toBeGreaterThan(fromMs)
        expect(firstMs + count * bucketMs).toBeGreaterThanOrEqual(toMs)
        expect(firstMs + (count - 1) * bucketMs).toBeLessThan(toMs)
      }),
    )
  })

  it('are null where nothing was measured, and join what two days say about one bucket', () => {
    const series = toSeries({ bucketMs: 1_000, firstMs: 5_000, count: 3 }, [
      { startMs: 7_000, count: 2, sum: 6, min: 2, max: 4 },
      { startMs: 5_000, count: 1, sum: 1, min: 1, max: 1 },
      { startMs: 7_000, count: 1, sum: 9, min: 9, max: 9 },
      { startMs: 8_000, count: 1, sum: 1, min: 1, max: 1 },
    ])
    expect(series).toEqual({
      bucketMs: 1_000,
      timesMs: [5_000, 6_000, 7_000],
      mean: [1, null, 5],
      min: [1, null, 2],
      max: [1, null, 9],
    })
  })
})
