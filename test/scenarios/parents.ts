import { device, shop } from '../../ingest/src/faults/testing/site.ts'
import { allAnswer, allSilent, minute, type Scenario } from './scenario.ts'

const many = [
  ...shop,
  ...Array.from({ length: 24 }, (_, index) => device(`till-${index + 1}`, 20 + index, 'pos-terminal')),
]

const on = (deviceId: string, port: number) => ({ attachedTo: { deviceId, port } })

/** Two switches that tell who hangs on them, and tills on the router’s own ports. */
const twoSwitches = [
  device('router', 1, 'router', { isGateway: true }),
  device('sw-front', 2, 'switch'),
  device('sw-back', 3, 'switch'),
  device('pos-1', 4, 'pos-terminal', on('sw-front', 3)),
  device('pos-2', 5, 'pos-terminal', on('sw-back', 2)),
  device('office-1', 6, 'workstation', on('sw-front', 4)),
  ...Array.from({ length: 6 }, (_, index) => device(`till-${index + 1}`, 10 + index, 'pos-terminal')),
]

/** Who is at fault and who merely suffers: the most asked-for thing of all trackers, and the most often broken. */
export const parentScenarios: readonly Scenario[] = [
  {
    name: 'router-down-thirty-children',
    why: 'Uptime Kuma 1089: thirty notices for one dead router',
    expected: ['router-down router'],
    options: { devices: many },
    play(at) {
      at.gateway(false)
      at.pass(2_000)
      allSilent(at)
      at.pass(5 * minute)
      at.gateway(true)
      allAnswer(at)
      at.pass(10 * minute)
    },
  },
  {
    name: 'children-seconds-before-their-router',
    why: 'LibreNMS 8353: a child polled before its parent opened an alert of its own',
    expected: ['router-down router'],
    play(at) {
      for (const id of ['pos-2', 'pos-1', 'printer-1']) {
        at.mute.add('router')
        at.silent(id)
        at.pass(1_500)
      }
      at.gateway(false)
      at.pass(5 * minute)
      at.gateway(true)
      allAnswer(at)
      at.pass(10 * minute)
    },
  },
  {
    name: 'switch-down-noticed-late-without-raw-arp',
    why: 'The kernel believed in the printer for a minute longer than in the terminals, and it got an Issue beside that of the switch',
    expected: ['switch-down switch'],
    play(at) {
      for (const id of ['pos-1', 'pos-2', 'switch']) at.mute.add(id)
      at.silent('pos-1')
      at.pass(6_000)
      at.silent('switch')
      at.silent('pos-2')
      at.pass(58_000)
      at.silent('printer-1', at.nowMs - 5_000)
      at.pass(5 * minute)
      for (const id of ['switch', 'pos-1', 'pos-2', 'printer-1']) at.answers(id)
      at.pass(10 * minute)
    },
  },
  {
    name: 'known-switch-explains-its-only-terminal',
    why: 'One terminal and its switch are two silent devices among many: only the switch’s own tables tell that they are one fault',
    expected: ['switch-down sw-front'],
    options: { devices: twoSwitches },
    play(at) {
      at.silent('pos-1')
      at.pass(4_000)
      at.silent('sw-front')
      at.pass(5 * minute)
      at.answers('sw-front')
      at.answers('pos-1')
      at.pass(10 * minute)
    },
  },
  {
    name: 'known-switch-answers-its-terminal-does-not',
    why: 'What is above a silent terminal and answers is no cause of it; two on different switches are two faults',
    expected: ['pos-down pos-1', 'pos-down pos-2'],
    options: { devices: twoSwitches.filter(({ id }) => !id.startsWith('till')) },
    play(at) {
      at.silent('pos-1')
      at.pass(5_000)
      at.silent('pos-2')
      at.pass(5 * minute)
      at.answers('pos-2')
      at.answers('pos-1')
      at.pass(10 * minute)
    },
  },
  {
    name: 'router-back-one-terminal-stays-away',
    why: 'Alertmanager 2754: what was inhibited was forgotten when its parent came back',
    expected: ['router-down router', 'pos-down pos-1'],
    play(at) {
      at.gateway(false)
      at.pass(1_000)
      allSilent(at)
      at.pass(4 * minute)
      at.gateway(true)
      for (const { id } of at.devices) if (id !== 'pos-1') at.answers(id)
      at.pass(12 * minute)
      at.answers('pos-1')
      at.pass(10 * minute)
    },
  },
  {
    name: 'terminal-was-down-before-its-router',
    why: 'A fault older than its parent is no consequence of it',
    expected: ['pos-down pos-1', 'router-down router'],
    play(at) {
      at.silent('pos-1')
      at.pass(6 * minute)
      at.gateway(false)
      at.pass(3 * minute)
      at.gateway(true)
      at.pass(3 * minute)
      at.answers('pos-1')
      at.pass(10 * minute)
    },
  },
  {
    name: 'child-recovers-while-its-router-is-down',
    why: 'Alertmanager PR 4634: a resolve was lost while the alert was inhibited',
    expected: ['pos-down pos-2', 'router-down router'],
    play(at) {
      at.silent('pos-2')
      at.pass(2 * minute)
      at.gateway(false)
      at.pass(2 * minute)
      at.gateway(true)
      at.answers('pos-2')
      at.pass(10 * minute)
    },
  },
  {
    name: 'unknown-parent-never-inhibits',
    why: 'librenms 18979: a parent that is not known muted its children',
    expected: ['pos-down pos-1'],
    options: { devices: shop.filter(({ id }) => id !== 'router' && id !== 'switch') },
    play(at) {
      at.silent('pos-1')
      at.pass(4 * minute)
      at.answers('pos-1')
      at.pass(10 * minute)
    },
  },
  {
    name: 'switch-takes-three-along',
    why: 'Several devices silent together hang on one thing',
    expected: ['switch-down switch'],
    play(at) {
      for (const id of ['switch', 'pos-1', 'pos-2', 'printer-1']) at.silent(id)
      at.pass(4 * minute)
      allAnswer(at)
      at.pass(10 * minute)
    },
  },
  {
    name: 'two-terminals-an-hour-apart',
    why: 'Two faults far apart share nothing',
    expected: ['pos-down pos-1', 'pos-down pos-2'],
    play(at) {
      at.silent('pos-1')
      at.pass(60 * minute)
      at.silent('pos-2')
      at.pass(5 * minute)
      allAnswer(at)
      at.pass(10 * minute)
    },
  },
  {
    name: 'dns-down-explains-the-payments',
    why: 'Payments fail because names are not found: one cause, one Issue',
    expected: ['dns-failing router'],
    play(at) {
      at.dns(false)
      at.pass(2_000)
      at.paypath('dns')
      at.pass(5 * minute)
      at.dns(true)
      at.paypath('none')
      at.pass(10 * minute)
    },
  },
  {
    name: 'provider-down-explains-dns-and-payments',
    why: 'The line first, then everything that needs it',
    expected: ['provider-down -'],
    play(at) {
      at.wan('down')
      at.pass(1_000)
      at.dns(false)
      at.paypath('dns')
      at.pass(5 * minute)
      at.wan('up')
      at.dns(true)
      at.paypath('none')
      at.pass(10 * minute)
    },
  },
  {
    name: 'payments-fail-before-the-line-is-known-dead',
    why: 'The consequence was told first; the end state is the same',
    expected: ['provider-down -'],
    play(at) {
      at.paypath('tcp')
      at.pass(4_000)
      at.wan('down')
      at.pass(5 * minute)
      at.wan('up')
      at.paypath('none')
      at.pass(10 * minute)
    },
  },
  {
    name: 'wan-port-without-link-is-the-modem',
    why: 'The router works, its WAN port has no link: cable or modem, not the provider',
    expected: ['wan-link-down router'],
    play(at) {
      at.wan('down', { wanLink: false })
      at.pass(5 * minute)
      at.wan('up')
      at.pass(10 * minute)
    },
  },
  {
    name: 'cause-moves-from-provider-to-cable',
    why: 'The WAN port’s state is read a little later: the same Issue changes hands',
    expected: ['wan-link-down router'],
    play(at) {
      at.wan('down', { wanLink: null })
      at.pass(30_000)
      at.wan('down', { wanLink: false })
      at.pass(5 * minute)
      at.wan('up')
      at.pass(10 * minute)
    },
  },
  {
    name: 'cable-out-while-the-router-runs',
    why: 'The monitor’s own cable: no carrier, yet the router never restarted',
    expected: ['appliance-cable -'],
    play(at) {
      at.telemetry({ routerUptimeSeconds: 900_000 })
      at.carrier(false)
      at.gateway(false)
      at.pass(4 * minute)
      at.carrier(true)
      at.gateway(true)
      at.pass(40_000)
      at.telemetry({ routerUptimeSeconds: 900_300 })
      at.pass(10 * minute)
    },
  },
  {
    name: 'carrier-lost-because-the-router-restarted',
    why: 'The same picture, but by its uptime the router did restart',
    expected: ['router-down router'],
    play(at) {
      at.telemetry({ routerUptimeSeconds: 900_000 })
      at.carrier(false)
      at.gateway(false)
      at.pass(3 * minute)
      at.carrier(true)
      at.gateway(true)
      at.pass(20_000)
      at.telemetry({ routerUptimeSeconds: 60 })
      at.pass(10 * minute)
    },
  },
]
