import { describe, expect, it } from 'vitest'
import { rules } from './rules.ts'
import { Site } from './testing/site.ts'

const calm = (options = {}) => new Site(options).settle().forget()

/** What is done to the Location → the one incident that must come of it. */
const causes: readonly {
  readonly name: string
  readonly happens: (at: Site) => void
  readonly opens: string
  readonly root: string | undefined
  readonly role: string
  readonly withinMs: number
  readonly affected?: readonly string[]
}[] = [
  {
    name: 'the gateway stops answering',
    happens: (at) => at.gateway(false),
    opens: 'router-down',
    root: 'router',
    role: 'router',
    withinMs: 5_000,
  },
  {
    name: 'the carrier to the router is lost while the backup uplink works',
    happens: (at) => at.carrier(false),
    opens: 'router-down',
    root: 'router',
    role: 'router',
    withinMs: 5_000,
  },
  {
    name: 'the router as a device falls silent',
    happens: (at) => at.silent('router'),
    opens: 'router-down',
    root: 'router',
    role: 'router',
    withinMs: 5_000,
  },
  {
    name: 'the router’s WAN port has no link',
    happens: (at) => at.wan('down', { firstHop: false, wanLink: false }),
    opens: 'wan-link-down',
    root: 'router',
    role: 'router',
    withinMs: 7_000,
    affected: ['pos-1', 'pos-2', 'pos-3'],
  },
  {
    name: 'the first hop is silent behind a WAN port with link',
    happens: (at) => at.wan('down', { firstHop: false, wanLink: true }),
    opens: 'provider-down',
    root: undefined,
    role: 'internet',
    withinMs: 7_000,
    affected: ['pos-1', 'pos-2', 'pos-3'],
  },
  {
    name: 'the first hop answers, nothing behind it does',
    happens: (at) => at.wan('down', { firstHop: true, wanLink: null }),
    opens: 'provider-down',
    root: undefined,
    role: 'internet',
    withinMs: 7_000,
  },
  {
    name: 'the router’s resolver stops answering',
    happens: (at) => at.dns(false),
    opens: 'dns-failing',
    root: 'router',
    role: 'router',
    withinMs: 21_000,
  },
  {
    name: 'a resolver outside stops answering',
    happens: (at) =>
      at.see({
        type: 'dns-changed',
        resolver: '198.51.100.53',
        isAnswering: false,
        otherResolverAnswers: true,
        sinceMs: at.nowMs,
      }),
    opens: 'dns-failing',
    root: undefined,
    role: 'internet',
    withinMs: 21_000,
  },
  {
    name: 'the DHCP server stops answering',
    happens: (at) =>
      at.see({ type: 'dhcp-changed', server: '192.0.2.1', isAnswering: false, sinceMs: at.nowMs }),
    opens: 'dhcp-failing',
    root: 'router',
    role: 'router',
    withinMs: 31_000,
  },
  {
    name: 'the processor cannot be reached',
    happens: (at) => at.paypath('tcp'),
    opens: 'payment-path-failing',
    root: undefined,
    role: 'payment-processor',
    withinMs: 13_000,
    affected: ['pos-1', 'pos-2', 'pos-3'],
  },
  {
    name: 'a countertop terminal falls silent',
    happens: (at) => at.silent('pos-2'),
    opens: 'pos-down',
    root: 'pos-2',
    role: 'pos-terminal',
    withinMs: 12_000,
    affected: [],
  },
  {
    name: 'the printer falls silent',
    happens: (at) => at.silent('printer-1'),
    opens: 'device-down',
    root: 'printer-1',
    role: 'printer',
    withinMs: 50_000,
  },
  {
    name: 'all behind the switch fall silent within a round',
    happens: (at) => {
      for (const id of ['switch', 'pos-1', 'pos-2', 'printer-1', 'office-1']) {
        at.silent(id)
        at.pass(2_000)
      }
    },
    opens: 'switch-down',
    root: 'switch',
    role: 'switch',
    withinMs: 12_000,
    affected: ['office-1', 'pos-1', 'pos-2', 'printer-1'],
  },
  {
    name: 'a guest’s phone takes a terminal’s address',
    happens: (at) =>
      at.see({
        type: 'ip-conflict',
        ip: '192.0.2.3',
        macs: ['00:31:92:00:00:03', '00:31:92:00:00:08'],
        isActive: true,
      }),
    opens: 'ip-conflict',
    root: 'guest-1',
    role: 'router',
    withinMs: 11_000,
    affected: ['pos-1'],
  },
  {
    name: 'the connection breaks and does not come back',
    happens: (at) => at.ingest({ type: 'session-closed', applianceId: 'app-1', how: 'will' }),
    opens: 'location-dark',
    root: undefined,
    role: 'router',
    withinMs: 33_000,
  },
  {
    name: 'the gateway restarted and the appliance does not come back',
    happens: (at) => at.ingest({ type: 'session-closed', applianceId: 'app-1', how: 'gateway-lost' }),
    opens: 'location-dark',
    root: undefined,
    role: 'router',
    withinMs: 46_000,
  },
  {
    name: 'the appliance said goodbye ten minutes ago',
    happens: (at) => at.ingest({ type: 'session-closed', applianceId: 'app-1', how: 'goodbye' }),
    opens: 'appliance-down',
    root: undefined,
    role: 'appliance',
    withinMs: 601_000,
  },
]

describe('causes', () => {
  it.each(causes)('$name: $opens', ({ happens, opens, root, role, withinMs, affected }) => {
    const at = calm()
    const startMs = at.nowMs
    happens(at)
    at.pass(660_000)
    expect(at.story.filter((line) => !line.startsWith('updated'))).toEqual([`opened ${opens}`])
    expect((at.incidents[0]?.atMs ?? 0) - startMs).toBeLessThanOrEqual(withinMs)
    expect(at.last.rootDeviceId).toBe(root)
    expect(at.last.rootRole).toBe(role)
    if (affected !== undefined) expect(at.last.affectedDeviceIds).toEqual(affected)
    expect(at.last.diagnosis).toContain('Evidence:')
    expect(`${at.last.headline}${at.last.symptoms}${at.last.diagnosis}`).not.toMatch(/[{}]|undefined/)
    expect(at.last.symptoms).not.toBe('')
  })

  it('every rule says in words what it needs to have seen', () => {
    for (const [name, rule] of Object.entries(rules)) {
      expect(rule.evidence, name).toMatch(/\.$/)
      expect(rule.explains, name).not.toContain(name)
    }
  })
})

/** What happens all day long and is no fault. */
const nuisances: readonly { readonly name: string; readonly happens: (at: Site) => void }[] = [
  { name: 'a sleeping terminal falls silent', happens: (at) => at.silent('pos-3') },
  { name: 'a guest’s phone leaves', happens: (at) => at.silent('guest-1') },
  { name: 'the office PC is switched off', happens: (at) => at.silent('office-1') },
  {
    name: 'a terminal restarts in 8 s',
    happens: (at) => {
      at.silent('pos-1')
      at.pass(4_500)
      at.mute.delete('pos-1')
      at.see({ type: 'device-restarted', deviceId: 'pos-1' })
      at.pass(5_000)
      at.answers('pos-1')
    },
  },
  {
    name: 'a handheld roams for 2 s',
    happens: (at) => {
      at.silent('pos-1')
      at.pass(1_000)
      at.answers('pos-1')
      at.see({ type: 'device-moved', deviceId: 'pos-1', from: 'port 3', to: 'port 7' })
    },
  },
  {
    name: 'a device is new',
    happens: (at) => {
      at.see({
        type: 'device-new',
        device: { ...(at.devices[7] as (typeof at.devices)[number]), id: 'guest-2', alias: 9 },
      })
    },
  },
  {
    name: 'the connection breaks for 20 s',
    happens: (at) => {
      at.ingest({ type: 'session-closed', applianceId: 'app-1', how: 'will' })
      at.pass(20_000)
      at.ingest({ type: 'session-opened', applianceId: 'app-1', remoteAddress: '198.51.100.7' })
    },
  },
  {
    name: 'a cloud gateway restarts and all appliances come back within 40 s',
    happens: (at) => {
      at.ingest({ type: 'session-closed', applianceId: 'app-1', how: 'gateway-lost' })
      at.pass(40_000)
      at.ingest({ type: 'session-opened', applianceId: 'app-1', remoteAddress: '198.51.100.7' })
    },
  },
  {
    name: 'the new connection is logged before the end of the old one',
    happens: (at) => {
      at.ingest({ type: 'session-opened', applianceId: 'app-1', remoteAddress: '198.51.100.7' })
      at.birth()
      at.ingest({ type: 'session-closed', applianceId: 'app-1', how: 'will' })
      for (let batch = 0; batch < 10; batch += 1) {
        at.pass(29_000)
        at.telemetry()
      }
    },
  },
  {
    name: 'a box that was replaced says its last word',
    happens: (at) => at.ingest({ type: 'session-closed', applianceId: 'app-0', how: 'will' }),
  },
  { name: 'the internet loses packets', happens: (at) => at.wan('degraded') },
  {
    name: 'two devices without a checkout share an address',
    happens: (at) =>
      at.see({
        type: 'ip-conflict',
        ip: '192.0.2.8',
        macs: ['00:31:92:00:00:08', '00:31:92:00:00:07'],
        isActive: true,
      }),
  },
  {
    name: 'a recovery is told of a fault nobody heard of',
    happens: (at) => {
      at.gateway(true)
      at.answers('pos-1')
      at.paypath('none')
      at.see({ type: 'verdict', cause: 'router-down', fromMs: at.nowMs - 60_000, toMs: at.nowMs })
    },
  },
  {
    name: 'an unknown device is reported silent',
    happens: (at) => at.see({ type: 'device-silent', deviceId: 'who', sinceMs: at.nowMs }),
  },
]

describe('nuisances', () => {
  it.each(nuisances)('$name: no incident', ({ happens }) => {
    const at = calm()
    happens(at)
    at.pass(400_000)
    expect(at.story).toEqual([])
  })
})
