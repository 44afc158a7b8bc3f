import { describe, expect, it } from 'vitest'
import { chooseUplink, returnAfterMs, type UplinkStanding } from './failover.ts'

const now = 1_000_000
const well = (id: string, sinceMs = 0): UplinkStanding => ({
  id,
  hasCarrier: true,
  isGatewayReachable: true,
  isWanUp: true,
  healthySinceMono: now - sinceMs,
})
const broken = (id: string): UplinkStanding => ({
  id,
  hasCarrier: false,
  isGatewayReachable: false,
  isWanUp: null,
})

describe('the way to the cloud', () => {
  it('is the first one that is not broken', () => {
    expect(chooseUplink([well('a'), well('b')], undefined, now)).toBe('a')
    expect(chooseUplink([broken('a'), well('b')], undefined, now)).toBe('b')
  })

  it('is left as soon as it breaks', () => {
    expect(chooseUplink([broken('a'), well('b')], 'a', now)).toBe('b')
    expect(chooseUplink([{ ...well('a'), isWanUp: false }, well('b')], 'a', now)).toBe('b')
  })

  it('is taken back only after the better one was well for a minute', () => {
    expect(chooseUplink([well('a', returnAfterMs - 1), well('b')], 'b', now)).toBe('b')
    expect(chooseUplink([well('a', returnAfterMs), well('b')], 'b', now)).toBe('a')
  })

  it('is not left for one by which connecting just failed: the next connection would pass that over again', () => {
    const failed = (agoMs: number) => ({ ...well('a', returnAfterMs), failedAtMono: now - agoMs })
    expect(chooseUplink([failed(5_000), well('b')], 'b', now)).toBe('b')
    expect(chooseUplink([failed(21_000), well('b')], 'b', now)).toBe('a')
  })

  it('passes over one by which connecting just failed', () => {
    expect(chooseUplink([{ ...well('a'), failedAtMono: now - 1_000 }, well('b')], undefined, now)).toBe('b')
    expect(chooseUplink([{ ...well('a'), failedAtMono: now - 60_000 }, well('b')], undefined, now)).toBe('a')
  })

  it('tries one after the other where all are judged broken, since the judgement may be wrong', () => {
    const a = { ...well('a'), isWanUp: false, failedAtMono: now - 100 }
    const b = { ...well('b'), isWanUp: false, failedAtMono: now - 5_000 }
    expect(chooseUplink([a, b], undefined, now)).toBe('b')
    expect(chooseUplink([a], undefined, now)).toBe('a')
    expect(chooseUplink([], undefined, now)).toBeUndefined()
  })
})
