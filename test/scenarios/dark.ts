import {
  allAnswer,
  allSilent,
  broken,
  darkFor,
  gatewayLost,
  goodbye,
  hour,
  minute,
  open,
  type Scenario,
} from './scenario.ts'

const oneWayOut = { hasBackupUplink: false }

/** Darkness, its explanations, starts of agent and cloud, clocks and history that comes late. */
export const darkScenarios: readonly Scenario[] = [
  {
    name: 'dark-then-told-provider',
    why: 'Nobody else explains afterwards why it was dark',
    expected: ['provider-down -'],
    options: oneWayOut,
    play(at) {
      darkFor(at, 10 * minute, 'provider-down')
      at.pass(15 * minute)
    },
  },
  {
    name: 'dark-then-told-router',
    why: 'The same darkness, another owner',
    expected: ['router-down router'],
    options: oneWayOut,
    play(at) {
      darkFor(at, 10 * minute, 'router-down')
      at.pass(15 * minute)
    },
  },
  {
    name: 'dark-then-told-line',
    why: 'The router’s own WAN port had no link',
    expected: ['wan-link-down router'],
    options: oneWayOut,
    play(at) {
      darkFor(at, 10 * minute, 'wan-link-down')
      at.pass(15 * minute)
    },
  },
  {
    name: 'dark-power-cut-devices-boot-slowly',
    why: 'What still boots after a power cut belongs to it',
    expected: ['power-cut -'],
    options: oneWayOut,
    play(at) {
      darkFor(at, 8 * minute, 'power-cut', true)
      for (const id of ['pos-1', 'pos-2', 'printer-1']) at.silent(id)
      at.pass(70_000)
      allAnswer(at)
      at.pass(15 * minute)
    },
  },
  {
    name: 'dark-only-the-way-to-the-cloud',
    why: 'All worked on site but the way to us',
    expected: ['cloud-unreachable -'],
    options: oneWayOut,
    play(at) {
      darkFor(at, 6 * minute, 'cloud-unreachable')
      at.pass(15 * minute)
    },
  },
  {
    name: 'dark-own-cable',
    why: 'Uptime Kuma 774: the monitor itself lost its link',
    expected: ['appliance-cable -'],
    options: oneWayOut,
    play(at) {
      darkFor(at, 6 * minute, 'appliance-cable')
      at.pass(15 * minute)
    },
  },
  {
    name: 'dark-and-nobody-says-why',
    why: 'Without an explanation it stays what it was: dark, and it closes',
    expected: ['location-dark -'],
    options: oneWayOut,
    play(at) {
      darkFor(at, 6 * minute, null)
      at.pass(20 * minute)
    },
  },
  {
    name: 'dark-for-twenty-six-hours-then-history-comes',
    why: 'Telegraf 802: history that comes late must raise nothing by itself',
    expected: ['provider-down -'],
    options: oneWayOut,
    play(at) {
      darkFor(at, 26 * hour, 'provider-down')
      for (let back = 12; back > 0; back -= 1) {
        at.telemetry({ agoMs: back * 2 * hour, lane: 'backlog' })
        at.see(
          { type: 'device-silent', deviceId: 'pos-1', sinceMs: at.nowMs - back * 2 * hour },
          back * 2 * hour,
        )
        at.pass(500)
      }
      at.pass(15 * minute)
    },
  },
  {
    name: 'connection-breaks-for-ten-seconds',
    why: 'A reconnect within the patience is no darkness',
    expected: [],
    play(at) {
      at.ingest(broken)
      at.pass(10_000)
      at.ingest(open)
      at.birth()
      at.telemetry()
      at.pass(10 * minute)
    },
  },
  {
    name: 'dark-twice-in-a-row',
    why: 'Dark again before it stayed well is the same episode',
    expected: ['provider-down -'],
    options: oneWayOut,
    play(at) {
      darkFor(at, 4 * minute, 'provider-down')
      at.pass(minute)
      darkFor(at, 4 * minute, 'provider-down')
      at.pass(20 * minute)
    },
  },
  {
    name: 'gateway-restart-everybody-comes-back',
    why: 'Sessions are unknown after a restart of ours, not broken',
    expected: [],
    play(at) {
      at.ingest(gatewayLost)
      at.pass(30_000)
      at.ingest(open)
      at.birth()
      at.telemetry()
      at.pass(10 * minute)
    },
  },
  {
    name: 'gateway-restart-one-does-not-come-back',
    why: 'Who is not back after 45 s is dark',
    expected: ['location-dark -'],
    options: oneWayOut,
    play(at) {
      at.ingest(gatewayLost)
      at.pass(5 * minute)
      at.ingest(open)
      at.birth()
      at.telemetry()
      at.pass(20 * minute)
    },
  },
  {
    name: 'goodbye-for-an-update',
    why: 'An appliance that said goodbye is not dark',
    expected: [],
    play(at) {
      at.ingest(goodbye)
      at.pass(3 * minute)
      at.bootEpoch += 1
      at.ingest(open)
      at.birth()
      at.see({ type: 'agent-started', previousEnd: 'clean', downMs: 180_000 })
      at.telemetry()
      at.pass(10 * minute)
    },
  },
  {
    name: 'goodbye-and-never-back',
    why: 'A long absence after a goodbye is the appliance’s, not the shop’s',
    expected: ['appliance-down -'],
    play(at) {
      at.ingest(goodbye)
      at.pass(30 * minute)
      at.bootEpoch += 1
      at.ingest(open)
      at.birth()
      at.telemetry()
      at.pass(15 * minute)
    },
  },
  {
    name: 'agent-killed-network-goes-on',
    why: 'The monitor’s own end is no fault of the network',
    expected: ['appliance-down -'],
    options: oneWayOut,
    play(at) {
      at.ingest(broken)
      at.pass(4 * minute)
      at.bootEpoch += 1
      at.ingest(open)
      at.birth()
      at.see({ type: 'agent-started', previousEnd: 'killed', downMs: 240_000 })
      at.telemetry()
      at.pass(15 * minute)
    },
  },
  {
    name: 'agent-start-holds-until-all-were-seen',
    why: 'Uptime Kuma 4101: a storm of notices at the monitor’s own start',
    expected: [],
    play(at) {
      for (const { id } of at.devices) if (id !== 'router') at.mute.add(id)
      at.bootEpoch += 1
      at.birth()
      at.see({ type: 'agent-started', previousEnd: 'reboot', downMs: 60_000 })
      allSilent(at, ['router', 'switch'])
      at.pass(20_000)
      allAnswer(at)
      at.pass(10 * minute)
    },
  },
  {
    name: 'terminal-gone-since-before-the-restart',
    why: 'A hold after a start ends: what is really away is told then',
    expected: ['pos-down pos-1'],
    play(at) {
      at.bootEpoch += 1
      at.ingest(broken)
      at.pass(5_000)
      at.ingest(open)
      at.birth()
      at.pass(10_000)
      at.silent('pos-1')
      at.pass(5 * minute)
      at.answers('pos-1')
      at.pass(10 * minute)
    },
  },
  {
    name: 'clock-begins-in-1970',
    why: 'OctoPi 606: years of wrong time at boot',
    expected: ['pos-down pos-1'],
    options: { clock: 'unsynced' },
    play(at) {
      at.clockBehindMs = 1_700_000_000_000
      at.bootEpoch += 1
      at.birth()
      at.pass(minute)
      at.silent('pos-1')
      at.pass(5 * minute)
      at.answers('pos-1')
      at.pass(10 * minute)
    },
  },
  {
    name: 'clock-runs-an-hour-ahead',
    why: 'netdata 14432: a point from the future raises nothing',
    expected: [],
    play(at) {
      at.clockBehindMs = -hour
      at.silent('pos-1')
      at.pass(3 * minute)
      at.answers('pos-1')
      at.clockBehindMs = 0
      at.pass(10 * minute)
    },
  },
  {
    name: 'old-word-arrives-late',
    why: 'A late message tells of the past',
    expected: [],
    play(at) {
      at.see({ type: 'device-silent', deviceId: 'pos-1', sinceMs: at.nowMs - 20 * minute }, 15 * minute)
      at.pass(minute)
      at.telemetry()
      at.pass(10 * minute)
    },
  },
  {
    name: 'provider-gives-another-address',
    why: 'openwisp 519: an appliance behind NAT comes from anywhere',
    expected: [],
    play(at) {
      at.ingest(broken)
      at.pass(4_000)
      at.ingest({ ...open, remoteAddress: '203.0.113.99' })
      at.birth()
      at.telemetry()
      at.pass(10 * minute)
    },
  },
  {
    name: 'provider-outage-accounts-for-this-location',
    why: 'One Issue for a provider’s outage; this Location records its part',
    expected: ['provider-down -'],
    withoutIssue: ['provider-down -'],
    options: oneWayOut,
    play(at) {
      at.ingest(broken)
      at.pass(12_000)
      at.ingest({ type: 'fleet-judged', parent })
      at.pass(20 * minute)
      at.ingest(open)
      at.birth()
      at.pass(500)
      at.see({ type: 'verdict', cause: 'provider-down', fromMs: at.nowMs - 20 * minute, toMs: at.nowMs })
      at.telemetry()
      at.pass(10 * minute)
      at.ingest({ type: 'fleet-judged', parent: null })
      at.pass(5 * minute)
    },
  },
  {
    name: 'outage-over-this-location-stays-dark',
    why: 'Who stays dark after the others are back gets an Issue of its own',
    expected: ['router-down router'],
    options: oneWayOut,
    play(at) {
      at.ingest(broken)
      at.pass(12_000)
      at.ingest({ type: 'fleet-judged', parent })
      at.pass(20 * minute)
      at.ingest({ type: 'fleet-judged', parent: null })
      at.pass(10 * minute)
      at.ingest(open)
      at.birth()
      at.pass(500)
      at.see({ type: 'verdict', cause: 'router-down', fromMs: at.nowMs - 30 * minute, toMs: at.nowMs })
      at.telemetry()
      at.pass(15 * minute)
    },
  },
]

const parent = {
  key: 'px-test-aaaaaaaaaaaaaaaaaaaaaaaaaa',
  faultClass: 'provider-outage',
  headline: 'Outage at Example Net since 14:00: 240 Locations offline',
} as const
