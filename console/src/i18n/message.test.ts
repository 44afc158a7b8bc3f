import { describe, expect, it } from 'vitest'
import { fillMessage } from './message.ts'

describe('a message of the catalogue', () => {
  it('takes values, and leaves a name without one as it is', () => {
    expect(
      fillMessage('{name} since {time}; {other}', { name: 'Router {time}', time: '14:02' }, 'en-GB'),
    ).toBe('Router {time} since 14:02; {other}')
  })

  it.each([
    ['en-GB', 1, '1 device'],
    ['en-GB', 0, '0 devices'],
    ['en-GB', 5_000, '5,000 devices'],
    ['de-DE', 5_000, '5.000 devices'],
  ])('counts in %s: %d', (locale, count, text) => {
    expect(fillMessage('{count, plural, one {# device} other {# devices}}', { count }, locale)).toBe(text)
  })

  it('keeps what a person typed out of its own grammar', () => {
    const name = '{count, plural, one {x} other {y}}'
    expect(fillMessage('{name}!', { name, count: 1 }, 'en-GB')).toBe(`${name}!`)
  })
})
