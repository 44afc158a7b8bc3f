import { describe, expect, it } from 'vitest'
import { formatFigures, holds, median, percentile, toJson } from './bench.ts'
import { codecBench } from './codec.ts'

describe('a benchmark', () => {
  it('holds its promises or says which it does not', () => {
    const size = { name: 'size', value: 120, unit: 'bytes', atMost: 100 }
    const rate = { name: 'rate', value: 15_000, unit: 'msg/s', atLeast: 15_000 }
    expect([size, rate].map(holds)).toEqual([false, true])
    expect(formatFigures([size, rate])).toMatch(
      /size .* 120 bytes .*≤ 100 {2}NOT HELD\n.* 15,000 msg\/s .*held/,
    )
    expect(JSON.parse(toJson('x', { figures: [size, rate] }))).toMatchObject({
      bench: 'x',
      isValid: true,
      isHeld: false,
      figures: { size: { value: 120, unit: 'bytes', atMost: 100 } },
    })
  })

  it('that is invalid holds nothing', () => {
    const json = JSON.parse(toJson('x', { figures: [], invalid: 'the machine is too busy' }))
    expect(json).toMatchObject({ isValid: false, isHeld: false, invalid: 'the machine is too busy' })
  })

  it('tells medians and percentiles by nearest rank', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 2, 3])).toBe(2.5)
    expect(percentile([5, 1, 4, 2, 3], 0.99)).toBe(5)
    expect(percentile([5, 1, 4, 2, 3], 0.2)).toBe(1)
  })
})

describe('telemetry on the wire', () => {
  it('is as small as promised', async () => {
    const { figures } = await codecBench.run({ say: () => undefined, workDir: '' })
    expect(figures.filter(({ atMost }) => atMost !== undefined)).toHaveLength(2)
    expect(figures.filter((figure) => !holds(figure))).toEqual([])
  })
})
