import { telemetrySchema } from '@proactive/shared'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSamples, type Sample, summarize } from './window.ts'

const rtt = fc.option(fc.double({ min: 0, max: 5_000, noNaN: true }), { nil: null })
const alias = fc.integer({ min: 1, max: 40 })
const counter = fc.option(fc.double({ min: 0, max: 2 ** 64, noNaN: true }), { nil: null })
const sample: fc.Arbitrary<Sample> = fc.oneof(
  fc.tuple(fc.constantFrom('e' as const, 'w' as const, 'd' as const), alias, rtt),
  fc.tuple(fc.constantFrom('p' as const, 't' as const), alias, fc.constantFrom(0 as const, 1 as const)),
  fc.tuple(fc.constant('y' as const), alias, fc.integer({ min: 0, max: 3 }), rtt, rtt, rtt, rtt),
  // 64-bit counters as devices tell them.
  fc.tuple(fc.constant('s' as const), alias, counter, counter, counter, counter, counter, counter),
)

describe('summarize', () => {
  it('tells presence, percentiles, loss and jitter of a device', () => {
    const rows = summarize([
      ['e', 7, 1],
      ['e', 7, 3],
      ['e', 7, null],
      ['e', 7, 2],
      ['p', 7, 1],
      ['t', 7, 0],
    ])
    expect(rows.device).toEqual([[7, 0.8, 2, 3, 3, 0.25, 2, 5, 0]])
  })

  it('tells only silence of a device that never answered', () => {
    expect(summarize([['e', 3, null]]).device).toEqual([[3, 0, null, null, null, 1, null, 1, null]])
  })

  it('takes the last walk over a payment path and the share of good ones', () => {
    const rows = summarize([
      ['y', 9, 0, 1.234, 2, 3, 80],
      ['y', 9, 2, 1, null, null, null],
    ])
    expect(rows.paypath).toEqual([[9, 0.5, 2, 1, null, null, null]])
  })

  it('leaves out a counter that the contract has no room for, and keeps the rest of the row', () => {
    const rows = summarize([['i', 5, 1, 1_000, 1, 2 ** 64, 8, 0, 0]])
    expect(rows.interface).toEqual([[5, 1, 1_000, 1, null, 8, 0, 0]])
  })

  it('makes rows that the contract takes, whatever was measured', () => {
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 200 }), (samples) => {
        const batch = { v: 1, bootEpoch: 1, lane: 'live', seq: 1, atMs: 1, clock: 'synced', windowMs: 30_000 }
        expect(telemetrySchema.safeParse({ ...batch, rows: summarize(samples) }).success).toBe(true)
      }),
    )
  })

  it('counts every probe of a device once, in any split into parts', () => {
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 100 }), fc.nat(100), (samples, cut) => {
        const text = [samples.slice(0, cut), samples.slice(cut)].map((part) => JSON.stringify(part))
        expect(summarize(text.flatMap(parseSamples))).toEqual(summarize(samples))
      }),
    )
  })
})

describe('parseSamples', () => {
  it('leaves out what is no sample and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        for (const one of parseSamples(text)) expect(typeof one[1]).toBe('number')
      }),
    )
    expect(parseSamples('[["e",1,2],["e","x",2],["q",1,2],["e",1]]')).toEqual([['e', 1, 2]])
  })
})
