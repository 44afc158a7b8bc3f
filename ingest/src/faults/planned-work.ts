import { type Cron, type EpochMs, type FaultClass, matchesCron, safeParseCron } from '@proactive/shared'
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
  const beginsAt = beginningsOf(schedule)
  const nowLocal = localMinutesOf(timeZone, nowMs)
  const wholeMinuteMs = nowMs - (nowMs % minuteMs)
  for (let back = 0; back < schedule.lastsMinutes; back += 1) {
    if (!beginsAt(nowLocal - back)) continue
    const fromMs = wholeMinuteMs - back * minuteMs
    return { fromMs, toMs: fromMs + schedule.lastsMinutes * minuteMs }
  }
  return null
}

/** Tells whether a window begins at a minute, counted from 1970 on the Location's own clock. */
function beginningsOf(
  schedule: Exclude<MaintenanceSchedule, { kind: 'once' }>,
): (localMinutes: number) => boolean {
  if (schedule.kind === 'cron') {
    const cron = safeParseCron(schedule.expression)
    return cron === undefined ? () => false : (localMinutes) => isCronMinute(cron, localMinutes)
  }
  const from = minutesOf(schedule.from)
  return (localMinutes) =>
    localMinutes % minutesPerDay === from && schedule.weekdays.includes(weekdayOf(localMinutes))
}

function isCronMinute(cron: Cron, localMinutes: number): boolean {
  const date = new Date(localMinutes * minuteMs)
  return matchesCron(cron, {
    minute: date.getUTCMinutes(),
    hour: date.getUTCHours(),
    dayOfMonth: date.getUTCDate(),
    month: date.getUTCMonth() + 1,
    weekday: weekdayOf(localMinutes),
  })
}
