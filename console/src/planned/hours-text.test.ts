import { describe, expect, it } from 'vitest'
import { hoursText, parseHolidays, parseHours } from './hours-text.ts'

describe('opening hours as text', () => {
  it('reads what it writes, and what people type', () => {
    const openings = [
      { weekday: 1, from: '08:00', to: '12:00' },
      { weekday: 1, from: '13:00', to: '24:00' },
    ]
    expect(parseHours(hoursText({ openings, holidays: [] }, 1), 1)).toEqual(openings)
    expect(parseHours('8:00 - 12:00,13:00-24:00', 1)).toEqual(openings)
    expect(parseHours(' ', 2)).toEqual([])
  })

  it.each(['8 to 12', '08:00', '25:00-26:00', '08:00-24:30', '08:61-09:00'])('refuses %s', (text) => {
    expect(parseHours(text, 1)).toBeUndefined()
  })

  it('takes holidays as dates, each once', () => {
    expect(parseHolidays('2026-12-26, 2026-12-25\n2026-12-25')).toEqual(['2026-12-25', '2026-12-26'])
    expect(parseHolidays('2026-02-30')).toBeUndefined()
    expect(parseHolidays('Christmas')).toBeUndefined()
  })
})
