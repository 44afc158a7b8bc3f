import { describe, expect, it } from 'vitest'
import { createLately } from './lately.ts'

describe('what was noted lately', () => {
  it('is so until its time is over, or it is forgotten', () => {
    let nowMono = 0
    const lately = createLately({ forMs: 1_000, most: 10 }, () => nowMono)
    lately.note('a')
    lately.note('b')
    nowMono = 999
    expect([lately.has('a'), lately.has('c')]).toEqual([true, false])
    lately.forget('b')
    expect(lately.has('b')).toBe(false)
    nowMono = 1_000
    expect(lately.has('a')).toBe(false)
  })

  it('counts from the last time, and the one noted longest ago goes first where there are too many', () => {
    let nowMono = 0
    const lately = createLately({ forMs: 1_000, most: 2 }, () => nowMono)
    lately.note('a')
    lately.note('b')
    nowMono = 500
    lately.note('a')
    lately.note('c')
    expect(['a', 'b', 'c'].map((key) => lately.has(key))).toEqual([true, false, true])
    nowMono = 1_400
    expect(lately.has('a')).toBe(true)
  })
})
