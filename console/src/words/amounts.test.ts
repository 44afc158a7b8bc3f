import { describe, expect, it } from 'vitest'
import { rateWords, usualWords } from './amounts.ts'

describe('amounts', () => {
  it.each([
    [0, '0 bit/s'],
    [950, '950 bit/s'],
    [12_345, '12.3 kbit/s'],
    [1_500_000, '1.5 Mbit/s'],
    [1_000_000_000, '1 Gbit/s'],
  ])('%d bits a second read %s', (bits, words) => {
    expect(rateWords(bits)).toBe(words)
  })

  it.each([
    [18.04, 24.2, 'usual 18–24.2 ms'],
    [180.4, 242.2, 'usual 180–242 ms'],
    [0.2, 0.2, 'usual 0.2 ms'],
    [0.351, 1.2, 'usual 0.35–1.2 ms'],
  ])('from %d to %d is usual: %s', (lowMs, highMs, words) => {
    expect(usualWords({ lowMs, highMs })).toBe(words)
  })
})
