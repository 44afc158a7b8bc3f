import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Point } from './metric-store.ts'
import { createPendingPoints, type PendingWrite } from './pending-points.ts'

const point = (locationId: string, atMs: number): Point => ({
  family: 'dns',
  locationId,
  subjectId: 't-1',
  kind: 'dns',
  atMs,
  fields: new Map([['okRatio', 1]]),
})
const call = (open: number): PendingWrite => ({ open, resolve: () => undefined, reject: () => undefined })

describe('points that wait for a request', () => {
  it('go Location by Location, the longest waiting first', () => {
    const waiting = createPendingPoints()
    waiting.add([point('a', 1), point('b', 1), point('c', 1)], call(3))
    waiting.add([point('c', 2), point('b', 2), point('a', 2)], call(3))
    const { points, shares } = waiting.take(5)
    expect(points.map(({ locationId, atMs }) => `${locationId}${atMs}`)).toEqual([
      'a1',
      'a2',
      'b1',
      'b2',
      'c1',
    ])
    expect(shares.map(({ count }) => count)).toEqual([1, 1, 1, 1, 1])
    expect(waiting.take(5).points).toEqual([point('c', 2)])
    expect(waiting.size).toBe(0)
  })

  it('are all taken once, and every call learns of all of its own', () => {
    const calls = fc.array(fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 12 }), {
      maxLength: 10,
    })
    fc.assert(
      fc.property(calls, fc.integer({ min: 1, max: 9 }), (locationsOfCalls, max) => {
        const waiting = createPendingPoints()
        let lastMs = 0
        const added = locationsOfCalls.map((locations) => {
          const points = locations.map((locationId) => point(locationId, ++lastMs))
          const write = call(points.length)
          waiting.add(points, write)
          return { points, write }
        })
        const taken: Point[] = []
        while (waiting.size > 0) {
          const before = waiting.size
          const { points, shares } = waiting.take(max)
          expect(points).toHaveLength(Math.min(max, before))
          expect(shares.reduce((sum, { count }) => sum + count, 0)).toBe(points.length)
          for (const { write, count } of shares) write.open -= count
          taken.push(...points)
        }
        expect(new Set(taken)).toEqual(new Set(added.flatMap(({ points }) => points)))
        expect(taken).toHaveLength(lastMs)
        for (const { write } of added) expect(write.open).toBe(0)
        for (const location of ['a', 'b', 'c']) {
          const times = taken.filter(({ locationId }) => locationId === location).map(({ atMs }) => atMs)
          expect(times).toEqual(times.toSorted((a, b) => a - b))
        }
      }),
    )
  })
})
