import type { Telemetry, TelemetryRow } from '@proactive/shared'
import { describe, expect, it } from 'vitest'
import { createSteadyBatch } from './steady-batch.ts'

const device = (alias: number, ratio: number, rttMs: number | null): TelemetryRow => [
  ...[alias, ratio, rttMs, rttMs, rttMs],
  ...[1 - ratio, null, 3, null],
]
const wan = (alias: number, ratio: number): TelemetryRow => [alias, ratio, 9, 10, 11, 1 - ratio, 1]

function batch(devices: TelemetryRow[], lines: TelemetryRow[]): Telemetry {
  return {
    ...{ v: 1, bootEpoch: 1, lane: 'live', seq: 1, atMs: 0, clock: 'synced', windowMs: 30_000 },
    rows: { device: devices.map((row) => [...row]), wan: lines.map((row) => [...row]) },
  }
}

describe('what an appliance will report while nothing changes', () => {
  const last = batch([device(1, 1, 5), device(2, 0.4, 6)], [wan(9, 0.8)])

  it('is of each thing the row that it reported last in the state it is in now', () => {
    const steady = createSteadyBatch()
    steady.learn(batch([device(1, 1, 3), device(2, 1, 4)], [wan(9, 1)]))
    steady.learn(batch([device(1, 1, 2), device(2, 0, null)], [wan(9, 1)]))
    const there = steady.compose(last, [
      { alias: 1, isThere: true },
      { alias: 2, isThere: true },
    ])
    expect(there?.rows).toEqual(batch([device(1, 1, 2), device(2, 1, 4)], [wan(9, 1)]).rows)
    const asleep = steady.compose(last, [
      { alias: 1, isThere: true },
      { alias: 2, isThere: false },
    ])
    expect(asleep?.rows).toEqual(batch([device(1, 1, 2), device(2, 0, null)], [wan(9, 1)]).rows)
  })

  it('is not known as long as somebody who is there, or a way out, was never seen through a whole good window', () => {
    const steady = createSteadyBatch()
    steady.learn(batch([device(1, 1, 3), device(2, 0.9, 4)], [wan(9, 1)]))
    expect(steady.compose(last, [{ alias: 2, isThere: true }])).toBeUndefined()
    expect(steady.compose(last, [{ alias: 1, isThere: true }])).toBeDefined()
    steady.forget()
    expect(steady.compose(last, [])).toBeUndefined()
  })

  it('says nothing of who is silent and was never reported so', () => {
    const steady = createSteadyBatch()
    steady.learn(batch([device(1, 1, 3)], [wan(9, 1)]))
    const composed = steady.compose(last, [
      { alias: 1, isThere: true },
      { alias: 2, isThere: false },
    ])
    expect(composed?.rows.device).toEqual([device(1, 1, 3)])
  })
})
