import { describe, expect, it } from 'vitest'
import { type Deed, faultOf } from './deeds.ts'
import { restOf } from './leap-rest.ts'

const guest: Deed = { kind: 'heal', fault: faultOf('new-device', 'new-1') }
const burst: Deed = { kind: 'loss', link: 'wanLossRatio', ratio: 0.2 }
const calm: Deed = { kind: 'loss', link: 'wanLossRatio', ratio: 0 }
const seconds = 1_000
const acts = (...list: readonly (readonly [number, Deed])[]) => list.map(([atMs, deed]) => ({ atMs, deed }))

describe('how far time may be leapt over', () => {
  it('is to the next act, where the agent remembers no losses or nothing soon is felt on the line', () => {
    expect(restOf(acts([500 * seconds, burst]), 0, 300 * seconds, 0)).toBe(300 * seconds)
    expect(
      restOf(acts([500 * seconds, guest], [640 * seconds, burst]), 0, 300 * seconds, 120 * seconds),
    ).toBe(300 * seconds)
    expect(restOf(acts([500 * seconds, calm]), 0, 300 * seconds, 120 * seconds)).toBe(300 * seconds)
    expect(restOf([], 0, 300 * seconds, 120 * seconds)).toBe(300 * seconds)
  })

  it('leaves the agent the time to forget before a burst, also one that follows another act at once', () => {
    expect(restOf(acts([500 * seconds, burst]), 0, 300 * seconds, 120 * seconds)).toBe(180 * seconds)
    const soon = acts([400 * seconds, burst], [500 * seconds, guest], [503 * seconds, burst])
    expect(restOf(soon, 1, 300 * seconds, 120 * seconds)).toBe(183 * seconds)
  })
})
