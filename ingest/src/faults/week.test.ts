import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { habitOf, hourOf, hoursPerWeek, noteHour, packWeek, unpackWeek } from './week.ts'

const hour = fc.integer({ min: 1, max: 31 })
const anyWeek = fc.array(hour, { minLength: hoursPerWeek, maxLength: hoursPerWeek })

describe('the week of a device', () => {
  it('reads back as it was written, each hour also by itself', () => {
    fc.assert(
      fc.property(anyWeek, fc.integer({ min: 0, max: hoursPerWeek - 1 }), (hours, bin) => {
        expect(unpackWeek(packWeek(hours))).toEqual(hours)
        expect(hourOf(packWeek(hours), bin)).toBe(hours[bin])
      }),
    )
  })

  it('knows nothing of hours nobody watched', () => {
    expect(habitOf(hourOf('', 5))).toEqual({ watched: 0, there: 0 })
    expect(habitOf(hourOf(noteHour('', 5, true), 6))).toEqual({ watched: 0, there: 0 })
  })

  it('remembers the last four weeks of each hour', () => {
    let week = ''
    for (const wasThere of [true, true, true, false, false, false]) week = noteHour(week, 167, wasThere)
    expect(habitOf(hourOf(week, 167))).toEqual({ watched: 4, there: 1 })
  })

  it('of a shop is some forty characters', () => {
    let week = ''
    for (let at = 0; at < 4 * hoursPerWeek; at += 1) {
      const isTrading = at % 24 >= 8 && at % 24 < 20 && Math.floor(at / 24) % 7 < 6
      week = noteHour(week, at % hoursPerWeek, isTrading)
    }
    expect(week).toBe('8Q12f12Q12f12Q12f12Q12f12Q12f12Q12f28Q')
  })
})
