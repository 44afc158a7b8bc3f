import { rowFields, type Telemetry, telemetrySchema } from '@proactive/shared'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { futureToleranceMs, subjectsOf, toPoints } from './points.ts'

const atMs = 1_760_000_000_000
const subjects = subjectsOf(
  {
    devices: [
      {
        alias: 1,
        id: 'd-router',
        role: 'router',
        confidence: 1,
        ips: [],
        macs: [],
        isSleeper: false,
        isGateway: true,
        firstSeenMs: 0,
        evidence: [],
      },
    ],
    targets: [{ alias: 2, id: 't-wan', kind: 'wan', name: 'first hop' }],
    retired: [{ alias: 8, id: 'd-gone', role: 'pos-terminal' }],
  },
  'box-1',
)
const from = { locationId: 'shop-1', subjects, receivedAtMs: atMs + 200 }

function batch(rows: Telemetry['rows'], change: Partial<Telemetry> = {}): Telemetry {
  return telemetrySchema.parse({
    v: 1,
    bootEpoch: 7,
    lane: 'live',
    seq: 1,
    atMs,
    clock: 'synced',
    windowMs: 30_000,
    rows,
    ...change,
  })
}

describe('telemetry as points', () => {
  it('gives rows of a device that was forgotten meanwhile to that device', () => {
    const { points } = toPoints(batch({ device: [[8, 1, 0.4, null, null, 0, null, 3, null]] }), from)
    expect(points.map(({ subjectId, kind }) => [subjectId, kind])).toEqual([['d-gone', 'pos-terminal']])
  })

  it('gives each row the subject that its alias stands for, with the values that were measured', () => {
    const { points, skipped } = toPoints(
      batch({
        device: [[1, 1, 0.42, null, 1.9, 0, null, 15, null]],
        wan: [[2, 1, 9.1, 12, 30, 0, 1.2]],
        appliance: [[0, 0.02, 0.4, 60e6, 0.1, 51, 0.3, 0, 0, 0, 0]],
      }),
      from,
    )
    expect(points.map(({ family, subjectId, kind }) => [family, subjectId, kind])).toEqual([
      ['device', 'd-router', 'router'],
      ['wan', 't-wan', 'wan'],
      ['appliance', 'box-1', 'appliance'],
    ])
    expect(points[0]).toMatchObject({ locationId: 'shop-1', atMs })
    expect(Object.fromEntries(points[0]?.fields ?? [])).toEqual({
      presenceRatio: 1,
      rttP50Ms: 0.42,
      rttMaxMs: 1.9,
      lossRatio: 0,
      probeCount: 15,
    })
    expect(skipped).toEqual({ unsynced: 0, future: 0, unknownAlias: 0, empty: 0 })
  })

  it('stores nothing of a batch whose clock nobody vouched for, and counts its rows', () => {
    const rows = { dns: [[2, 1, 5, 9]], wan: [[2, 1, 9, 12, 30, 0, 1]] }
    const { points, skipped } = toPoints(batch(rows, { clock: 'unsynced', atMs: 40_000 }), from)
    expect(points).toEqual([])
    expect(skipped.unsynced).toBe(2)
  })

  it('refuses stamps from the future, but takes clocks that differ a little', () => {
    const rows = { dns: [[2, 1, 5, 9]] }
    const limit = from.receivedAtMs + futureToleranceMs
    expect(toPoints(batch(rows, { atMs: limit + 1 }), from)).toMatchObject({
      points: [],
      skipped: { future: 1 },
    })
    expect(toPoints(batch(rows, { atMs: limit }), from).points).toHaveLength(1)
  })

  it('counts rows of an alias that no birth named, and rows without a value', () => {
    const { points, skipped } = toPoints(
      batch({
        dns: [
          [9, 1, 5, 9],
          [2, null, null, null],
        ],
      }),
      from,
    )
    expect(points).toEqual([])
    expect(skipped).toMatchObject({ unknownAlias: 1, empty: 1 })
  })

  it('makes of every valid row exactly one point or one count', () => {
    const cell = fc.option(fc.double({ min: -1e15, max: 1e15, noNaN: true }), { nil: null })
    const row = fc
      .tuple(fc.integer({ min: 0, max: 4 }), fc.array(cell, { minLength: 3, maxLength: 3 }))
      .map(([alias, values]) => [alias, ...values])
    fc.assert(
      fc.property(fc.array(row, { maxLength: 20 }), (rows) => {
        const { points, skipped } = toPoints(batch({ dns: rows }), from)
        expect(points.length + skipped.unknownAlias + skipped.empty).toBe(rows.length)
        for (const { fields } of points) {
          expect(fields.size).toBeGreaterThan(0)
          for (const name of fields.keys()) expect(rowFields.dns).toContain(name)
        }
      }),
    )
  })
})
