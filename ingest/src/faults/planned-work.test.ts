import { matchesCronDay, safeParseCron } from '@proactive/shared'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { windowAt } from './planned-work.ts'
import type { MaintenanceSchedule } from './vocabulary.ts'

const minuteMs = 60_000

/** Minute by minute backwards, in UTC: slow and plain. */
function scan(schedule: Exclude<MaintenanceSchedule, { kind: 'once' }>, nowMs: number) {
  const cron = schedule.kind === 'cron' ? safeParseCron(schedule.expression) : undefined
  const begins = (at: Date): boolean => {
    const weekday = at.getUTCDay() || 7
    if (schedule.kind === 'weekly')
      return at.toISOString().slice(11, 16) === schedule.from && schedule.weekdays.includes(weekday)
    return (
      cron?.minutes.has(at.getUTCMinutes()) === true &&
      cron.hours.has(at.getUTCHours()) &&
      matchesCronDay(cron, { dayOfMonth: at.getUTCDate(), month: at.getUTCMonth() + 1, weekday })
    )
  }
  const wholeMinuteMs = nowMs - (nowMs % minuteMs)
  for (let back = 0; back < schedule.lastsMinutes; back += 1) {
    const fromMs = wholeMinuteMs - back * minuteMs
    if (begins(new Date(fromMs))) return { fromMs, toMs: fromMs + schedule.lastsMinutes * minuteMs }
  }
  return null
}

const field = (least: number, most: number) =>
  fc.oneof(
    fc.constant('*'),
    fc.integer({ min: least, max: most }).map(String),
    fc.integer({ min: 2, max: 7 }).map((step) => `*/${step}`),
    fc.tuple(fc.integer({ min: least, max: most }), fc.integer({ min: least, max: most })).map(String),
  )
const lastsMinutes = fc.integer({ min: 5, max: 1_440 })
const cron = fc
  .tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7), lastsMinutes)
  .map(([minute, hour, day, month, weekday, lasts]) => ({
    kind: 'cron' as const,
    expression: [minute, hour, day, month, weekday].join(' '),
    lastsMinutes: lasts,
  }))
const weekly = fc
  .tuple(
    fc.integer({ min: 0, max: 1_439 }),
    fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
    lastsMinutes,
  )
  .map(([from, weekdays, lasts]) => ({
    kind: 'weekly' as const,
    from: new Date(from * minuteMs).toISOString().slice(11, 16),
    weekdays,
    lastsMinutes: lasts,
  }))

describe('the window that goes on', () => {
  it('is the one that a look at every minute finds', () => {
    fc.assert(
      fc.property(
        fc.oneof(cron, weekly),
        fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2028, 0, 1) }),
        (schedule, nowMs) => {
          expect(windowAt(schedule, 'UTC', nowMs)).toEqual(scan(schedule, nowMs))
        },
      ),
      { numRuns: 200 },
    )
  })

  it('is found beyond midnight, on the Location’s own clock', () => {
    const schedule = { kind: 'cron', expression: '30 23 * * 6', lastsMinutes: 180 } as const
    // Sunday 01:00 in Berlin.
    const nowMs = Date.UTC(2026, 10, 22, 0, 0)
    expect(windowAt(schedule, 'Europe/Berlin', nowMs)).toEqual({
      fromMs: Date.UTC(2026, 10, 21, 22, 30),
      toMs: Date.UTC(2026, 10, 22, 1, 30),
    })
    expect(windowAt(schedule, 'Europe/Berlin', nowMs + 90 * minuteMs)).toBeNull()
  })
})
