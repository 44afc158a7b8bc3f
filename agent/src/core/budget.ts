import type { MonotonicMs } from '@proactive/shared'
import { type ProbeClass, probeClasses, profileOfClass } from '../rules/profiles.ts'

/** What probing has cost so far, by class of device. */
export interface BudgetFigures {
  readonly class: ProbeClass
  readonly spent: number
  readonly refused: number
}

/** One token bucket per device class under every prober: a fault in one of them cannot flood somebody's LAN. */
export interface Budget {
  /** How many devices of a class there are; the bucket is sized for them. */
  setPopulation(of: ProbeClass, devices: number): void
  /** Takes tokens for packets about to be sent; false = not now. */
  take(of: ProbeClass, packets: number): boolean
  /** As `take`, for what people ask: leaves half of the burst to the watches, so that no tool makes them blind. */
  takeSpare(of: ProbeClass, packets: number): boolean
  /** Counts packets that a fixed pace sends anyway. */
  spend(of: ProbeClass, packets: number): void
  figures(): readonly BudgetFigures[]
}

interface Bucket {
  tokens: number
  filledAtMono: MonotonicMs
  devices: number
  spent: number
  refused: number
}

export function createBudget(nowMono: () => MonotonicMs): Budget {
  const bucketByClass = new Map<ProbeClass, Bucket>(
    probeClasses.map((name) => [
      name,
      { tokens: profileOfClass(name).burst, filledAtMono: nowMono(), devices: 1, spent: 0, refused: 0 },
    ]),
  )

  function refill(of: ProbeClass): Bucket {
    const bucket = bucketByClass.get(of)
    if (bucket === undefined) throw new Error(`no bucket for ${of}`)
    const { packetsPerMinute, burst } = profileOfClass(of)
    const now = nowMono()
    const gained = ((now - bucket.filledAtMono) / 60_000) * packetsPerMinute * bucket.devices
    bucket.tokens = Math.min(burst * bucket.devices, bucket.tokens + gained)
    bucket.filledAtMono = now
    return bucket
  }

  /** @param reserve share of the burst that must be left afterwards */
  function take(of: ProbeClass, packets: number, reserve: number): boolean {
    const bucket = refill(of)
    if (bucket.tokens - packets < reserve * profileOfClass(of).burst * bucket.devices) {
      bucket.refused += packets
      return false
    }
    bucket.tokens -= packets
    bucket.spent += packets
    return true
  }

  return {
    setPopulation(of, devices) {
      const bucket = refill(of)
      const added = Math.max(0, devices - bucket.devices)
      bucket.devices = Math.max(1, devices)
      bucket.tokens += added * profileOfClass(of).burst
    },
    take: (of, packets) => take(of, packets, 0),
    takeSpare: (of, packets) => take(of, packets, 0.5),
    spend(of, packets) {
      const bucket = refill(of)
      bucket.tokens = Math.max(0, bucket.tokens - packets)
      bucket.spent += packets
    },
    figures: () =>
      [...bucketByClass.entries()].map(([name, { spent, refused }]) => ({ class: name, spent, refused })),
  }
}
