import { device, noonMs, shop } from '../../ingest/src/faults/testing/site.ts'
import { allAnswer, hour, minute, type Scenario, shopHours } from './scenario.ts'

const night = Date.UTC(2026, 2, 10, 22, 30)
const sunday = Date.UTC(2026, 2, 15, 11)
const earlyMorning = Date.UTC(2026, 2, 10, 5)

/** Closed shops, sleepers, guests, flapping, planned work: what is no fault, and what is in spite of it. */
export const comingAndGoingScenarios: readonly Scenario[] = [
  {
    name: 'closed-shop-switches-its-terminals-off',
    why: 'Uptime Kuma 3404: after hours the devices are off and every day brings false notices',
    expected: [],
    options: { config: { calendar: shopHours }, startMs: night - 30 * minute },
    play(at) {
      at.pass(20 * minute)
      for (const id of ['pos-1', 'pos-2', 'printer-1']) at.silent(id)
      at.pass(6 * hour)
      allAnswer(at)
      at.pass(10 * minute)
    },
  },
  {
    name: 'closed-on-a-holiday',
    why: 'Uptime Kuma 3404 asks for holidays',
    expected: [],
    options: {
      config: {
        calendar: { ...shopHours, holidays: ['2026-03-10'] },
      },
    },
    play(at) {
      at.silent('pos-1')
      at.pass(4 * hour)
      at.answers('pos-1')
      at.pass(10 * minute)
    },
  },
  {
    name: 'closed-on-sunday',
    why: 'A day without opening hours expects nobody',
    expected: [],
    options: { config: { calendar: shopHours }, startMs: sunday },
    play(at) {
      for (const id of ['pos-1', 'pos-2']) at.silent(id)
      at.pass(5 * hour)
      allAnswer(at)
      at.pass(10 * minute)
    },
  },
  {
    name: 'terminal-missing-at-the-opening-check',
    why: 'Half an hour before opening a terminal that is not there is told in time',
    expected: ['pos-down pos-1'],
    options: { config: { calendar: shopHours }, startMs: earlyMorning },
    play(at) {
      at.silent('pos-1')
      at.pass(2 * hour)
      at.pass(15 * minute)
      at.answers('pos-1')
      at.pass(10 * minute)
    },
  },
  {
    name: 'router-dead-at-night-waits-five-minutes',
    why: 'A nightly reboot hurts nobody; a router that stays dead does in the morning',
    expected: ['router-down router'],
    options: { config: { calendar: shopHours }, startMs: night },
    play(at) {
      at.gateway(false)
      at.pass(12 * minute)
      at.gateway(true)
      at.pass(10 * minute)
    },
  },
  {
    name: 'nightly-router-reboot',
    why: 'Two minutes at three in the morning',
    expected: [],
    options: { config: { calendar: shopHours }, startMs: night },
    play(at) {
      at.gateway(false)
      at.pass(110_000)
      at.gateway(true)
      at.pass(10 * minute)
    },
  },
  {
    name: 'sleeper-naps-for-twenty-minutes',
    why: 'NetAlertX 1567: devices that sleep up to 20 minutes read as down',
    expected: [],
    play(at) {
      at.silent('pos-3')
      at.pass(20 * minute)
      at.answers('pos-3')
      at.pass(10 * minute)
    },
  },
  {
    name: 'brown-out-after-a-pc-was-switched-off',
    why: 'A PC that leaves half a minute before two terminals restart together must not use up the wait for a dead switch',
    expected: [],
    play(at) {
      at.silent('office-1')
      at.pass(25_000)
      // Both restart; one is told, the other one only leaves its probe unanswered.
      at.mute.add('pos-1')
      at.silent('pos-2')
      at.pass(1_900)
      at.silent('pos-1')
      at.pass(3_800)
      at.answers('pos-2')
      at.pass(1_100)
      at.answers('pos-1')
      at.pass(10 * minute)
      at.answers('office-1')
      at.pass(minute)
    },
  },
  {
    name: 'phones-come-and-go',
    why: 'pi.alert 224: guests are no inventory',
    expected: [],
    play(at) {
      at.silent('guest-1')
      at.pass(10 * minute)
      const guest = device('mac-0e1122334455', 40, 'mobile')
      at.see({ type: 'device-new', device: guest })
      at.pass(15 * minute)
      at.silent('mac-0e1122334455')
      at.pass(30 * minute)
    },
  },
  {
    name: 'a-phone-with-another-mac-each-hour',
    why: 'NetAlertX 959: a locally administered address makes a new device each time',
    expected: [],
    play(at) {
      for (let index = 0; index < 6; index += 1) {
        at.see({ type: 'device-new', device: device(`mac-0e11223344${index}0`, 50 + index, 'unknown') })
        at.pass(30 * minute)
        at.silent(`mac-0e11223344${index}0`)
        at.pass(30 * minute)
      }
    },
  },
  {
    name: 'terminal-gets-another-address',
    why: 'LibreNMS 4209: a new lease made a wrong device',
    expected: [],
    play(at) {
      at.see({ type: 'device-moved', deviceId: 'pos-1', from: '192.0.2.3', to: '192.0.2.77' })
      at.birth({
        devices: shop.map((each) => (each.id === 'pos-1' ? { ...each, ips: ['192.0.2.77'] } : each)),
      })
      at.pass(20 * minute)
    },
  },
  {
    name: 'address-taken-over-by-a-laptop',
    why: 'ntopng 8965: another host on the terminal’s address',
    expected: ['ip-conflict office-1'],
    play(at) {
      const macs = ['00:31:92:00:00:03', '00:31:92:00:00:07']
      at.see({ type: 'ip-conflict', ip: '192.0.2.3', macs, isActive: true })
      at.pass(2_000)
      at.silent('pos-1')
      at.pass(5 * minute)
      at.see({ type: 'ip-conflict', ip: '192.0.2.3', macs, isActive: false })
      at.answers('pos-1')
      at.pass(10 * minute)
    },
  },
  {
    name: 'address-conflict-between-office-machines',
    why: 'A conflict that no checkout feels',
    expected: [],
    play(at) {
      const macs = ['00:31:92:00:00:06', '00:31:92:00:00:07']
      at.see({ type: 'ip-conflict', ip: '192.0.2.7', macs, isActive: true })
      at.pass(10 * minute)
      at.see({ type: 'ip-conflict', ip: '192.0.2.7', macs, isActive: false })
      at.pass(10 * minute)
    },
  },
  {
    name: 'terminal-flaps-all-afternoon',
    why: 'Alertmanager 204: one Issue that stays open, not twelve',
    expected: ['pos-down pos-1'],
    play(at) {
      for (let round = 0; round < 12; round += 1) {
        at.silent('pos-1')
        at.pass(50_000)
        at.answers('pos-1')
        at.pass(2 * minute)
      }
      at.pass(30 * minute)
    },
  },
  {
    name: 'line-flaps',
    why: 'Icinga 4150: a flapping parent must not let its children through',
    expected: ['provider-down -'],
    play(at) {
      for (let round = 0; round < 6; round += 1) {
        at.wan('down')
        at.paypath('tcp')
        at.pass(40_000)
        at.wan('up')
        at.paypath('none')
        at.pass(90_000)
      }
      at.pass(30 * minute)
    },
  },
  {
    name: 'one-lost-word-of-recovery',
    why: 'A recovery told for a second must not close and open again',
    expected: ['pos-down pos-1'],
    play(at) {
      at.silent('pos-1')
      at.pass(2 * minute)
      at.answers('pos-1')
      at.pass(1_500)
      at.silent('pos-1')
      at.pass(3 * minute)
      at.answers('pos-1')
      at.pass(10 * minute)
    },
  },
  {
    name: 'terminal-restarts-in-seconds',
    why: 'A restart is no outage',
    expected: [],
    play(at) {
      at.silent('pos-2')
      at.pass(5_000)
      at.answers('pos-2')
      at.pass(10 * minute)
    },
  },
  {
    name: 'roaming-handheld-between-access-points',
    why: 'NetAlertX 840: schedules that disagree made false offlines',
    expected: [],
    play(at) {
      for (let round = 0; round < 5; round += 1) {
        at.silent('pos-3')
        at.pass(20_000)
        at.answers('pos-3')
        at.pass(3 * minute)
      }
    },
  },
  {
    name: 'a-batch-says-it-answered-after-all',
    why: 'Two sources disagree: an answer is an answer',
    expected: [],
    play(at) {
      at.silent('pos-1')
      at.mute.delete('pos-1')
      at.pass(2_000)
      at.telemetry()
      at.pass(10 * minute)
    },
  },
  {
    name: 'probe-now-is-answered',
    why: 'Before an Issue the device is asked once more',
    expected: [],
    play(at) {
      at.silent('pos-1')
      at.mute.delete('pos-1')
      at.pass(5 * minute)
      at.answers('pos-1')
      at.pass(5 * minute)
    },
  },
  {
    name: 'printer-off-for-a-while',
    why: 'A printer is worth an Issue, later and of less weight than a terminal',
    expected: ['device-down printer-1'],
    play(at) {
      at.silent('printer-1')
      at.pass(10 * minute)
      at.answers('printer-1')
      at.pass(10 * minute)
    },
  },
  {
    name: 'office-pc-switched-off',
    why: 'A PC that goes home with its owner',
    expected: [],
    play(at) {
      at.silent('office-1')
      at.pass(3 * hour)
      at.answers('office-1')
      at.pass(minute)
    },
  },
  {
    name: 'planned-work-on-the-terminal',
    why: 'Auvik records alerts of a maintenance window and sends none',
    expected: ['pos-down pos-1'],
    withoutIssue: ['pos-down pos-1'],
    options: {
      config: {
        maintenance: [
          {
            id: 'work-1',
            deviceId: 'pos-1',
            schedule: { kind: 'once', fromMs: noonMs, toMs: noonMs + 2 * hour },
          },
        ],
      },
    },
    play(at) {
      at.silent('pos-1')
      at.pass(20 * minute)
      at.answers('pos-1')
      at.pass(10 * minute)
    },
  },
  {
    name: 'planned-work-ends-and-the-router-stays-dead',
    why: 'librenms PR 19125: what outlasts its window must be told',
    expected: ['router-down router'],
    options: {
      config: {
        maintenance: [
          { id: 'work-1', schedule: { kind: 'once', fromMs: noonMs, toMs: noonMs + 30 * minute } },
        ],
      },
    },
    play(at) {
      at.gateway(false)
      at.pass(50 * minute)
      at.gateway(true)
      at.pass(10 * minute)
    },
  },
  {
    name: 'silenced-terminal-others-are-not',
    why: 'A silence names one device, not the shop',
    expected: ['pos-down pos-1', 'pos-down pos-2'],
    withoutIssue: ['pos-down pos-1'],
    options: {
      config: {
        silences: [{ id: 'quiet-1', deviceId: 'pos-1', fromMs: noonMs, untilMs: noonMs + 12 * hour }],
      },
    },
    play(at) {
      at.silent('pos-1')
      at.pass(30 * minute)
      at.silent('pos-2')
      at.pass(5 * minute)
      allAnswer(at)
      at.pass(10 * minute)
    },
  },
]
