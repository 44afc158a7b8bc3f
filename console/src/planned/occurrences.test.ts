import type { MaintenanceWindow } from '@proactive/shared/http'
import { describe, expect, it } from 'vitest'
import { occurrencesOf } from './occurrences.ts'

const at = (text: string) => Date.parse(text)
const span = { fromMs: at('2026-11-16T00:00Z'), toMs: at('2026-11-23T00:00Z') }
const window = (schedule: MaintenanceWindow['schedule'], more: Partial<MaintenanceWindow> = {}) =>
  ({
    id: 'w1',
    locationId: 'loc-1',
    schedule,
    note: '',
    createdBy: 'user-1',
    createdAtMs: at('2026-11-01T00:00Z'),
    isActive: false,
    activeToMs: null,
    ...more,
  }) satisfies MaintenanceWindow
const told = (each: MaintenanceWindow) =>
  occurrencesOf(each, span, 'Europe/Berlin').map(({ fromMs, toMs }) =>
    [fromMs, toMs].map((ms) => new Date(ms).toISOString().slice(0, 16)),
  )

describe('planned work on the time axis', () => {
  it('comes back each week on the Location’s clock, past midnight too', () => {
    const weekly = { kind: 'weekly' as const, weekdays: [2, 7], from: '23:30', lastsMinutes: 90 }
    expect(told(window(weekly))).toEqual([
      ['2026-11-15T22:30', '2026-11-16T00:00'],
      ['2026-11-17T22:30', '2026-11-18T00:00'],
      ['2026-11-22T22:30', '2026-11-23T00:00'],
    ])
  })

  it('begins no earlier than it was planned and stops where it was ended', () => {
    const weekly = { kind: 'weekly' as const, weekdays: [1, 2, 3], from: '10:00', lastsMinutes: 60 }
    const times = { createdAtMs: at('2026-11-17T09:30Z'), endedAtMs: at('2026-11-18T09:10Z') }
    expect(told(window(weekly, times))).toEqual([
      ['2026-11-17T09:30', '2026-11-17T10:00'],
      ['2026-11-18T09:00', '2026-11-18T09:10'],
    ])
  })

  it('is shown for a crontab while it goes on', () => {
    const cron = { kind: 'cron', expression: '0 2 * * *', lastsMinutes: 30 } as const
    expect(told(window(cron))).toEqual([])
    expect(told(window(cron, { isActive: true, activeToMs: at('2026-11-20T02:30Z') }))).toEqual([
      ['2026-11-20T02:00', '2026-11-20T02:30'],
    ])
  })
})
