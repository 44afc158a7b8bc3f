/** A cron expression, each field as the set of its values; `isAnyDay` = no day was named, neither of the month nor of the week. */
export interface Cron {
  readonly minutes: ReadonlySet<number>
  readonly hours: ReadonlySet<number>
  readonly daysOfMonth: ReadonlySet<number>
  readonly months: ReadonlySet<number>
  /** 1 = Monday … 7 = Sunday (ISO 8601). */
  readonly weekdays: ReadonlySet<number>
  readonly isAnyDayOfMonth: boolean
  readonly isAnyWeekday: boolean
}

/** A day of somebody's own calendar. */
export interface LocalDay {
  readonly dayOfMonth: number
  readonly month: number
  /** 1 = Monday … 7 = Sunday. */
  readonly weekday: number
}

/** Longest expression that is looked at. */
export const maxCronLength = 100

/**
 * Reads `minute hour day-of-month month day-of-week` (POSIX crontab): numbers, `*`, lists, ranges and steps, Sunday as 0 or 7.
 * Undefined where it is none; names of months and days are not taken.
 */
export function safeParseCron(expression: string): Cron | undefined {
  if (expression.length > maxCronLength) return undefined
  const fields = expression.trim().split(/\s+/)
  const [minute, hour, dayOfMonth, month, weekday] = fields
  if (fields.length !== 5 || weekday === undefined) return undefined
  const minutes = valuesOf(minute, 0, 59)
  const hours = valuesOf(hour, 0, 23)
  const daysOfMonth = valuesOf(dayOfMonth, 1, 31)
  const months = valuesOf(month, 1, 12)
  const weekdays = valuesOf(weekday, 0, 7)
  if (!minutes || !hours || !daysOfMonth || !months || !weekdays) return undefined
  return {
    minutes,
    hours,
    daysOfMonth,
    months,
    weekdays: new Set([...weekdays].map((day) => (day === 0 ? 7 : day))),
    isAnyDayOfMonth: dayOfMonth?.startsWith('*') === true,
    isAnyWeekday: weekday.startsWith('*'),
  }
}

/** Whether the expression names minutes of this day. Where both days are named, either is enough (POSIX crontab). */
export function matchesCronDay(cron: Cron, at: LocalDay): boolean {
  if (!cron.months.has(at.month)) return false
  const isDay = cron.daysOfMonth.has(at.dayOfMonth)
  const isWeekday = cron.weekdays.has(at.weekday)
  return cron.isAnyDayOfMonth || cron.isAnyWeekday ? isDay && isWeekday : isDay || isWeekday
}

function valuesOf(field: string | undefined, least: number, most: number): ReadonlySet<number> | undefined {
  const values = new Set<number>()
  for (const part of (field ?? '').split(',')) {
    const match = /^(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(part)
    if (match === null) return undefined
    const [, first, last, step] = match
    const from = first === undefined ? least : Number(first)
    // `5/15` means from 5 on, every 15.
    const to = last !== undefined ? Number(last) : first === undefined || step !== undefined ? most : from
    const by = step === undefined ? 1 : Number(step)
    if (from < least || to > most || from > to || by === 0) return undefined
    for (let value = from; value <= to; value += by) values.add(value)
  }
  return values
}
