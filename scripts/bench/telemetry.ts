import { encode } from '@proactive/shared/codec'
import type { Bench } from './bench.ts'
import { createSampleShop } from './sample-telemetry.ts'

const batches = 100
const startMs = Date.UTC(2026, 0, 15, 9)
const promises = { bytes50x8: { devices: 50, atMost: 1_300 }, bytes4: { devices: 4, atMost: 170 } } as const

/** Bytes of one telemetry batch on the wire: the mean of a hundred that compress badly on purpose. */
export const telemetryBench: Bench = {
  name: 'telemetry',
  summary: 'bytes of a telemetry batch of 50 devices × 8 metrics, and of a shop with 4',
  tools: [],
  async run() {
    const figures = Object.entries(promises).map(([name, { devices, atMost }]) => {
      const shop = createSampleShop({ devices, seed: 42, startMs })
      const sizes = Array.from(
        { length: batches },
        (_, index) => encode('telemetry', shop.batch(index)).length,
      )
      return { name, value: sizes.reduce((sum, size) => sum + size, 0) / batches, unit: 'bytes', atMost }
    })
    return { figures, fields: Object.fromEntries(figures.map(({ name, value }) => [name, value])) }
  },
}
