/** How fast and how many Issues may open, so that a fault of ours never buries a desk. Only opening is held, never an update. */
export interface StormGuards {
  /** Opens a minute in the long run, and how many may come at once. */
  readonly opensPerMinute: number
  readonly burst: number
  /** Open Issues of one Location; further ones wait until some are closed. */
  readonly maxOpenPerLocation: number
  /** Until a full Location is looked at again (ms). */
  readonly fullLocationPauseMs: number
}

/** A provider's outage at a thousand Locations is one parent incident; 50 open Issues at one shop is a fault of ours. */
export const defaultGuards: StormGuards = {
  opensPerMinute: 600,
  burst: 300,
  maxOpenPerLocation: 50,
  fullLocationPauseMs: 30_000,
}

/** A token bucket over opens. */
export interface OpenBudget {
  /** 0 = go on (one is spent), else how long to wait (ms). */
  take(nowMs: number): number
}

export function createOpenBudget({
  opensPerMinute,
  burst,
}: Pick<StormGuards, 'opensPerMinute' | 'burst'>): OpenBudget {
  const msPerOpen = 60_000 / opensPerMinute
  let tokens = burst
  let atMs: number | undefined
  return {
    take(nowMs) {
      const passedMs = Math.max(0, nowMs - (atMs ?? nowMs))
      tokens = Math.min(burst, tokens + passedMs / msPerOpen)
      atMs = nowMs
      if (tokens < 1) return Math.max(1, Math.ceil((1 - tokens) * msPerOpen))
      tokens -= 1
      return 0
    },
  }
}
