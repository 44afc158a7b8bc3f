import type { SupportHours } from '@proactive/shared/http'

const dayMs = 24 * 3_600_000
/** Hours that never come within this time (an empty calendar) do not hold a clock for ever. */
const maxDays = 60

/** Openings of one local day as moments. */
interface Opening {
  readonly fromMs: number
  readonly toMs: number
}

/**
 * When `durationMs` of business time after `startMs` is over. Without hours every moment counts.
 * Pure; daylight saving is the time zone's: a day's openings are taken on its own clock.
 */
export function deadlineAt(startMs: number, durationMs: number, hours: SupportHours | undefined): number {
  if (hours === undefined) return startMs + durationMs
  let left = durationMs
  for (let day = 0; day < maxDays; day += 1) {
    for (const { fromMs, toMs } of openingsOn(startMs + day * dayMs, hours)) {
      const begin = Math.max(fromMs, startMs)
      if (toMs <= begin) continue
      if (toMs - begin >= left) return begin + left
      left -= toMs - begin
    }
  }
  return startMs + durationMs
}

/** The openings of the local day that a moment lies in, in order. */
function openingsOn(momentMs: number, { timeZone, calendar }: SupportHours): Opening[] {
  const date = localDate(momentMs, timeZone)
  if (calendar.holidays.includes(date)) return []
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay() || 7
  return calendar.openings
    .filter((opening) => opening.weekday === weekday)
    .map(({ from, to }) => ({ fromMs: momentOf(date, from, timeZone), toMs: momentOf(date, to, timeZone) }))
    .sort((a, b) => a.fromMs - b.fromMs)
}

/** `YYYY-MM-DD` on the local calendar. */
function localDate(momentMs: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).format(momentMs)
}

/** A local time of day as a moment; `24:00` is the day's end. */
function momentOf(date: string, time: string, timeZone: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number)
  const asIfUtc = Date.parse(`${date}T00:00:00Z`) + (hour * 60 + minute) * 60_000
  // Twice: the first guess may lie on the other side of a change of the clocks.
  const guess = asIfUtc - offsetMs(asIfUtc, timeZone)
  return asIfUtc - offsetMs(guess, timeZone)
}

/** How far the zone's clock is ahead of UTC at a moment (ms). */
function offsetMs(momentMs: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(momentMs)
  const part = (type: string) => Number(parts.find((candidate) => candidate.type === type)?.value ?? 0)
  const local = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  )
  return local - Math.floor(momentMs / 1_000) * 1_000
}

/** Whether the system knows the zone. */
export function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone })
    return true
  } catch {
    return false
  }
}
