import type { MonotonicMs } from '@proactive/shared'

/** So much at once, and so much again with time; the unit is the caller's (times, bytes). */
export interface Allowance {
  /** How long until this much may be taken, 0 = now. More than there ever is counts as all of it. */
  waitMs(amount: number): number
  /** Takes it, also where it is not there yet. */
  take(amount: number): void
}

export function createAllowance(
  { most, perSecond }: { readonly most: number; readonly perSecond: number },
  nowMono: () => MonotonicMs,
): Allowance {
  let left = most
  let atMono = nowMono()
  function refill(): void {
    const now = nowMono()
    left = Math.min(most, left + ((now - atMono) / 1_000) * perSecond)
    atMono = now
  }
  return {
    waitMs(amount) {
      refill()
      return Math.ceil((Math.max(0, Math.min(most, amount) - left) / perSecond) * 1_000)
    },
    take(amount) {
      refill()
      left = Math.max(0, left - amount)
    },
  }
}
