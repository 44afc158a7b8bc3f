import type { ClockState, EpochMs, MonotonicMs } from '@proactive/shared'

/** Where the wall clock stands against the monotonic one. All samples are taken on the monotonic clock and told on the wall clock. */
export interface Timeline {
  readonly state: ClockState
  /** Wall minus monotonic. */
  readonly offsetMs: number
  /** Since when the wall clock shows something that its source does not vouch for. */
  readonly astraySinceMono?: MonotonicMs
}

/** A step of the wall clock larger than this is told; less is drift that the time service slews away. */
export const tellStepMs = 1_000

/** The wall time of a moment on the monotonic clock, as far as the wall clock can be believed. */
export function wallMs(timeline: Timeline, atMonoMs: MonotonicMs): EpochMs {
  return Math.max(0, Math.round(atMonoMs + timeline.offsetMs))
}

/** A source that set the clock has just said so: looks are 5 s apart. */
const freshSyncMs = 15_000
/** The monotonic clock drifts some seconds a day: what was right when the wall clock went astray is good for this long. */
const trustOldMs = 6 * 3_600_000

/** What both clocks say at one moment. */
export interface ClockReading {
  readonly wallMs: EpochMs
  readonly monoMs: MonotonicMs
  readonly isTrusted: boolean
  /** When the wall clock was set or confirmed last, by that clock itself; undefined where nobody keeps that. */
  readonly lastSyncMs?: EpochMs | undefined
}

/**
 * Looks at both clocks anew. `stepMs` is how far the wall clock moved against the time that was told until now. A step that its source does not
 * vouch for – somebody set the clock by hand – is not followed: time goes on by the monotonic clock, and is marked unsynced if that lasts.
 */
export function lookAtClock(
  before: Timeline,
  now: ClockReading,
): { readonly timeline: Timeline; readonly stepMs: number; readonly isTold: boolean } {
  const offsetMs = now.wallMs - now.monoMs
  const stepMs = Math.round(offsetMs - before.offsetMs)
  const isStep = Math.abs(stepMs) >= tellStepMs
  const isAstray = isStep && before.state === 'synced' && !isVouchedFor(now)
  if (isAstray || (before.astraySinceMono !== undefined && isStep && !isVouchedFor(now))) {
    const astraySinceMono = before.astraySinceMono ?? now.monoMs
    const isTooLong = now.monoMs - astraySinceMono >= trustOldMs
    const state: ClockState = isTooLong ? 'unsynced' : before.state
    return {
      timeline: { state, offsetMs: before.offsetMs, astraySinceMono },
      stepMs: 0,
      isTold: state !== before.state,
    }
  }
  // A source that was trusted once stays so: a time service that pauses does not make a running clock wrong.
  const state: ClockState = now.isTrusted || before.state === 'synced' ? 'synced' : 'unsynced'
  return { timeline: { state, offsetMs }, stepMs, isTold: state !== before.state || isStep }
}

/** Whether the source of the clock has just set it to what it shows; where nobody keeps that, a trusted clock is believed. */
function isVouchedFor({ wallMs, lastSyncMs }: ClockReading): boolean {
  return lastSyncMs === undefined || Math.abs(wallMs - lastSyncMs) <= freshSyncMs
}

const timeKeys = new Set(['atMs', 'sinceMs', 'fromMs', 'toMs', 'firstSeenMs'])

/** Times that one clock told: others – of a run before, told by a right clock – are not to be moved with them. */
export interface TimeRange {
  readonly fromMs: EpochMs
  readonly toMs: EpochMs
}

/** The same value with each of its times in the range moved by `shiftMs`; times never become negative. */
export function shiftTimes(value: unknown, shiftMs: number, range: TimeRange): unknown {
  if (Array.isArray(value)) return value.map((item) => shiftTimes(item, shiftMs, range))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      timeKeys.has(key) && typeof item === 'number'
        ? item >= range.fromMs && item <= range.toMs
          ? Math.max(0, Math.round(item + shiftMs))
          : item
        : shiftTimes(item, shiftMs, range),
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
