import { describe, expect, it } from 'vitest'
import { type EpisodeFacts, judgeEpisode, judgeStart } from './verdict.ts'

const fromMs = 1_000_000
const quiet: EpisodeFacts = {
  fromMs,
  hasLostCarrier: false,
  hasLostGateway: false,
  hasLostInternet: false,
  wasWanLinkDown: false,
  hasLostFirstHop: null,
  hasLostDns: false,
  cloudLostMs: 0,
}
const router = (bootMs: number | null) => ({ bootMs })
const longBefore = router(fromMs - 86_400_000)
const after = router(fromMs + 20_000)

describe('the flight recorder', () => {
  it.each([
    ['router-down: no carrier, fresh uptime', { hasLostCarrier: true }, after, 'router-down'],
    ['appliance-cable: no carrier, unbroken uptime', { hasLostCarrier: true }, longBefore, 'appliance-cable'],
    [
      'appliance-cable without SNMP: the router answers at once',
      { hasLostCarrier: true, gatewayAfterCarrierMs: 900 },
      router(null),
      'appliance-cable',
    ],
    [
      'router-down without SNMP: the router takes its time',
      { hasLostCarrier: true, gatewayAfterCarrierMs: 14_000 },
      router(null),
      'router-down',
    ],
    ['router-down: silent with the link up', { hasLostGateway: true }, longBefore, 'router-down'],
    [
      'wan-link-down: the router said so',
      { hasLostInternet: true, wasWanLinkDown: true, hasLostFirstHop: true },
      longBefore,
      'wan-link-down',
    ],
    [
      'provider-down: first hop silent',
      { hasLostInternet: true, hasLostFirstHop: true },
      longBefore,
      'provider-down',
    ],
    [
      'provider-down: behind the first hop',
      { hasLostInternet: true, hasLostFirstHop: false },
      longBefore,
      'provider-down',
    ],
    ['cloud-unreachable: all else worked', { cloudLostMs: 90_000 }, longBefore, 'cloud-unreachable'],
  ] as const)('judges %s', (_, facts, uptime, cause) => {
    expect(judgeEpisode({ ...quiet, ...facts }, uptime)?.cause).toBe(cause)
  })

  it('has nothing to say about a short gap of the cloud alone', () => {
    expect(judgeEpisode({ ...quiet, cloudLostMs: 8_000 }, longBefore)).toBeUndefined()
  })

  it.each([
    ['power-loss', fromMs + 20_000, 'power-cut'],
    ['power-loss', fromMs - 3_600_000, 'appliance-down'],
    ['power-loss', null, undefined],
    ['killed', null, 'appliance-down'],
    ['clean', null, undefined],
    ['first-start', null, undefined],
  ] as const)('after %s with the router up since %s it says %s', (end, bootMs, cause) => {
    expect(judgeStart(end, fromMs, router(bootMs))?.cause).toBe(cause)
  })
})
