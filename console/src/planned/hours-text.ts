import type { Calendar } from '@proactive/shared/http'

const span = /^(\d{1,2}):(\d\d) *[-–] *(\d{1,2}):(\d\d)$/
const isTime = (hour: number, minute: number) => minute < 60 && (hour < 24 || (hour === 24 && minute === 0))

/** A day's openings as a person types them, `08:00–12:00, 13:00–18:00`; empty = closed. */
export function hoursText({ openings }: Calendar, weekday: number): string {
  return openings
    .filter((opening) => opening.weekday === weekday)
    .map(({ from, to }) => `${from}–${to}`)
    .join(', ')
}

/** Reads {@link hoursText} back; undefined where it is no list of times. */
export function parseHours(text: string, weekday: number): Calendar['openings'] | undefined {
  const openings: Calendar['openings'] = []
  for (const part of text.split(',').map((each) => each.trim())) {
    if (part === '') continue
    const found = span.exec(part)
    const [fromHour = 99, fromMinute = 99, toHour = 99, toMinute = 99] = (found ?? []).slice(1).map(Number)
    if (!isTime(fromHour, fromMinute) || !isTime(toHour, toMinute)) return undefined
    const time = (hour: number, minute: number) =>
      `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`
    openings.push({ weekday, from: time(fromHour, fromMinute), to: time(toHour, toMinute) })
  }
  return openings
}

/** Holidays, `2026-12-25, 2026-12-26`; undefined where one is no date. */
export function parseHolidays(text: string): string[] | undefined {
  const days = text.split(/[\s,;]+/).filter((day) => day !== '')
  const isDay = (day: string) =>
    /^\d{4}-\d\d-\d\d$/.test(day) &&
    !Number.isNaN(Date.parse(day)) &&
    new Date(day).toISOString().startsWith(day)
  return days.every(isDay) ? [...new Set(days)].sort() : undefined
}
