import type { EpochMs } from '@proactive/shared'
import { isOpenHours, localMinutesOf, minutesOf, openingCheckMinutes, weekdayOf } from './hours.ts'
import type { LocationConfig } from './model.ts'
import type { LocationState } from './state.ts'

/** What the Location's own clock and calendar say at one minute. */
export interface ClockFacts {
  /** Hour of the week, 0 = Monday from midnight. */
  readonly bin: number
  /** Minute of the hour. */
  readonly minute: number
  /** The shop is open; without a calendar it always is. */
  readonly isTrading: boolean
  /** Open, or within the half hour before. */
  readonly isOpen: boolean
}

const minuteMs = 60_000
const minutesPerDay = 1_440

/** Asked for every device of every judgement: what holds for a minute is worked out once. */
export function clockAt(state: LocationState, atMs: EpochMs): ClockFacts {
  const minute = Math.floor(atMs / minuteMs)
  const { clock, config } = state
  if (clock.minute === minute && clock.config === config && clock.facts !== null) return clock.facts
  const localMinutes = localMinutesOf(config?.timeZone ?? 'UTC', atMs)
  const isOpen = isOpenHours(config, atMs)
  const facts = {
    bin: (weekdayOf(localMinutes) - 1) * 24 + (Math.floor(localMinutes / 60) % 24),
    minute: localMinutes % 60,
    isTrading: isOpen && isOpenHours(config, atMs, 0),
    isOpen,
  }
  Object.assign(clock, { minute, config, facts })
  return facts
}

/** Whether the calendar names this day as closed. */
export function isHoliday(config: LocationConfig | null, atMs: EpochMs): boolean {
  if (config === null || config.calendar.holidays.length === 0) return false
  return config.calendar.holidays.includes(dateOf(localMinutesOf(config.timeZone, atMs)))
}

function dateOf(localMinutes: number): string {
  return new Date(localMinutes * minuteMs).toISOString().slice(0, 10)
}

/** How long after its time an opening check still tells of its time. */
const punctualMinutes = 15

/**
 * The day's first opening whose check, so many minutes after it (before it where negative), has just been due; null where none has.
 */
export function openingToCheck(
  config: LocationConfig | null,
  nowMs: EpochMs,
  afterMinutes: number,
): EpochMs | null {
  if (config === null) return null
  const { calendar, timeZone } = config
  const sinceLocal = localMinutesOf(timeZone, nowMs) - afterMinutes
  const midnight = sinceLocal - (sinceLocal % minutesPerDay)
  if (calendar.holidays.includes(dateOf(midnight))) return null
  let first: number | null = null
  for (const { weekday, from } of calendar.openings) {
    if (weekday === weekdayOf(midnight)) first = Math.min(first ?? minutesPerDay, minutesOf(from))
  }
  if (first === null) return null
  const ago = sinceLocal - midnight - first
  if (ago < 0 || ago >= punctualMinutes) return null
  return nowMs - (nowMs % minuteMs) - (ago + afterMinutes) * minuteMs
}

/**
 * When to look at the hours again: at the next half hour before an opening, in log time; null where the calendar names none within a fortnight.
 */
export function nextOpeningCheckMs(config: LocationConfig | null, nowMs: EpochMs): EpochMs | null {
  if (config === null || config.calendar.openings.length === 0) return null
  const { calendar, timeZone } = config
  const nowLocal = localMinutesOf(timeZone, nowMs)
  const midnight = nowLocal - (nowLocal % minutesPerDay)
  for (let day = 0; day <= 14; day += 1) {
    const dayLocal = midnight + day * minutesPerDay
    if (calendar.holidays.includes(dateOf(dayLocal))) continue
    let best: number | null = null
    for (const { weekday, from } of calendar.openings) {
      const checkLocal = dayLocal + minutesOf(from) - openingCheckMinutes
      if (weekday !== weekdayOf(dayLocal) || checkLocal <= nowLocal) continue
      if (best === null || checkLocal < best) best = checkLocal
    }
    if (best !== null) return instantOf(timeZone, best, nowMs, nowLocal)
  }
  return null
}

/** The instant of a local minute. Summer time may begin or end before it: the guess is put right by what the clock will say then. */
function instantOf(timeZone: string, wantedLocal: number, nowMs: EpochMs, nowLocal: number): EpochMs {
  const guessMs = nowMs - (nowMs % minuteMs) + (wantedLocal - nowLocal) * minuteMs
  return guessMs + (wantedLocal - localMinutesOf(timeZone, guessMs)) * minuteMs
}
