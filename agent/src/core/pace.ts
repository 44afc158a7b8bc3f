import type { MonotonicMs } from '@proactive/shared'

/** How much of what others say on the LAN is looked at: a storm must not cost the appliance its processor. */
export interface Pace {
  /** Whether one more is looked at now; where not, that is counted. */
  take(): boolean
  ignored(): number
}

export function createPace(mostPerSecond: number, nowMono: () => MonotonicMs): Pace {
  let startMono = nowMono()
  let taken = 0
  let ignored = 0
  return {
    take() {
      const now = nowMono()
      if (now - startMono >= 1_000) {
        startMono = now
        taken = 0
      }
      if (taken < mostPerSecond) {
        taken++
        return true
      }
      ignored++
      return false
    },
    ignored: () => ignored,
  }
}
