import { describe, expect, it } from 'vitest'
import { backoffMs } from './backoff.ts'
import { downTimeMs, judgePreviousEnd } from './previous-run.ts'
import { lookAtClock, nextBootEpoch, shiftTimes, type Timeline, wallMs } from './timeline.ts'
import { hasRestarted } from './uptime.ts'

describe('timeline', () => {
  const unsynced: Timeline = { state: 'unsynced', offsetMs: 1_000 }

  it('tells when the clock became trusted, and by how much it was wrong', () => {
    const look = lookAtClock(unsynced, { wallMs: 1_700_000_000_000, monoMs: 500, isTrusted: true })
    expect(look).toEqual({
      timeline: { state: 'synced', offsetMs: 1_699_999_999_500 },
      stepMs: 1_699_999_998_500,
      isTold: true,
    })
    expect(wallMs(look.timeline, 500)).toBe(1_700_000_000_000)
  })

  it('does not tell drift, and does not lose trust', () => {
    const synced: Timeline = { state: 'synced', offsetMs: 1_000_000 }
    expect(lookAtClock(synced, { wallMs: 1_000_900, monoMs: 500, isTrusted: false })).toMatchObject({
      isTold: false,
      timeline: { state: 'synced' },
    })
  })

  it('follows a step that its source vouches for, either way', () => {
    for (const hours of [3, -3]) {
      const nowMs = 1_700_000_000_000 + hours * 3_600_000
      const before: Timeline = { state: 'synced', offsetMs: 1_700_000_000_000 - 500 }
      const look = lookAtClock(before, {
        wallMs: nowMs,
        monoMs: 500,
        isTrusted: true,
        lastSyncMs: nowMs - 4_000,
      })
      expect(look).toMatchObject({ stepMs: hours * 3_600_000, isTold: true, timeline: { state: 'synced' } })
      expect(wallMs(look.timeline, 500)).toBe(nowMs)
    }
  })

  it('goes on by the monotonic clock when somebody sets the clock by hand, until its source sets it right', () => {
    const right = 1_700_000_000_000
    for (const hours of [3, -3]) {
      const wrong = hours * 3_600_000
      const reading = (monoMs: number, lastSyncMs: number) => ({
        ...{ wallMs: right + wrong + monoMs, monoMs, isTrusted: true, lastSyncMs },
      })
      let { timeline } = lookAtClock({ state: 'synced', offsetMs: right }, reading(5_000, right))
      expect(wallMs(timeline, 5_000)).toBe(right + 5_000)
      expect(timeline.state).toBe('synced')
      timeline = lookAtClock(timeline, reading(60_000, right)).timeline
      expect(wallMs(timeline, 60_000)).toBe(right + 60_000)
      // Nobody ever sets it right: the monotonic clock alone is not believed for ever.
      const late = lookAtClock(timeline, reading(7 * 3_600_000, right))
      expect(late).toMatchObject({ isTold: true, timeline: { state: 'unsynced', offsetMs: right } })
      const back = lookAtClock(late.timeline, {
        ...{ wallMs: right + 8 * 3_600_000, monoMs: 8 * 3_600_000, isTrusted: true },
        lastSyncMs: right + 8 * 3_600_000,
      })
      expect(back.timeline).toEqual({ state: 'synced', offsetMs: right })
    }
  })

  it('moves every time of a change that this clock told, and nothing else', () => {
    const change = {
      type: 'verdict',
      fromMs: 10,
      toMs: null,
      silentMs: 7,
      evidence: [{ atMs: 20, target: 'x' }],
    }
    const all = { fromMs: 0, toMs: 100 }
    expect(shiftTimes(change, 5, all)).toEqual({
      ...change,
      fromMs: 15,
      evidence: [{ atMs: 25, target: 'x' }],
    })
    expect(shiftTimes({ sinceMs: 3 }, -10, all)).toEqual({ sinceMs: 0 })
    // The last sign of life of the run before was told by a clock that was right.
    const range = { fromMs: 5_000, toMs: 9_000 }
    expect(shiftTimes({ fromMs: 1_700_000_000_000, toMs: 6_000 }, 1_000_000, range)).toEqual({
      fromMs: 1_700_000_000_000,
      toMs: 1_006_000,
    })
    expect(shiftTimes({ fromMs: 4_000, toMs: 6_000 }, 1_000_000, range)).toEqual({
      fromMs: 4_000,
      toMs: 1_006_000,
    })
  })

  it('numbers starts upwards, also when the clock went back', () => {
    expect(nextBootEpoch(undefined, 1_700_000_000_500)).toBe(1_700_000_000)
    expect(nextBootEpoch(1_700_000_000, 1_700_000_000_900)).toBe(1_700_000_001)
    expect(nextBootEpoch(1_700_000_000, 5_000)).toBe(1_700_000_001)
  })
})

describe('how the run before ended', () => {
  const run = { bootEpoch: 1, bootId: 'a', isClean: false, lastAlias: 0 }
  it.each([
    [undefined, 'a', 'first-start'],
    [run, 'a', 'killed'],
    [run, 'b', 'power-loss'],
    [{ ...run, isClean: true }, 'a', 'clean'],
    [{ ...run, isClean: true }, 'b', 'reboot'],
    [run, 'unknown', 'unknown'],
  ] as const)('%o at boot %s: %s', (previous, bootId, end) => {
    expect(judgePreviousEnd(previous, bootId)).toBe(end)
  })

  it('is null for a down time that no two trusted clocks measured', () => {
    expect(downTimeMs({ atMs: 10, clock: 'synced' }, { atMs: 60, clock: 'synced' })).toBe(50)
    expect(downTimeMs({ atMs: 10, clock: 'unsynced' }, { atMs: 60, clock: 'synced' })).toBeNull()
  })
})

describe('uptime', () => {
  it('shows a restart, but neither jitter nor the wrap after 497 days', () => {
    const before = { atMono: 0, uptimeMs: 3_600_000 }
    expect(hasRestarted(before, { atMono: 10_000, uptimeMs: 3_609_000 })).toBe(false)
    expect(hasRestarted(before, { atMono: 60_000, uptimeMs: 20_000 })).toBe(true)
    const wrap = 2 ** 32 * 10
    expect(hasRestarted({ atMono: 0, uptimeMs: wrap - 4_000 }, { atMono: 10_000, uptimeMs: 6_000 })).toBe(
      false,
    )
  })
})

describe('backoff', () => {
  it('tries again within a second at first, and within 15 s for ever', () => {
    expect(backoffMs(1, 0.999)).toBeLessThanOrEqual(1_000)
    for (let attempt = 1; attempt < 60; attempt++) {
      expect(backoffMs(attempt, 0)).toBeGreaterThanOrEqual(200)
      expect(backoffMs(attempt, 1)).toBeLessThanOrEqual(15_000)
    }
  })
})
