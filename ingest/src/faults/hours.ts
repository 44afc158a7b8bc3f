import type { EpochMs } from '@proactive/shared'
import type { LocationConfig } from './model.ts'
import type { Calendar } from './vocabulary.ts'

/** Terminals are judged from this long before opening: time enough to mend one before the first customer. */
export const openingCheckMinutes = 30

const minutesPerDay = 1_440
const minuteMs = 60_000

interface LocalTime {
  readonly date: string
  /** ISO 8601: 1 = Monday … 7 = Sunday. */
  readonly weekday: number
  readonly minute: number
}

/** Formatters by time zone: expensive to make, and nothing but a look-up table of the zone's rules. */
const formatterByZone = new Map<string, Intl.DateTimeFormat>()
const mostZones = 600

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatterByZone.get(timeZone)
  if (known !== undefined) return known
  if (formatterByZone.size >= mostZones) formatterByZone.clear()
  const made = makeFormatter(timeZone)
  formatterByZone.set(timeZone, made)
  return made
}

/** A zone this runtime does not know is read as UTC: a wrong hour in a text, never a crash. */
function makeFormatter(timeZone: string): Intl.DateTimeFormat {
  const parts: Intl.DateTimeFormatOptions = {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }
  try {
    return new Intl.DateTimeFormat('en-GB', { ...parts, timeZone })
  } catch {
    return new Intl.DateTimeFormat('en-GB', { ...parts, timeZone: 'UTC' })
  }
}

interface LocalParts {
  readonly date: string
  readonly time: string
  readonly seconds: string
}

function localParts(timeZone: string, atMs: EpochMs): LocalParts {
  // en-GB with these parts is "31/12/2026, 14:02:07".
  const text = formatterOf(timeZone).format(atMs)
  const date = `${text.slice(6, 10)}-${text.slice(3, 5)}-${text.slice(0, 2)}`
  return { date, time: text.slice(12, 17), seconds: text.slice(18, 20) }
}

function localTime(timeZone: string, atMs: EpochMs): LocalTime {
  const { date, time } = localParts(timeZone, atMs)
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay()
  return { date, weekday: weekday === 0 ? 7 : weekday, minute: minutesOf(time) }
}

/** Minutes since 1970 as the Location's own clock and calendar count them: for arithmetic with local times only. */
export function localMinutesOf(timeZone: string, atMs: EpochMs): number {
  const { date, time } = localParts(timeZone, atMs)
  return Date.parse(`${date}T00:00:00Z`) / minuteMs + minutesOf(time)
}

/** ISO weekday of a local minute; 1970-01-01 was a Thursday. */
export function weekdayOf(localMinutes: number): number {
  return ((Math.floor(localMinutes / minutesPerDay) + 3) % 7) + 1
}

/** Minutes since midnight of `14:02`. */
export function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))
}

/** `14:02` of the Location's own clock; with the date where it is another day than `nowMs`. */
export function clockWords(timeZone: string, atMs: EpochMs, nowMs: EpochMs): string {
  const { date, time } = localParts(timeZone, atMs)
  return date === localParts(timeZone, nowMs).date ? time : `${date} ${time}`
}

function isOpenAt(calendar: Calendar, { date, weekday, minute }: LocalTime): boolean {
  if (calendar.holidays.includes(date)) return false
  return calendar.openings.some((opening) => {
    const from = minutesOf(opening.from)
    const to = minutesOf(opening.to)
    if (opening.weekday === weekday && minute >= from && (minute < to || to <= from)) return true
    // Past midnight: yesterday's opening ends today.
    const isSinceYesterday = to <= from && opening.weekday === (weekday === 1 ? 7 : weekday - 1)
    return isSinceYesterday && minute < to
  })
}

/** Whether the shop is open or opens within the half hour. Without a calendar it counts as always open. */
export function isOpenHours(
  config: LocationConfig | null,
  nowMs: EpochMs,
  beforeMinutes = openingCheckMinutes,
): boolean {
  if (config === null || config.calendar.openings.length === 0) return true
  const { calendar, timeZone } = config
  return (
    isOpenAt(calendar, localTime(timeZone, nowMs)) ||
    isOpenAt(calendar, localTime(timeZone, nowMs + beforeMinutes * minuteMs))
  )
}
