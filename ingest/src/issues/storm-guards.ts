/** How fast and how many Issues may open, so that a fault of ours never buries a desk. Only opening is held, never an update. */
export interface StormGuards {
  /** Opens a minute in the long run, and how many may come at once. */
  readonly opensPerMinute: number
  readonly burst: number
  /** Open Issues of one Location; further ones wait until some are closed. */
  readonly maxOpenPerLocation: number
  /** Until a full Location is looked at again (ms). */
  readonly fullLocationPauseMs: number
  /** Issues within 24 h for one device (or one kind of fault without a device) of a Location; the next one waits until the oldest is a day old. */
  readonly maxOpensPerSubjectAndDay: number
}

export const dayMs = 24 * 3_600_000
/** Reason of an open that the flap guard holds; where its fault ends by itself first, it is never sent. */
export const flappingReason = 'storm-guard: it has come back too often today'

/** A provider's outage at a thousand Locations is one parent incident; 50 open Issues at one shop is a fault of ours. */
export const defaultGuards: StormGuards = {
  opensPerMinute: 600,
  burst: 300,
  maxOpenPerLocation: 50,
  fullLocationPauseMs: 30_000,
  // An episode ends after five minutes well, a flapping one after fifteen: who opens twelve a day needs another cure than a thirteenth Issue.
  maxOpensPerSubjectAndDay: 12,
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
