import { describe, expect, it } from 'vitest'
import { isVersion } from './private-words.ts'

describe('what looks like a version', () => {
  it.each(['2.3.3', 'v1.08.1', 'V4.62(AALB.0)', 'FW 1.2.7 build 18', '1.2.7 - (b18)', '7.4.1+r2'])(
    'takes %s',
    (text) => {
      expect(isVersion(text)).toBe(true)
    },
  )

  it.each(['192.168.1.1', '23.5', '23.5 °C', '2024.11.02', '1.3.6.1.4.1', '1.1 a b c d e'])(
    'leaves %s',
    (text) => {
      expect(isVersion(text)).toBe(false)
    },
  )

  it.each(['.', '-', '(', 'a', '1', ' ', '.1', 'v.', '1.'])(
    'is told at once of a text that goes on with %j',
    (part) => {
      const hostile = `${`1.1${part.repeat(44)}`.slice(0, 47)}!`
      const startedMs = performance.now()
      for (let round = 0; round < 100; round += 1) expect(isVersion(hostile)).toBe(false)
      expect(performance.now() - startedMs).toBeLessThan(500)
    },
  )
})
