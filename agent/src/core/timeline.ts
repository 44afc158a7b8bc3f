import type { ClockState, EpochMs, MonotonicMs } from '@proactive/shared'

/** Where the wall clock stands against the monotonic one. All samples are taken on the monotonic clock and told on the wall clock. */
export interface Timeline {
  readonly state: ClockState
  /** Wall minus monotonic. */
  readonly offsetMs: number
}

/** A step of the wall clock larger than this is told; less is drift that the time service slews away. */
export const tellStepMs = 1_000

/** The wall time of a moment on the monotonic clock, as far as the wall clock can be believed. */
export function wallMs(timeline: Timeline, atMonoMs: MonotonicMs): EpochMs {
  return Math.max(0, Math.round(atMonoMs + timeline.offsetMs))
}

/** Looks at both clocks anew. `stepMs` is how far the wall clock moved against the monotonic one since the last look. */
export function lookAtClock(
  before: Timeline,
  now: { readonly wallMs: EpochMs; readonly monoMs: MonotonicMs; readonly isTrusted: boolean },
): { readonly timeline: Timeline; readonly stepMs: number; readonly isTold: boolean } {
  const offsetMs = now.wallMs - now.monoMs
  // A source that was trusted once stays so: a time service that pauses does not make a running clock wrong.
  const state: ClockState = now.isTrusted || before.state === 'synced' ? 'synced' : 'unsynced'
  const stepMs = Math.round(offsetMs - before.offsetMs)
  const isTold = state !== before.state || Math.abs(stepMs) >= tellStepMs
  return { timeline: { state, offsetMs }, stepMs, isTold }
}

const timeKeys = new Set(['atMs', 'sinceMs', 'fromMs', 'toMs', 'firstSeenMs'])

/** The same value with each of its times moved by `shiftMs`; times never become negative. */
export function shiftTimes(value: unknown, shiftMs: number): unknown {
  if (Array.isArray(value)) return value.map((item) => shiftTimes(item, shiftMs))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      timeKeys.has(key) && typeof item === 'number'
        ? Math.max(0, Math.round(item + shiftMs))
        : shiftTimes(item, shiftMs),
    ]),
  )
}

/**
 * The number of a start: seconds since 1970 where the clock is sane, and always above the one before
 * (a clock that went back, or two starts within a second).
 */
export function nextBootEpoch(previous: number | undefined, wallNowMs: EpochMs): number {
  const seconds = Math.floor(wallNowMs / 1_000)
  return previous === undefined ? Math.max(1, seconds) : Math.max(previous + 1, seconds)
}
