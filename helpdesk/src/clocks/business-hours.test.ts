import type { SupportHours } from '@proactive/shared/http'
import { describe, expect, it } from 'vitest'
import { deadlineAt } from './business-hours.ts'

const at = (text: string) => Date.parse(text)
const minutes = (count: number) => count * 60_000
const weekdays = [1, 2, 3, 4, 5].map((weekday) => ({ weekday, from: '09:00', to: '17:00' }))
const berlin: SupportHours = {
  timeZone: 'Europe/Berlin',
  calendar: { openings: weekdays, holidays: ['2026-12-25'] },
}

describe('a deadline in business hours', () => {
  it.each([
    // 2026-11-20 is a Friday; Berlin is UTC+1 in winter.
    ['within one day', '2026-11-20T09:00:00Z', 60, '2026-11-20T10:00:00Z'],
    ['over the weekend', '2026-11-20T15:30:00Z', 60, '2026-11-23T08:30:00Z'],
    ['from before the opening', '2026-11-23T03:00:00Z', 2, '2026-11-23T08:02:00Z'],
    ['from a closed Sunday', '2026-11-22T12:00:00Z', 60, '2026-11-23T09:00:00Z'],
    ['over a holiday and a weekend', '2026-12-24T15:59:00Z', 2, '2026-12-28T08:01:00Z'],
    ['over several days', '2026-11-23T08:00:00Z', 8 * 60 + 1, '2026-11-24T08:01:00Z'],
  ])('goes on %s', (_what, start, count, end) => {
    expect(new Date(deadlineAt(at(start), minutes(count), berlin)).toISOString()).toBe(
      new Date(at(end)).toISOString(),
    )
  })

  it('follows the local clock when it changes', () => {
    // Berlin goes to winter time on 2026-10-25, to summer time on 2027-03-28, both in the night to Sunday.
    expect(deadlineAt(at('2026-10-23T14:30:00Z'), minutes(60), berlin)).toBe(at('2026-10-26T08:30:00Z'))
    expect(deadlineAt(at('2027-03-26T15:30:00Z'), minutes(60), berlin)).toBe(at('2027-03-29T07:30:00Z'))
  })

  it('counts every moment without hours, and does not wait for ever for hours that never come', () => {
    expect(deadlineAt(0, minutes(5), undefined)).toBe(minutes(5))
    const never = { timeZone: 'UTC', calendar: { openings: [], holidays: [] } }
    expect(deadlineAt(0, minutes(5), never)).toBe(minutes(5))
  })
})
