import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFaultCore } from './index.ts'
import type { LocationConfig } from './model.ts'
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
    'line-bad',
    'line-good',
    'loss-told',
    'plan',
    'quiet',
    'unplan',
    'dhcp-down',
    'dhcp-up',
    'forget',
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
    case 'line-bad':
    case 'line-good':
      for (let batch = 0; batch < 5; batch += 1) {
        at.telemetry({ line: { rttMs: 12, lossRatio: what === 'line-bad' ? 0.6 : 0 }, payMs: 90 })
        at.pass(30_000)
      }
      break
    case 'loss-told':
      at.see({
        type: 'wan-changed',
        uplinkId: 'primary',
        state: 'degraded',
        firstHop: true,
        wanLink: true,
        lossRatio: device === 'pos-1' ? 0.15 : 0.6,
        sinceMs: at.nowMs,
      })
      break
    case 'plan':
      configure(at, {
        maintenance: [
          {
            id: 'work-1',
            ...(device === 'router' ? {} : { deviceId: device }),
            schedule: { kind: 'once', fromMs: at.nowMs, toMs: at.nowMs + 2 * passMs + 1 },
          },
        ],
      })
      break
    case 'quiet':
      configure(at, { silences: [{ id: 'quiet-1', fromMs: at.nowMs, untilMs: at.nowMs + 2 * passMs + 1 }] })
      break
    case 'unplan':
      configure(at, {})
      break
    case 'dhcp-down':
    case 'dhcp-up':
      at.see({
        type: 'dhcp-changed',
        server: '192.0.2.1',
        isAnswering: what === 'dhcp-up',
        sinceMs: at.nowMs,
      })
      break
    case 'forget':
      at.birth({ devices: at.devices.filter(({ id }) => id !== device) })
      break
    case 'mute-probes':
      at.areProbesUnavailable = !at.areProbesUnavailable
      break
  }
  at.pass(passMs)
}

function configure(at: Site, more: Partial<LocationConfig>): void {
  const { config } = at.state
  if (config === null) throw new Error('not configured')
  const { maintenance: _work, silences: _quiet, ...rest } = config
  at.ingest({ type: 'location-configured', config: { ...rest, ...more } })
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
  at.see({ type: 'dhcp-changed', server: '192.0.2.1', isAnswering: true, sinceMs: at.nowMs })
  for (let batch = 0; batch < 40; batch += 1) {
    at.telemetry({ line: { rttMs: 12, lossRatio: 0 }, payMs: 90 })
    at.pass(30_000)
  }
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
      { numRuns: 40 },
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
      { numRuns: 150 },
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
      { numRuns: 150 },
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
      { numRuns: 100 },
    )
  })
})

describe('silence', () => {
  it('closes nothing: what stands when the last word was said stands after a month without any', () => {
    fc.assert(
      fc.property(story, fc.boolean(), (happenings, isConnected) => {
        const at = new Site().settle()
        for (const one of happenings) play(at, one)
        if (!isConnected) at.ingest({ type: 'session-closed', applianceId: 'app-1', how: 'will' })
        const standing = at.state.incidents.filter(({ goodSinceMs }) => goodSinceMs === null)
        at.areProbesUnavailable = true
        at.pass(30 * 86_400_000)
        const open = new Set(at.state.incidents.map(({ key }) => key))
        const closed = new Map(at.incidents.map(({ report }) => [report.key, report]))
        for (const { key } of standing) {
          const why = closed.get(key)?.reasons.at(-1)?.text ?? ''
          expect(open.has(key) || why.startsWith('Explained by another fault')).toBe(true)
        }
      }),
      { numRuns: 150 },
    )
  })
})

describe('what is held back', () => {
  it('has its Issue after the last planned work, or is over', () => {
    fc.assert(
      fc.property(story, (happenings) => {
        const at = new Site().settle()
        for (const one of happenings) play(at, one)
        at.pass(2_000_000)
        for (const incident of at.state.incidents)
          expect(incident.state === 'recovering' || incident.heldBy === null).toBe(true)
      }),
      { numRuns: 150 },
    )
  })
})
