import type { EpochMs } from '@proactive/shared'
import { localMinutesOf } from './hours.ts'

/**
 * What is usual on one path, and how it is now. Learned from every window of telemetry; nobody sets a threshold by hand.
 *
 * The measure is what a customer at the checkout feels: how long a card payment waits for its packets ({@link feltByLine}, {@link feltByPath}).
 * Its logarithm is learned robustly: one strange window moves it by no more than usual ones do, so an hour of trouble is not taken for normal,
 * and a line that changed for good is usual after about a week. Numbers are whole (millionths, milliseconds): a stored state reads back the same.
 */
export interface Baseline {
  /** Seconds of telemetry it learned from. */
  learnedSeconds: number
  /** Natural logarithm of the usual felt milliseconds, in millionths. */
  usual: number
  /** The same of what it would be if no packet were lost. */
  bare: number
  /** How far single windows lie from it, in millionths. */
  spread: number
  /** By season of the week ({@link seasonAt}): how much more or less, in millionths. */
  seasons: number[]
  /** Felt milliseconds now, over the last half minute and over the last minutes. */
  fastMs: number
  slowMs: number
}

const million = 1_000_000
const hourMs = 3_600_000
/** Three hours each, working days apart from weekends: evenings are busy on many lines. */
export const seasonCount = 16
/** Before this much telemetry nothing is known to be usual. */
const learnedFromSeconds = 600
/** How long the memory reaches: two days of what is usual, five days of each season's own. */
const memorySeconds = 2 * 86_400
const seasonMemorySeconds = 5 * 3 * 3_600
/** Time constants of the two looks at "now". */
const fastSeconds = 45
const slowSeconds = 300
/** The last minutes are at most so many times as bad as the last half minute. */
const mostAboveNow = 4
/** At first a path may be anything: within a factor of e. */
const firstSpread = million
const leastSpread = 20_000
/** A season differs from the others by more than windows do: one bad evening moves it by a fifth of a factor of e at most. */
const mostSeasonStep = million

/** Before anything was measured. */
export function newBaseline(): Baseline {
  return {
    learnedSeconds: 0,
    usual: 0,
    bare: 0,
    spread: firstSpread,
    seasons: Array.from({ length: seasonCount }, () => 0),
    fastMs: 0,
    slowMs: 0,
  }
}

/** Which season of the week it is on the Location's own clock. */
export function seasonAt(timeZone: string, atMs: EpochMs): number {
  const localMinutes = localMinutesOf(timeZone, atMs)
  const hour = Math.floor(localMinutes / 60) % 24
  // 1970-01-01 was a Thursday: days 2 and 3 after it are a weekend.
  const isWeekend = (Math.floor(localMinutes / 1_440) + 5) % 7 < 2
  return Math.floor(hour / 3) + (isWeekend ? seasonCount / 2 : 0)
}

/** End of the season that goes on: seasons change with hours, in every time zone at a quarter of an hour. */
export function seasonEndMs(atMs: EpochMs): EpochMs {
  const quarterMs = hourMs / 4
  return (Math.floor(atMs / quarterMs) + 1) * quarterMs
}

/** A lost packet costs a second before it is sent again (RFC 6298 §2.1), and a payment takes about five exchanges: name, connection, TLS, request. */
const resendMs = 1_000
export const exchanges = 5

/** How long a payment waits on a line with this round trip and this share of lost echoes. */
export function feltByLine(rttMs: number, lossRatio: number): number {
  const lost = Math.min(0.9, Math.max(0, lossRatio))
  return exchanges * (rttMs + (resendMs * lost) / (1 - lost))
}

/** How long it waits where the path was walked: what was measured, and another try for each one in vain. */
export function feltByPath(tookMs: number, okRatio: number): number {
  const ok = Math.max(0.1, okRatio)
  return tookMs + (resendMs * (1 - ok)) / ok
}

/**
 * What would be usual now, in felt milliseconds; null before enough was seen. That a line loses packets all the time is believed by and by:
 * for the first two days loss counts the less as usual the shorter it is known.
 */
export function usualMs({ learnedSeconds, usual, bare, seasons }: Baseline, season: number): number | null {
  if (learnedSeconds < learnedFromSeconds) return null
  const own = tolerantOf(seasons, season)
  const bareMs = Math.exp((bare + own) / million)
  const wholeMs = Math.exp((usual + own) / million)
  const trust = Math.min(1, learnedSeconds / memorySeconds)
  return Math.max(bareMs, bareMs + (wholeMs - bareMs) * trust)
}

/** Two mean deviations on each side: nine windows of ten lie within. */
const usualWidth = 2

/** From where to where one exchange, or the whole of a walked path, usually takes at this hour without loss, in milliseconds; null before enough was seen. */
export function usualRange(
  { learnedSeconds, bare, spread, seasons }: Baseline,
  season: number,
): { readonly lowMs: number; readonly highMs: number } | null {
  if (learnedSeconds < learnedFromSeconds) return null
  const middle = bare + tolerantOf(seasons, season)
  const at = (side: number) => Math.exp((middle + side * usualWidth * spread) / million)
  const lowMs = at(-1)
  // Below a millisecond nothing is told apart.
  return { lowMs: lowMs <= 1 ? 0 : lowMs, highMs: at(1) }
}

/** Whether enough was seen to know what is usual. */
export function isLearnedEnough({ learnedSeconds }: Baseline): boolean {
  return learnedSeconds >= learnedFromSeconds
}

/** Nobody's evening begins on the hour: what is usual just before or after is usual now. */
function tolerantOf(seasons: readonly number[], season: number): number {
  const perDay = seasonCount / 2
  const day = season - (season % perDay)
  const at = (hour: number): number => seasons[day + ((hour + perDay) % perDay)] ?? 0
  const hour = season % perDay
  return Math.max(at(hour - 1), at(hour), at(hour + 1))
}

/** One window as it was felt, and as it would have been without loss. */
export interface Felt {
  readonly wholeMs: number
  readonly bareMs: number
}

/** Takes one window: first how it is now, then a little of it into what is usual. */
export function learn(baseline: Baseline, { wholeMs, bareMs }: Felt, windowMs: number, season: number): void {
  const seconds = Math.min(300, windowMs / 1_000)
  const isFirst = baseline.learnedSeconds === 0
  baseline.fastMs = isFirst ? Math.round(wholeMs) : follow(baseline.fastMs, wholeMs, seconds / fastSeconds)
  // When it is over, the worst of it is not remembered longer than the mild.
  const slowMs = isFirst ? Math.round(wholeMs) : follow(baseline.slowMs, wholeMs, seconds / slowSeconds)
  baseline.slowMs = Math.min(slowMs, mostAboveNow * baseline.fastMs)
  const known = Math.min(memorySeconds, baseline.learnedSeconds + seconds)
  const gain = seconds / known
  // Huber's way: what lies far out counts as far out, not as how far. Not while hardly anything is known.
  const most = baseline.learnedSeconds < learnedFromSeconds ? Number.POSITIVE_INFINITY : 3 * baseline.spread
  const offset = baseline.seasons[season] ?? 0
  const error = logOf(wholeMs) - baseline.usual - offset
  const step = clip(error, most)
  const bareStep = clip(logOf(bareMs) - baseline.bare - offset, most)
  baseline.usual = Math.round(baseline.usual + gain * step)
  baseline.bare = Math.round(baseline.bare + gain * bareStep)
  const spread = isFirst ? firstSpread : baseline.spread + gain * (Math.abs(step) - baseline.spread)
  baseline.spread = Math.round(Math.max(leastSpread, Math.min(firstSpread, spread)))
  baseline.learnedSeconds = Math.round(known)
  // A season's own part is learned only where there is enough to compare it with.
  if (known >= memorySeconds)
    baseline.seasons[season] = Math.round(
      offset + (seconds / seasonMemorySeconds) * clip(error, mostSeasonStep),
    )
}

function logOf(ms: number): number {
  return Math.log(Math.max(1, ms)) * million
}

function clip(value: number, most: number): number {
  return Math.max(-most, Math.min(most, value))
}

function follow(nowMs: number, feltMs: number, share: number): number {
  return Math.round(nowMs + (1 - Math.exp(-share)) * (feltMs - nowMs))
}

/** Something told how it is now, by a shorter way than telemetry; nothing is learned from it. */
export function noteNow(baseline: Baseline, feltMs: number): void {
  baseline.fastMs = Math.round(feltMs)
}

/** What was measured while the path did not work at all says nothing about how well it works. */
export function forgetNow(baseline: Baseline, season: number): void {
  const usual = usualMs(baseline, season)
  if (usual === null) return
  baseline.fastMs = Math.min(baseline.fastMs, Math.round(usual))
  baseline.slowMs = Math.min(baseline.slowMs, Math.round(usual))
}

export type Grade = 0 | 1 | 2

/**
 * A payment that takes a second longer than usual is felt, told by the last minutes; two and a half seconds longer is trouble at the till, told
 * by the last half minute. Each ends well below where it began: 0.6 of the one, 0.75 of the other. What was felt is over when neither look feels it:
 * a line that was hardly usable from one moment to the next is not well because half a minute of it was lucky and the minutes have not caught up yet.
 */
const slowByMs = 1_000
export const badByMs = 2_500
const slowEndsAt = 0.6
const badEndsAt = 0.75

/**
 * How much worse than usual it is now: 0 = as usual, 1 = felt, 2 = hardly usable. What lies within the path's own habit (three of its usual
 * deviations) is no degradation, however long it takes.
 */
export function gradeOf(baseline: Baseline, season: number, before: Grade): Grade {
  const usual = usualMs(baseline, season) ?? 0
  const habit = usual * Math.exp((3 * baseline.spread) / million)
  const by = (nowMs: number): number => (usual > 0 && nowMs < habit ? 0 : nowMs - usual)
  if (by(baseline.fastMs) >= (before === 2 ? badByMs * badEndsAt : badByMs)) return 2
  const isFeltStill = before > 0 && by(Math.max(baseline.fastMs, baseline.slowMs)) >= slowByMs * slowEndsAt
  return isFeltStill || by(baseline.slowMs) >= slowByMs ? 1 : 0
}
