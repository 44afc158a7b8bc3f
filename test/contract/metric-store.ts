import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RowFamily } from '@proactive/shared'
import type { MetricStore, Point } from '../../ingest/src/metrics/metric-store.ts'

/** A running store, and a way to look into it past the adapter. */
export interface StoreHarness {
  /** Started. */
  readonly store: MetricStore
  /** What it holds of one subject, by time, read past the adapter: nulls left out. */
  rowsOf(family: RowFamily, locationId: string, subjectId: string): Promise<StoredRow[]>
  /** Makes it unable to take writes, as an outage would. */
  interrupt(): Promise<void>
  restore(): Promise<void>
  dispose(): Promise<void>
}

export interface StoredRow {
  readonly atMs: number
  readonly fields: Readonly<Record<string, number>>
}

export interface StoreCase {
  readonly open: () => Promise<StoreHarness>
  /** Whether the server at hand answers the adapter's queries; else only writing is proven. */
  readonly canQuery: boolean
}

const minute = 60_000
const day = 1_440 * minute

/** What every metric store promises; run by all adapters on the real things. */
export function metricStoreContract(name: string, { open, canQuery }: StoreCase): void {
  describe(`${name} as metric store`, () => {
    let harness: StoreHarness
    /** A full minute an hour ago: nothing here straddles midnight's edge by accident of rounding. */
    const base = Math.floor((Date.now() - 60 * minute) / minute) * minute
    let lastLocation = 0
    const freshLocation = () => `shop-${++lastLocation}`

    beforeAll(async () => {
      harness = await open()
    })
    afterAll(() => harness?.dispose())

    const stored = (permanent = 0) => ({ kind: 'ok', permanent })

    it('stores every family with its fields, readable once written', async () => {
      const locationId = freshLocation()
      const points = [
        point(locationId, { family: 'device', fields: { presenceRatio: 1, rttP50Ms: 0.43, probeCount: 15 } }),
        point(locationId, { family: 'wan', kind: 'wan', fields: { okRatio: 0.98, jitterMs: 1.25 } }),
        point(locationId, { family: 'dns', kind: 'dns', fields: { lookupP50Ms: 7 } }),
        point(locationId, { family: 'paypath', kind: 'paypath', fields: { stage: 2, tlsMs: 31.5 } }),
        point(locationId, { family: 'snmp', kind: 'router', fields: { rxBytes: 912_345_678_901_234 } }),
        point(locationId, { family: 'appliance', kind: 'appliance', fields: { cpuRatio: 0.012 } }),
      ]
      expect(await harness.store.write(points)).toEqual(stored())
      for (const { family, fields } of points)
        expect(await harness.rowsOf(family, locationId, 'd-1')).toEqual([
          { atMs: base, fields: Object.fromEntries(fields) },
        ])
    })

    it('holds a point once, however often it is sent', async () => {
      const locationId = freshLocation()
      const points = Array.from({ length: 50 }, (_, index) =>
        point(locationId, { atMs: base + index * 30_000 - 25 * minute, fields: { rttP50Ms: index } }),
      )
      for (let times = 0; times < 3; times++) expect(await harness.store.write(points)).toEqual(stored())
      expect(await harness.rowsOf('device', locationId, 'd-1')).toHaveLength(50)
    })

    it('lets a later write of a point win, field by field, and keeps the fields it does not bring', async () => {
      const locationId = freshLocation()
      await harness.store.write([point(locationId, { fields: { rttP50Ms: 5, lossRatio: 0.5 } })])
      await harness.store.write([point(locationId, { fields: { rttP50Ms: 6, jitterMs: 1 } })])
      expect(await harness.rowsOf('device', locationId, 'd-1')).toEqual([
        { atMs: base, fields: { rttP50Ms: 6, lossRatio: 0.5, jitterMs: 1 } },
      ])
    })

    it('keeps the good points of a batch and counts those that nobody can ever store', async () => {
      const locationId = freshLocation()
      const outcome = await harness.store.write([
        point(locationId, { subjectId: 'd-1' }),
        point(locationId, { subjectId: 'd-2', fields: { rttP50Ms: Number.NaN } }),
        point(locationId, { subjectId: 'line\nbreak' }),
        point(locationId, { subjectId: 'back\\' }),
        point(locationId, { subjectId: 'd-3', atMs: Date.now() - 20 * day }),
        point(locationId, { subjectId: 'd-4', fields: {} }),
        point(locationId, { subjectId: 'd-5' }),
      ])
      expect(outcome).toEqual(stored(5))
      expect(await harness.rowsOf('device', locationId, 'd-1')).toHaveLength(1)
      expect(await harness.rowsOf('device', locationId, 'd-5')).toHaveLength(1)
      expect(await harness.rowsOf('device', locationId, 'd-3')).toEqual([])
    })

    it('takes late points while they are within retention', async () => {
      const locationId = freshLocation()
      const points = [13, 6, 1].map((days) => point(locationId, { atMs: base - days * day }))
      expect(await harness.store.write(points)).toEqual(stored())
      expect((await harness.rowsOf('device', locationId, 'd-1')).map(({ atMs }) => atMs)).toEqual(
        points.map(({ atMs }) => atMs),
      )
    })

    it.each(['comma,x=1', 'a=b', 'two words', 'quote\'"', 'ümläut-端末', '$(x);drop', ','])(
      'keeps the subject %j apart from all others',
      async (subjectId) => {
        const locationId = freshLocation()
        const points = [
          point(locationId, { subjectId, fields: { rttP50Ms: 1 } }),
          point(locationId, { subjectId: 'other', fields: { rttP50Ms: 2 } }),
        ]
        expect(await harness.store.write(points)).toEqual(stored())
        expect(await harness.rowsOf('device', locationId, subjectId)).toEqual([
          { atMs: base, fields: { rttP50Ms: 1 } },
        ])
        expect(await harness.rowsOf('device', locationId, 'other')).toHaveLength(1)
      },
    )

    it('says "retry" while it is away, and takes the same points when it is back', async () => {
      const locationId = freshLocation()
      const points = [point(locationId, {})]
      await harness.interrupt()
      const away = await harness.store.write(points)
      await harness.restore()
      expect(away).toMatchObject({ kind: 'retry' })
      await expect.poll(() => harness.store.write(points), { timeout: 20_000 }).toEqual(stored())
      expect(await harness.rowsOf('device', locationId, 'd-1')).toHaveLength(1)
    })

    it.runIf(canQuery)('charts a field in buckets of mean, least and most, with null for gaps', async () => {
      const locationId = freshLocation()
      const values = [10, 20, 60, 7, 8]
      const offsets = [0, 10_000, 50_000, 180_000, 239_999]
      await harness.store.write([
        ...values.map((value, index) =>
          point(locationId, { atMs: base + (offsets[index] ?? 0), fields: { rttP50Ms: value } }),
        ),
        point(locationId, { atMs: base + 60_000, fields: { lossRatio: 1 } }),
        point(locationId, { subjectId: 'other', fields: { rttP50Ms: 999 } }),
        point(freshLocation(), { fields: { rttP50Ms: 999 } }),
        point(locationId, { atMs: base + 10 * minute, fields: { rttP50Ms: 999 } }),
      ])
      const query = { family: 'device', subject: 'd-1', field: 'rttP50Ms', points: 10 } as const
      expect(
        await harness.store.series(locationId, { ...query, fromMs: base, toMs: base + 10 * minute }),
      ).toEqual({
        bucketMs: minute,
        timesMs: Array.from({ length: 10 }, (_, index) => base + index * minute),
        mean: [30, null, null, 7.5, ...new Array(6).fill(null)],
        min: [10, null, null, 7, ...new Array(6).fill(null)],
        max: [60, null, null, 8, ...new Array(6).fill(null)],
      })
      const unknown = { ...query, fromMs: base, toMs: base + minute }
      for (const nothing of [
        { ...unknown, subject: 'nobody' },
        { ...unknown, field: 'x" from y; --' },
      ])
        expect((await harness.store.series(locationId, nothing)).mean.every((each) => each === null)).toBe(
          true,
        )
    })

    it.runIf(canQuery)('charts across midnights', async () => {
      const locationId = freshLocation()
      const samples = Array.from({ length: 96 }, (_, index) => ({
        atMs: base - index * 30 * minute,
        rttP50Ms: 1 + (index % 2),
      }))
      await harness.store.write(
        samples.map(({ atMs, rttP50Ms }) => point(locationId, { atMs, fields: { rttP50Ms } })),
      )
      const series = await harness.store.series(locationId, {
        family: 'device',
        subject: 'd-1',
        field: 'rttP50Ms',
        fromMs: base - 3 * day,
        toMs: base + minute,
        points: 20,
      })
      expect(series.bucketMs).toBe(6 * 60 * minute)
      const meanOf = (startMs: number) => {
        const values = samples
          .filter(({ atMs }) => atMs >= startMs && atMs < startMs + series.bucketMs)
          .map(({ rttP50Ms }) => rttP50Ms)
        return values.length === 0
          ? null
          : expect.closeTo(values.reduce((sum, each) => sum + each, 0) / values.length, 9)
      }
      expect(series.mean).toEqual(series.timesMs.map(meanOf))
      expect(series.mean.filter((each) => each !== null).length).toBeGreaterThanOrEqual(8)
    })

    it.runIf(canQuery)('tells the newest point of each subject of a Location', async () => {
      const locationId = freshLocation()
      await harness.store.write([
        point(locationId, { atMs: base - minute, fields: { rttP50Ms: 1 } }),
        point(locationId, { atMs: base, kind: 'switch', fields: { rttP50Ms: 2, lossRatio: 0 } }),
        point(locationId, { subjectId: 'd-2', atMs: base - 2 * minute, fields: { rttP50Ms: 3 } }),
        point(locationId, { subjectId: 'old', atMs: base - 3 * 60 * minute }),
        point(locationId, { family: 'wan', kind: 'wan', subjectId: 't-1', fields: { okRatio: 0.5 } }),
        point(freshLocation(), { atMs: base, fields: { rttP50Ms: 999 } }),
      ])
      const latest = await harness.store.latest(locationId, base - 60 * minute)
      const told = latest.map(({ family, subjectId, kind, atMs, fields }) => [
        family,
        subjectId,
        kind,
        atMs,
        Object.fromEntries(fields),
      ])
      expect(told.sort((a, b) => String(a[1]).localeCompare(String(b[1])))).toEqual([
        ['device', 'd-1', 'switch', base, { rttP50Ms: 2, lossRatio: 0 }],
        ['device', 'd-2', 'pos-terminal', base - 2 * minute, { rttP50Ms: 3 }],
        ['wan', 't-1', 'wan', base, { okRatio: 0.5 }],
      ])
    })

    /** A device's point at `base`, changed as the case needs it. */
    function point(
      locationId: string,
      change: Partial<Omit<Point, 'fields'>> & { readonly fields?: Readonly<Record<string, number>> },
    ): Point {
      const { fields = { rttP50Ms: 1 }, ...rest } = change
      return {
        family: 'device',
        locationId,
        subjectId: 'd-1',
        kind: 'pos-terminal',
        atMs: base,
        ...rest,
        fields: new Map(Object.entries(fields)),
      }
    }
  })
}
