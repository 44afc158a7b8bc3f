import { describe, expect, it } from 'vitest'
import { createLoadMeter } from './line-load.ts'

/** A line read each 10 s: what passes in Mbit/s downwards, and the round trips to two targets meanwhile. */
function line() {
  const meter = createLoadMeter()
  let atMono = 0
  let rxBytes = 5_000_000
  meter.traffic({ atMono, rxBytes, txBytes: 0 })
  return (mbit: number, rttMs: number, readings = 1) => {
    let told: ReturnType<typeof meter.traffic>
    for (let count = 0; count < readings; count++) {
      for (const [target, more] of [
        ['far', 30],
        ['near', 0],
      ] as const)
        for (let trip = 0; trip < 5; trip++)
          meter.roundTrip(target, rttMs + more, atMono + 1_000 + trip * 2_000)
      atMono += 10_000
      rxBytes += (mbit * 1e6 * 10) / 8
      told = meter.traffic({ atMono, rxBytes, txBytes: 0 })
    }
    return told
  }
}

describe('the line under the Location’s own load', () => {
  it('tells what a busy line adds to the round trips of everybody, against the nearest target', () => {
    const pass = line()
    expect(pass(0.05, 12, 30)).toBeUndefined()
    expect(pass(18, 212, 3)).toEqual({
      ...{ rxMbit: 18, txMbit: 0, quietRttMs: 12, busyRttMs: 212, addedRttMs: 200 },
      busyRatio: 0.5,
    })
    pass(0.05, 12, 6)
    expect(pass(0.05, 12)).toBeUndefined()
  })

  it('adds nothing on a line with a good queue, and says nothing about quiet before it has seen some', () => {
    const pass = line()
    expect(pass(18, 40)).toMatchObject({ quietRttMs: null, busyRttMs: 40, addedRttMs: null })
    pass(0.05, 12, 30)
    expect(pass(18, 14, 3)).toMatchObject({ addedRttMs: 2 })
  })

  it('takes little for no load, whatever was the most', () => {
    const pass = line()
    expect(pass(0.4, 12, 20)).toBeUndefined()
    pass(40, 50)
    pass(0.05, 12, 10)
    expect(pass(10, 60)).toBeUndefined()
  })

  it('waits for counters that the router makes anew, and lets go of those that went back', () => {
    const meter = createLoadMeter()
    const at = (atMono: number, rxBytes: number) => meter.traffic({ atMono, rxBytes, txBytes: 0 })
    at(0, 1_000)
    at(10_000, 1_000)
    // 25 MB in 20 s, not in 10.
    expect(at(20_000, 25_001_000)?.rxMbit).toBe(10)
    expect(at(30_000, 500)).toBeUndefined()
    expect(at(40_000, 12_500_500)?.rxMbit).toBe(10)
    expect(at(600_000, 900_000_000)).toBeUndefined()
  })
})
