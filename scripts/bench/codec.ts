import { rowFields, type Telemetry } from '@proactive/shared'
import { decode, encode } from '@proactive/shared/codec'
import type { Bench, Figure } from './bench.ts'
import { createSampleShop } from './sample-telemetry.ts'

const batches = 100
const timedRounds = 20
const startMs = Date.UTC(2026, 0, 15, 9)

/** Bytes of telemetry on the wire, beside the JSON that most agents send. */
export const codecBench: Bench = {
  name: 'codec',
  summary: 'bytes of a telemetry batch on the wire, beside verbose JSON',
  tools: [],
  async run({ say }) {
    const figures: Figure[] = []
    for (const { devices, atMost } of [
      { devices: 50, atMost: 1_300 },
      { devices: 4, atMost: 170 },
    ]) {
      say(`${batches} batches of ${devices} devices × 8 metrics`)
      const shop = createSampleShop({ devices, seed: 42, startMs })
      const samples = Array.from({ length: batches }, (_, index) => shop.batch(index))
      const encoded = samples.map((batch) => encode('telemetry', batch))
      for (const [index, bytes] of encoded.entries()) assertSame(decode('telemetry', bytes), samples[index])
      const verbose = samples.map((batch) => Buffer.byteLength(verboseJson(batch)))
      figures.push(
        {
          name: `${devices} devices × 8 metrics`,
          value: mean(encoded.map(({ length }) => length)),
          unit: 'bytes',
          atMost,
        },
        { name: `${devices} devices × 8 metrics, verbose JSON`, value: mean(verbose), unit: 'bytes' },
        {
          name: `${devices} devices, encode`,
          value: microseconds(samples, (batch) => encode('telemetry', batch)),
          unit: 'µs',
        },
        {
          name: `${devices} devices, decode and check`,
          value: microseconds(encoded, (bytes) => decode('telemetry', bytes)),
          unit: 'µs',
        },
      )
    }
    return { figures }
  },
}

/** What a batch looks like where names and ids stand beside every value. */
function verboseJson(batch: Telemetry): string {
  return JSON.stringify({
    location: 'shop-4711',
    appliance: 'box-4711',
    timestamp: new Date(batch.atMs).toISOString(),
    bootEpoch: batch.bootEpoch,
    seq: batch.seq,
    metrics: (batch.rows.device ?? []).flatMap(([alias, ...values]) =>
      values.map((value, index) => ({
        device: `device-${alias}`,
        name: rowFields.device[index],
        value,
      })),
    ),
  })
}

function assertSame(decoded: Telemetry, sample: Telemetry | undefined): void {
  if (JSON.stringify(decoded) !== JSON.stringify(sample))
    throw new Error('a batch came back different from what was encoded')
}

function microseconds<T>(items: readonly T[], work: (item: T) => unknown): number {
  for (const item of items) work(item)
  const startedAt = performance.now()
  for (let round = 0; round < timedRounds; round++) for (const item of items) work(item)
  return ((performance.now() - startedAt) * 1_000) / (items.length * timedRounds)
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length
