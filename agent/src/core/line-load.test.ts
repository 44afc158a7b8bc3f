import { describe, expect, it } from 'vitest'
import { createLoadMeter } from './line-load.ts'

/** A line read each 10 s: what passes in Mbit/s downwards, and the round trips to two targets meanwhile. */
function line() {
  const meter = createLoadMeter()
  let atMono = 0
  let rxBytes = 5_000_000
  const wan = { txBytes: 0, source: 'wan', speedMbit: null }
  meter.traffic({ atMono, rxBytes, ...wan })
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
      told = meter.traffic({ atMono, rxBytes, ...wan })
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
    const at = (atMono: number, rxBytes: number) =>
      meter.traffic({ atMono, rxBytes, txBytes: 0, source: 'wan', speedMbit: null })
    at(0, 1_000)
    at(10_000, 1_000)
    // 25 MB in 20 s, not in 10.
    expect(at(20_000, 25_001_000)?.rxMbit).toBe(10)
    expect(at(30_000, 500)).toBeUndefined()
    expect(at(40_000, 12_500_500)?.rxMbit).toBe(10)
    expect(at(600_000, 900_000_000)).toBeUndefined()
  })

  /** Counters of a link of 100 Mbit/s read each 10 s, and what passed since the reading before, Mbit/s. */
  function link(speedMbit: number | null = 100) {
    const meter = createLoadMeter()
    let atMono = 0
    let rxBytes = 0
    const read = (mbit: number, source = 'wan') => {
      atMono += 10_000
      rxBytes += mbit * 1_250_000
      return meter.traffic({ atMono, rxBytes, txBytes: 0, source, speedMbit })
    }
    read(0)
    return { meter, read }
  }

  it('takes more than the link carries for no reading, so that one glitch does not hide the load of days', () => {
    const { meter, read } = link()
    expect(read(4_000)).toBeUndefined()
    expect(meter.dropped()).toBe(1)
    expect(read(18)?.rxMbit).toBe(18)
    // Counters that are some seconds old are no glitch.
    expect(read(130)?.rxMbit).toBe(130)
    expect(meter.dropped()).toBe(1)
    expect(read(60)?.busyRatio).toBe(1)
  })

  it('has a ceiling where the router tells no speed', () => {
    const { meter, read } = link(null)
    expect(read(40_000)).toBeUndefined()
    expect(read(900)?.rxMbit).toBe(900)
    expect(meter.dropped()).toBe(1)
  })

  it('believes the counters where they contradict the told speed for a minute', () => {
    const { meter, read } = link(10)
    for (let reading = 0; reading < 6; reading++) expect(read(80)).toBeUndefined()
    expect(read(80)?.rxMbit).toBe(80)
    expect(meter.dropped()).toBe(6)
  })

  it('begins anew with the counters of another interface', () => {
    const { meter, read } = link()
    read(20)
    expect(read(90, 'lte')).toBeUndefined()
    expect(read(30, 'lte')?.rxMbit).toBe(30)
    expect(meter.dropped()).toBe(0)
  })
})
