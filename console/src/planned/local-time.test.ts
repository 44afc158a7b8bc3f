import { describe, expect, it } from 'vitest'
import { fromLocalText, toLocalText } from './local-time.ts'

describe('the time of a clock elsewhere', () => {
  it.each([
    ['Europe/Berlin', '2026-11-22T14:02', '2026-11-22T13:02:00Z'],
    ['Europe/Berlin', '2026-07-01T00:00', '2026-06-30T22:00:00Z'],
    ['America/New_York', '2026-03-08T01:59', '2026-03-08T06:59:00Z'],
    ['America/New_York', '2026-03-08T03:00', '2026-03-08T07:00:00Z'],
    ['Asia/Kathmandu', '2026-11-22T05:45', '2026-11-22T00:00:00Z'],
  ])('in %s: %s', (zone, text, moment) => {
    expect(new Date(fromLocalText(text, zone) ?? 0).toISOString()).toBe(new Date(moment).toISOString())
    expect(toLocalText(Date.parse(moment), zone)).toBe(text)
  })

  it('takes the first of an hour that comes twice, and skips with the clocks', () => {
    expect(fromLocalText('2026-10-25T02:30', 'Europe/Berlin')).toBe(Date.parse('2026-10-25T00:30:00Z'))
    expect(fromLocalText('2026-03-29T02:30', 'Europe/Berlin')).toBe(Date.parse('2026-03-29T01:30:00Z'))
  })

  it('knows what is no date', () => {
    expect(fromLocalText('', 'Europe/Berlin')).toBeUndefined()
    expect(fromLocalText('tomorrow', 'Europe/Berlin')).toBeUndefined()
  })
})
