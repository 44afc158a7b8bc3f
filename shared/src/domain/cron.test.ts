import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Cron, matchesCronDay, safeParseCron } from './cron.ts'

/** Tuesday, 10 March, 02:30. */
const night = { minute: 30, hour: 2, dayOfMonth: 10, month: 3, weekday: 2 }
const names = (cron: Cron, at: typeof night) =>
  cron.minutes.has(at.minute) && cron.hours.has(at.hour) && matchesCronDay(cron, at)

describe('a cron expression', () => {
  it.each([
    ['30 2 * * *', true],
    ['30 2 * * 2', true],
    ['30 2 * * 1,3-5', false],
    ['*/15 * * * *', true],
    ['*/20 * * * *', false],
    ['5/25 2 * * *', true],
    ['30 2 10 * *', true],
    ['30 2 11 * 2', true],
    ['30 2 11 * 3', false],
    ['30 2 * 4 *', false],
    ['0-59/10 1-3 * * *', true],
  ])('%s names Tuesday 02:30: %s', (expression, isNamed) => {
    const cron = safeParseCron(expression)
    expect(cron !== undefined && names(cron, night)).toBe(isNamed)
  })

  it('takes Sunday as 0 and as 7', () => {
    for (const expression of ['30 2 * * 0', '30 2 * * 7', '30 2 * * 6-7'])
      expect(names(safeParseCron(expression) ?? raise(), { ...night, weekday: 7 })).toBe(true)
  })

  it.each(['', '* * * *', '* * * * * *', '60 * * * *', '* 24 * * *', '* * 0 * *', '* * * 13 *', '* * * * 8'])(
    'is refused where it is none: "%s"',
    (expression) => expect(safeParseCron(expression)).toBeUndefined(),
  )

  it.each(['5-3 * * * *', '*/0 * * * *', 'a * * * *', '1- * * * *', `${'1,'.repeat(60)}1 * * * *`, '@daily'])(
    'is refused where a field is none: "%s"',
    (expression) => expect(safeParseCron(expression)).toBeUndefined(),
  )

  it('never throws, and what it takes has values within their ranges', () => {
    const field = fc.stringMatching(/^[0-9*,/-]{1,6}$/)
    fc.assert(
      fc.property(fc.array(field, { minLength: 4, maxLength: 6 }), (fields) => {
        const cron = safeParseCron(fields.join(' '))
        if (cron === undefined) return
        for (const minute of cron.minutes) expect(minute >= 0 && minute <= 59).toBe(true)
        for (const weekday of cron.weekdays) expect(weekday >= 1 && weekday <= 7).toBe(true)
      }),
    )
  })
})

function raise(): never {
  throw new Error('not taken')
}
