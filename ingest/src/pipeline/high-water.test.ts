import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { restoreHighWater, storeHighWater, takeNew } from './high-water.ts'

describe('the high-water mark', () => {
  it('takes each message once, in whatever chunks an appliance resends them, also across snapshots', () => {
    const resend = fc.record({
      epoch: fc.integer({ min: 1, max: 4 }),
      lane: fc.constantFrom('live' as const, 'backlog' as const),
      from: fc.integer({ min: 1, max: 20 }),
    })
    fc.assert(
      fc.property(fc.array(resend, { maxLength: 40 }), (resends) => {
        let marks = restoreHighWater([])
        const sentUpTo = new Map<string, number>()
        const taken = new Map<string, number[]>()
        for (const { epoch, lane, from } of resends) {
          const key = `${epoch}/${lane}`
          const known = sentUpTo.get(key) ?? 0
          // Everything from a place already sent, plus three new ones: what a resend after a broken connection looks like.
          for (let seq = Math.min(from, known + 1); seq <= known + 3; seq++) {
            if (takeNew(marks, { bootEpoch: epoch, lane, seq }))
              taken.set(key, [...(taken.get(key) ?? []), seq])
          }
          sentUpTo.set(key, known + 3)
          marks = restoreHighWater(storeHighWater(marks))
        }
        for (const [key, upTo] of sentUpTo)
          expect(taken.get(key)).toEqual(Array.from({ length: upTo }, (_, index) => index + 1))
      }),
    )
  })

  it('forgets the oldest start when it remembers too many, and calls what is older a repeat', () => {
    const marks = restoreHighWater([])
    for (let epoch = 1; epoch <= 300; epoch++) takeNew(marks, { bootEpoch: epoch, lane: 'live', seq: 1 })
    expect(marks.size).toBe(256)
    expect(takeNew(marks, { bootEpoch: 1, lane: 'live', seq: 5 })).toBe(false)
    expect(takeNew(marks, { bootEpoch: 300, lane: 'backlog', seq: 1 })).toBe(true)
  })
})
