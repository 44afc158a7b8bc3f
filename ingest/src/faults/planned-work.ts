import { type EpochMs, type FaultClass, matchesCronDay, safeParseCron } from '@proactive/shared'
import { localMinutesOf, minutesOf, weekdayOf } from './hours.ts'
import type { MaintenanceSchedule } from './vocabulary.ts'

/** Planned work as the core needs it. */
export interface MaintenanceFacts {
  readonly id: string
  /** Absent = the whole Location. */
  readonly deviceId?: string
  readonly schedule: MaintenanceSchedule
}

/** Quiet on purpose, as the core needs it. */
export interface SilenceFacts {
  readonly id: string
  /** Absent = the whole Location. */
  readonly deviceId?: string
  /** Absent = every cause. */
  readonly faultClass?: FaultClass
  readonly fromMs: EpochMs
  readonly untilMs: EpochMs
}

const minuteMs = 60_000
const minutesPerDay = 1_440

/**
 * The stretch of the schedule that goes on at this time, null where none does; `toMs` is its first moment after.
 * Across a change of summer time its ends may lie an hour off; whoever waits for the end asks again then.
 */
export function windowAt(
  schedule: MaintenanceSchedule,
  timeZone: string,
  nowMs: EpochMs,
): { readonly fromMs: EpochMs; readonly toMs: EpochMs } | null {
  if (schedule.kind === 'once') {
    const { fromMs, toMs } = schedule
    return nowMs >= fromMs && nowMs < toMs ? { fromMs, toMs } : null
  }
  const nowLocal = localMinutesOf(timeZone, nowMs)
  const began = latestBeginning(schedule, nowLocal)
  if (began === undefined || nowLocal - began >= schedule.lastsMinutes) return null
  const fromMs = nowMs - (nowMs % minuteMs) - (nowLocal - began) * minuteMs
  return { fromMs, toMs: fromMs + schedule.lastsMinutes * minuteMs }
}

/** When the last window began, counted from 1970 on the Location's own clock; undefined = not today and not yesterday, and none lasts longer than a day. */
function latestBeginning(
  schedule: Exclude<MaintenanceSchedule, { kind: 'once' }>,
  nowLocal: number,
): number | undefined {
  const today = nowLocal - (nowLocal % minutesPerDay)
  for (const day of [today, today - minutesPerDay]) {
    const untilMinute = Math.min(nowLocal - day, minutesPerDay - 1)
    const minute =
      schedule.kind === 'cron'
        ? latestCronMinute(schedule.expression, day, untilMinute)
        : latestWeeklyMinute(schedule, day, untilMinute)
    if (minute !== undefined) return day + minute
  }
  return undefined
}

function latestWeeklyMinute(
  { weekdays, from }: Extract<MaintenanceSchedule, { kind: 'weekly' }>,
  day: number,
  untilMinute: number,
): number | undefined {
  const minute = minutesOf(from)
  return minute <= untilMinute && weekdays.includes(weekdayOf(day)) ? minute : undefined
}

function latestCronMinute(expression: string, day: number, untilMinute: number): number | undefined {
  const cron = safeParseCron(expression)
  const date = new Date(day * minuteMs)
  const isDay =
    cron !== undefined &&
    matchesCronDay(cron, {
      dayOfMonth: date.getUTCDate(),
      month: date.getUTCMonth() + 1,
      weekday: weekdayOf(day),
    })
  if (!isDay) return undefined
  for (let hour = Math.floor(untilMinute / 60); hour >= 0; hour -= 1) {
    if (!cron.hours.has(hour)) continue
    for (let minute = Math.min(59, untilMinute - hour * 60); minute >= 0; minute -= 1)
      if (cron.minutes.has(minute)) return hour * 60 + minute
  }
  return undefined
}
