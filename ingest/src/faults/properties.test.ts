import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFaultCore } from './index.ts'
import { Site } from './testing/site.ts'

/** One thing that may happen to the Location, and how much time goes by behind it. */
const happening = fc.record({
  what: fc.constantFrom(
    'gateway-down',
    'gateway-up',
    'carrier-lost',
    'carrier-back',
    'wan-down',
    'wan-up',
    'dns-down',
    'dns-up',
    'pay-down',
    'pay-up',
    'silent',
    'answers',
    'late-silent',
    'late-gateway',
    'telemetry',
    'uptime',
    'close',
    'goodbye',
    'gateway-lost',
    'open',
    'restart',
    'verdict',
    'conflict',
    'mute-probes',
  ),
  device: fc.constantFrom('pos-1', 'pos-2', 'pos-3', 'printer-1', 'office-1', 'switch', 'router'),
  passMs: fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 12_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 400_000 }) },
  ),
})
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never

function play(at: Site, { what, device, passMs }: Happening): void {
  switch (what) {
    case 'gateway-down':
    case 'gateway-up':
      at.gateway(what === 'gateway-up')
      break
    case 'carrier-lost':
    case 'carrier-back':
      at.carrier(what === 'carrier-back')
      break
    case 'wan-down':
    case 'wan-up':
      at.wan(what === 'wan-up' ? 'up' : 'down', { wanLink: device !== 'pos-1' })
      break
    case 'dns-down':
    case 'dns-up':
      at.dns(what === 'dns-up')
      break
    case 'pay-down':
    case 'pay-up':
      at.paypath(what === 'pay-up' ? 'none' : 'dns')
      break
    case 'silent':
      at.silent(device)
      break
    case 'answers':
      at.answers(device)
      break
    case 'late-silent':
      at.see({ type: 'device-silent', deviceId: device, sinceMs: at.nowMs - 500_000 }, 400_000)
      break
    case 'late-gateway':
      at.see(
        {
          type: 'gateway-changed',
          uplinkId: 'primary',
          isReachable: device === 'pos-1',
          sinceMs: at.nowMs - 500_000,
        },
        400_000,
      )
      break
    case 'telemetry':
      at.telemetry()
      break
    case 'uptime':
      at.telemetry({ routerUptimeSeconds: device === 'pos-1' ? 10 : 1_000_000 })
      break
    case 'close':
      at.ingest({ type: 'session-closed', applianceId: 'app-1', how: 'will' })
      break
    case 'goodbye':
      at.ingest({ type: 'session-closed', applianceId: 'app-1', how: 'goodbye' })
      break
    case 'gateway-lost':
      at.ingest({ type: 'session-closed', applianceId: 'app-1', how: 'gateway-lost' })
      break
    case 'open':
      at.ingest({ type: 'session-opened', applianceId: 'app-1', remoteAddress: '198.51.100.7' })
      at.birth()
      break
    case 'restart':
      at.bootEpoch += 1
      at.birth()
      at.see({
        type: 'agent-started',
        previousEnd: device === 'pos-1' ? 'power-loss' : 'killed',
        downMs: 5_000,
      })
      break
    case 'verdict':
      at.see({
        type: 'verdict',
        cause: device === 'pos-1' ? 'power-cut' : device === 'pos-2' ? 'provider-down' : 'router-down',
        fromMs: at.nowMs - 100_000,
        toMs: at.nowMs,
      })
      break
    case 'conflict':
      at.see({
        type: 'ip-conflict',
        ip: '192.0.2.3',
        macs: ['00:31:92:00:00:03', '00:31:92:00:00:08'],
        isActive: device === 'pos-1',
      })
      break
    case 'mute-probes':
      at.areProbesUnavailable = !at.areProbesUnavailable
      break
  }
  at.pass(passMs)
}

/** Everything works again, and stays so. */
function healAll(at: Site): void {
  at.areProbesUnavailable = false
  at.mute.clear()
  at.ingest({ type: 'session-opened', applianceId: 'app-1', remoteAddress: '198.51.100.7' })
  at.birth()
  at.carrier(true)
  at.gateway(true)
  at.wan('up')
  at.dns(true)
  at.paypath('none')
  at.see({
    type: 'ip-conflict',
    ip: '192.0.2.3',
    macs: ['00:31:92:00:00:03', '00:31:92:00:00:08'],
    isActive: false,
  })
  for (const { id } of at.devices) at.answers(id)
  at.pass(2_000_000)
}

const story = fc.array(happening, { minLength: 1, maxLength: 25 })

describe('any timeline', () => {
  it('gives the same effects and the same state when it is read again, also through stored states', () => {
    fc.assert(
      fc.property(story, (happenings) => {
        const at = new Site().settle()
        for (const one of happenings) play(at, one)
        const core = createFaultCore({ env: 'test', profile: 'production' })
        let state = core.empty('loc-1')
        const effects = at.log.flatMap(({ nowMs, origin, event }) => {
          const result = core.reduce(core.deserialize(core.serialize(state)), structuredClone(event), {
            nowMs,
            origin,
          })
          state = result.state
          return result.effects
        })
        expect(effects).toEqual(at.effects.map(({ effect }) => effect))
        expect(Buffer.from(core.serialize(state)).toString()).toBe(
          Buffer.from(core.serialize(at.state)).toString(),
        )
      }),
      { numRuns: 60 },
    )
  })

  it('never has two open incidents of one class and root, nor a key twice', () => {
    fc.assert(
      fc.property(story, (happenings) => {
        const at = new Site().settle()
        for (const one of happenings) {
          play(at, one)
          expect(new Set(at.open).size).toBe(at.open.length)
        }
        const opened = at.incidents
          .filter(({ change }) => change === 'opened')
          .map(({ report }) => report.key)
        expect(new Set(opened).size).toBe(opened.length)
      }),
      { numRuns: 300 },
    )
  })

  it('lets every incident end: each opened key is closed once all works again', () => {
    fc.assert(
      fc.property(story, (happenings) => {
        const at = new Site().settle()
        for (const one of happenings) play(at, one)
        healAll(at)
        expect(at.open).toEqual([])
        const keys = (wanted: string) =>
          at.incidents
            .filter(({ change }) => change === wanted)
            .map(({ report }) => report.key)
            .sort()
        expect(keys('closed')).toEqual(keys('opened'))
        expect(at.core.wakeAtMs(at.state)).toBeNull()
      }),
      { numRuns: 300 },
    )
  })

  it('tells nothing of an incident before it is opened or after it is closed', () => {
    fc.assert(
      fc.property(story, (happenings) => {
        const at = new Site().settle()
        for (const one of happenings) play(at, one)
        healAll(at)
        const stateByKey = new Map<string, string>()
        for (const { change, report } of at.incidents) {
          const before = stateByKey.get(report.key)
          expect(before === undefined).toBe(change === 'opened')
          expect(before).not.toBe('closed')
          stateByKey.set(report.key, report.state)
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe('evidence in any order', () => {
  const behindRouter: readonly ((at: Site) => void)[] = [
    (at) => at.gateway(false),
    (at) => at.carrier(false),
    (at) => at.wan('down', { firstHop: false, wanLink: null }),
    (at) => at.silent('pos-1'),
    (at) => at.silent('pos-2'),
    (at) => at.silent('printer-1'),
    (at) => at.paypath('tcp'),
    (at) => at.dns(false),
  ]
  const behindWan: readonly ((at: Site) => void)[] = [
    (at) => at.wan('down', { firstHop: false, wanLink: false }),
    (at) => at.paypath('tcp'),
    (at) => at.dns(false),
  ]
  const behindSwitch = ['switch', 'pos-1', 'pos-2', 'printer-1', 'office-1'].map(
    (id) => (at: Site) => at.silent(id),
  )

  it.each([
    ['router-down router', behindRouter, ['router', 'switch', 'pos-1', 'pos-2', 'printer-1', 'office-1']],
    ['wan-link-down wan', behindWan, []],
    ['switch-down switch', behindSwitch, ['switch', 'pos-1', 'pos-2', 'printer-1', 'office-1']],
  ] as const)('within five seconds ends in one %s, and opens nothing else', (root, evidence, mute) => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...evidence], { minLength: evidence.length }),
        fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 8, maxLength: 8 }),
        (shuffled, gaps) => {
          const at = new Site().settle().forget()
          // The fault itself comes first: who is cut off answers no probe any more.
          for (const id of mute) at.mute.add(id)
          shuffled.forEach((tell, index) => {
            tell(at)
            at.pass(gaps[index] ?? 0)
          })
          at.pass(60_000)
          expect(at.open).toEqual([root])
          expect(at.story.filter((line) => line.startsWith('opened'))).toHaveLength(1)
          expect(at.last.affectedDeviceIds).toEqual([...at.last.affectedDeviceIds].sort())
        },
      ),
      { numRuns: 150 },
    )
  })
})
