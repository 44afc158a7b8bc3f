import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import type { MetricStore, Point, WriteOutcome } from './metric-store.ts'
import { backoffMs, createMetricWriter, type MetricWriterOptions } from './metric-writer.ts'

const pointsFrom = (first: number, count: number): Point[] =>
  Array.from({ length: count }, (_, index) => ({
    family: 'dns',
    locationId: 'shop-1',
    subjectId: 't-1',
    kind: 'dns',
    atMs: first + index,
    fields: new Map([['okRatio', 1]]),
  }))

/** A store whose requests the test answers one by one. */
function createHandStore() {
  const requests: { readonly points: readonly Point[]; answer(outcome: WriteOutcome): void }[] = []
  const arrived: (() => void)[] = []
  const store: MetricStore = {
    name: 'by hand',
    start: async () => undefined,
    stop: async () => undefined,
    series: async () => ({ bucketMs: 1, timesMs: [], mean: [], min: [], max: [] }),
    latest: async (locationId, sinceMs) => pointsFrom(sinceMs, 1).map((point) => ({ ...point, locationId })),
    write: (points) =>
      new Promise((answer) => {
        requests.push({ points, answer })
        for (const wake of arrived.splice(0)) wake()
      }),
  }
  return {
    store,
    requests,
    /** The n-th request, once it is there. */
    async request(index: number) {
      while (requests[index] === undefined) await new Promise<void>((resolve) => arrived.push(resolve))
      return requests[index]
    },
  }
}

function setUp(options: Partial<MetricWriterOptions> = {}) {
  const hand = createHandStore()
  const registry = new Registry()
  const states: boolean[] = []
  const writer = createMetricWriter({
    store: hand.store,
    registry,
    nowMs: () => 1_000_000_000,
    onStoreState: ({ isAvailable }) => states.push(isAvailable),
    random: () => 0,
    ...options,
  })
  const value = async (name: string) =>
    (await registry.getSingleMetric(name)?.get())?.values.map((each) => each.value)
  return { ...hand, writer, states, value }
}

const ok: WriteOutcome = { kind: 'ok', permanent: 0 }

describe('the metric writer', () => {
  it('resolves a write only when all its points are stored', async () => {
    const { writer, request } = setUp({ maxBatch: 10, maxInFlight: 1 })
    let isDone = false
    const write = writer.write(pointsFrom(0, 25)).then(() => {
      isDone = true
    })
    for (const [index, size] of [10, 10, 5].entries()) {
      const { points, answer } = await request(index)
      expect(points).toHaveLength(size)
      expect(isDone).toBe(false)
      answer(ok)
    }
    await write
  })

  it('has two requests under way, and what comes meanwhile makes the next one larger', async () => {
    const { writer, requests, request } = setUp({ maxBatch: 100 })
    const writes = Array.from({ length: 12 }, (_, index) => writer.write(pointsFrom(index * 10, 10)))
    expect(requests).toHaveLength(2)
    ;(await request(0)).answer(ok)
    const { points } = await request(2)
    expect(points.map(({ atMs }) => atMs)).toEqual(Array.from({ length: 100 }, (_, index) => 20 + index))
    ;(await request(1)).answer(ok)
    ;(await request(2)).answer(ok)
    await Promise.all(writes)
    expect(requests).toHaveLength(3)
  })

  it('repeats the same points until the store takes them, and tells when it goes and comes', async () => {
    const { writer, request, states, value } = setUp()
    const write = writer.write(pointsFrom(0, 3))
    for (let attempt = 0; attempt < 2; attempt++)
      (await request(attempt)).answer({ kind: 'retry', afterMs: 1, reason: 'ECONNREFUSED' })
    const { points, answer } = await request(2)
    expect(points.map(({ atMs }) => atMs)).toEqual([0, 1, 2])
    answer({ kind: 'ok', permanent: 1 })
    await write
    expect(states).toEqual([false, true])
    expect(await value('proactive_metric_points_total')).toEqual([2, 1])
    expect(await value('proactive_metric_write_retries_total')).toEqual([2])
  })

  it('treats a store that throws as one that is away', async () => {
    const { store, writer, request } = setUp()
    const write = store.write
    let isBroken = true
    Object.assign(store, {
      write: (points: readonly Point[]) => {
        if (!isBroken) return write(points)
        isBroken = false
        throw new Error('not supposed to happen')
      },
    })
    const done = writer.write(pointsFrom(0, 1))
    ;(await request(0)).answer(ok)
    await done
  })

  it('makes its caller wait while too much waits already', async () => {
    const { writer, requests, request } = setUp({ maxBatch: 10, maxInFlight: 1, maxPending: 20 })
    const first = writer.write(pointsFrom(0, 20))
    let isTaken = false
    const second = writer.write(pointsFrom(100, 5)).then(() => {
      isTaken = true
    })
    ;(await request(0)).answer(ok)
    const next = await request(1)
    expect(next.points[0]?.atMs).toBe(10)
    next.answer(ok)
    await first
    ;(await request(2)).answer(ok)
    await second
    expect(isTaken).toBe(true)
    expect(requests[2]?.points[0]?.atMs).toBe(100)
  })

  it('lets no point go silently when it is stopped', async () => {
    const { writer, request } = setUp({ maxBatch: 10, maxInFlight: 1, maxPending: 15 })
    const underWay = writer.write(pointsFrom(0, 10))
    const retried = writer.write(pointsFrom(10, 10))
    const waiting = writer.write(pointsFrom(20, 10))
    const outcomes = Promise.allSettled([underWay, retried, waiting])
    ;(await request(0)).answer(ok)
    ;(await request(1)).answer({ kind: 'retry', afterMs: 60_000, reason: 'HTTP 503' })
    await underWay
    await Promise.all([writer.stop(), writer.stop()])
    expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
    await expect(writer.write(pointsFrom(0, 1))).rejects.toMatchObject({ code: 'metric-writer-stopped' })
  })

  it('asks the store for the newest points of a day', async () => {
    const { writer } = setUp()
    expect(await writer.latest('shop-7')).toMatchObject([
      { locationId: 'shop-7', atMs: 1_000_000_000 - 86_400_000 },
    ])
  })

  it('backs off to ten seconds, never sooner than the store asked for', () => {
    expect([0, 1, 2, 20].map((attempt) => backoffMs(attempt, 0, 0))).toEqual([250, 500, 1_000, 10_000])
    expect(backoffMs(0, 7_000, 0)).toBe(7_000)
    expect(backoffMs(0, 3_600_000, 1)).toBe(75_000)
  })
})
