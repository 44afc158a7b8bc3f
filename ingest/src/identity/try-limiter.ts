import type { EpochMs } from '@proactive/shared'

/** Counts tries by address in a sliding window. */
export interface TryLimiter {
  /** Milliseconds until this address may try again; 0 = now, and the try is counted. */
  take(address: string): number
  /** The try was an honest one: it does not count. */
  giveBack(address: string): void
}

export interface TryLimiterOptions {
  readonly tries: number
  readonly windowMs: number
  /** Addresses remembered at most; beyond it the one that tried longest ago is forgotten. */
  readonly maxAddresses?: number
  readonly nowMs: () => EpochMs
}

export function createTryLimiter({
  tries,
  windowMs,
  maxAddresses = 10_000,
  nowMs,
}: TryLimiterOptions): TryLimiter {
  const triesByAddress = new Map<string, EpochMs[]>()
  return {
    take(address) {
      const now = nowMs()
      const recent = (triesByAddress.get(address) ?? []).filter((at) => now - at < windowMs)
      const oldest = recent[0]
      if (oldest !== undefined && recent.length >= tries) return oldest + windowMs - now
      recent.push(now)
      triesByAddress.delete(address)
      triesByAddress.set(address, recent)
      const forgotten = triesByAddress.size > maxAddresses ? triesByAddress.keys().next().value : undefined
      if (forgotten !== undefined) triesByAddress.delete(forgotten)
      return 0
    },
    giveBack(address) {
      triesByAddress.get(address)?.pop()
    },
  }
}
