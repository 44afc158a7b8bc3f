import type { Telemetry, TelemetryRow } from '@proactive/shared'

/** A seeded source of numbers (mulberry32), so that a run can be repeated. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A shop's devices and how far away each is on the wire. */
export interface SampleShop {
  /** The batch of window `index`, as the agent would send it. */
  batch(index: number): Telemetry
}

const windowMs = 30_000
const cents = (value: number): number => Math.round(value * 100) / 100
const thousandths = (value: number): number => Math.round(value * 1_000) / 1_000

/**
 * Device rows that compress badly on purpose: RTTs are log-normal around each device's own median (a LAN's 0.2–20 ms) with two
 * decimals, each percentile and the jitter drawn anew; presence, loss, probes and service checks vary independently, far more
 * than on a healthy LAN. No column is constant.
 */
export function createSampleShop(options: {
  readonly devices: number
  readonly seed: number
  readonly startMs: number
}): SampleShop {
  const random = createRandom(options.seed)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const devices = Array.from({ length: options.devices }, (_, index) => ({
    alias: index + 1,
    median: Math.exp(0.7 + 0.8 * normal()),
  }))
  const bootEpoch = Math.floor(options.startMs / 1_000) - 7_200

  const row = ({ alias, median }: { alias: number; median: number }): TelemetryRow => {
    const p50 = median * Math.exp(0.3 * normal())
    const p95 = p50 * Math.exp(Math.abs(0.4 * normal()))
    const max = p95 * Math.exp(Math.abs(0.6 * normal()))
    const probes = 12 + Math.floor(random() * 6)
    const misses = () => (random() < 0.3 ? 1 + Math.floor(random() * 3) : 0)
    return [
      alias,
      thousandths(1 - misses() / probes),
      cents(p50),
      cents(p95),
      cents(max),
      thousandths(misses() / probes),
      cents(median * Math.exp(0.5 * normal()) * 0.3),
      probes,
      random() < 0.2 ? 0.5 : 1,
    ]
  }
  return {
    batch(index) {
      let device = devices.map(row)
      // A window in which a column happens to be constant would flatter us: it is drawn again.
      while (options.devices > 1 && hasConstantColumn(device)) device = devices.map(row)
      return {
        v: 1,
        bootEpoch,
        lane: 'live',
        seq: 240 + index,
        atMs: options.startMs + index * windowMs + Math.floor(random() * 40),
        clock: 'synced',
        windowMs,
        rows: { device: device.map((each) => [...each]) },
      }
    },
  }
}

function hasConstantColumn(rows: readonly TelemetryRow[]): boolean {
  const [first = []] = rows
  return first.some((value, column) => rows.every((row) => row[column] === value))
}
