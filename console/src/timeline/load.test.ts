import { describe, expect, it } from 'vitest'
import { toRate } from './load.ts'

describe('throughput from counters', () => {
  it('is the growth between samples; gaps and resets tell nothing', () => {
    expect(toRate({ timesMs: [0, 1_000, 2_000, 3_000, 4_000], mean: [0, 1_000, null, 500, 1_500] })).toEqual([
      null,
      8,
      null,
      null,
      8,
    ])
  })
})
