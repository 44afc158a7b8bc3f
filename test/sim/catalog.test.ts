import type { FaultClass } from '@proactive/shared'
import { describe, expect, it } from 'vitest'
import { createLocationRun, type LocationRun } from './location-run.ts'
import type { IncidentStory } from './virtual-ingest.ts'

/** A Location that is up, inventoried and has been calm for two minutes. */
async function calm(options: {
  hasBackupUplink: boolean
  seed?: string
  hasRawArp?: boolean
}): Promise<LocationRun> {
  const run = createLocationRun({ seed: 'catalog', ...options })
  await run.start()
  await run.pass(120_000)
  return run
}

const classes = ({ changes }: IncidentStory) =>
  changes.map(({ faultClass }) => faultClass).filter((name, index, all) => name !== all[index - 1])

const id = {
  router: 'mac-18fd745a1001',
  'pos-1': 'mac-000b4f115201',
  'pos-2': 'mac-000b4f115202',
  'pos-3': 'mac-00176fa92003',
  switch: 'mac-0031924d2001',
  'printer-1': 'mac-0026ab7e8801',
} as const

const minutes = 60_000

interface Case {
  readonly fault: readonly [name: string, ...args: string[]]
  /** The causes it is told under, in turn; the last one is the true one. */
  readonly told: readonly FaultClass[]
  /** At the latest after so many seconds it must be open. */
  readonly withinSeconds: number
  readonly root?: string
  readonly affected?: readonly string[]
}

const withBackup: readonly Case[] = [
  {
    fault: ['router-down'],
    told: ['router-down'],
    withinSeconds: 15,
    root: id.router,
    affected: [id['pos-1'], id['pos-2'], id['pos-3']],
  },
  {
    fault: ['wan-down', 'link'],
    told: ['wan-link-down'],
    withinSeconds: 15,
    affected: [id['pos-1'], id['pos-2']],
  },
  {
    fault: ['wan-down', 'provider'],
    told: ['provider-down'],
    withinSeconds: 15,
    affected: [id['pos-1'], id['pos-2']],
  },
  { fault: ['appliance-cable'], told: ['router-down', 'appliance-cable'], withinSeconds: 15 },
  { fault: ['power-cut'], told: ['location-dark', 'power-cut'], withinSeconds: 60 },
]

const withoutBackup: readonly Case[] = [
  { fault: ['router-down'], told: ['location-dark', 'router-down'], withinSeconds: 60, root: id.router },
  { fault: ['wan-down', 'link'], told: ['location-dark', 'wan-link-down'], withinSeconds: 60 },
  { fault: ['wan-down', 'provider'], told: ['location-dark', 'provider-down'], withinSeconds: 60 },
  { fault: ['appliance-cable'], told: ['location-dark', 'appliance-cable'], withinSeconds: 60 },
  { fault: ['power-cut'], told: ['location-dark', 'power-cut'], withinSeconds: 60 },
]

const eitherWay: readonly Case[] = [
  { fault: ['pos-down', 'pos-1'], told: ['pos-down'], withinSeconds: 30, root: id['pos-1'] },
  { fault: ['pos-down', 'pos-2'], told: ['pos-down'], withinSeconds: 30, root: id['pos-2'] },
  {
    fault: ['switch-down'],
    told: ['switch-down'],
    withinSeconds: 60,
    root: id.switch,
    affected: [id['pos-1'], id['pos-2']],
  },
  { fault: ['dns-down'], told: ['dns-failing'], withinSeconds: 60, affected: [id['pos-1'], id['pos-2']] },
  { fault: ['processor-down', 'silent'], told: ['payment-path-failing'], withinSeconds: 90 },
  { fault: ['processor-down', 'refused'], told: ['payment-path-failing'], withinSeconds: 90 },
  { fault: ['processor-down', 'tls'], told: ['payment-path-failing'], withinSeconds: 90 },
  { fault: ['ip-conflict', 'pos-1'], told: ['ip-conflict'], withinSeconds: 90, affected: [id['pos-1']] },
]

async function tryFault(
  { fault, told, withinSeconds, root, affected }: Case,
  hasBackupUplink: boolean,
): Promise<void> {
  const run = await calm({ hasBackupUplink })
  const startMs = run.scheduler.nowMs()
  await run.fault(...fault)
  await run.pass(5 * minutes)
  await run.heal(...fault)
  const healedMs = run.scheduler.nowMs()
  await run.pass(12 * minutes)

  expect(run.incidents()).toHaveLength(1)
  const [story] = run.incidents() as [IncidentStory]
  expect(classes(story)).toEqual(told)
  expect((story.openedAtMs - startMs) / 1_000).toBeLessThanOrEqual(withinSeconds)
  if (root !== undefined) expect(story.report.rootDeviceId).toBe(root)
  if (affected !== undefined)
    expect(story.report.affectedDeviceIds).toEqual(expect.arrayContaining([...affected]))
  const explained = story.changes.find(({ faultClass }) => faultClass === told.at(-1))
  expect((explained?.atMs ?? Number.POSITIVE_INFINITY) - healedMs).toBeLessThanOrEqual(60_000)
  expect(story.report.state).toBe('closed')
}

const nameOf = ({ fault, told, withinSeconds }: Case) =>
  `${fault.join(' ')}: one incident within ${withinSeconds} s, ${told.join(', then ')}, closed after it is mended`

describe('each fault of the lab, with a second way out', () => {
  for (const one of [...withBackup, ...eitherWay]) it(nameOf(one), () => tryFault(one, true))
})

describe('each fault of the lab, with one way out', () => {
  for (const one of [...withoutBackup, ...eitherWay]) it(nameOf(one), () => tryFault(one, false))
})

describe('what is no fault', () => {
  for (const [name, ...args] of [
    ['pos-sleep', 'pos-3'],
    ['pos-restart', 'pos-1'],
    ['pos-restart', 'pos-2'],
    ['new-device', 'new-1'],
    ['roam', 'pos-1'],
    ['roam', 'office-1'],
    ['dhcp-down'],
    ['wan-loss', '5'],
    ['ip-conflict', 'office-1'],
  ] as const) {
    it(`opens nothing: ${[name, ...args].join(' ')}`, async () => {
      for (const hasBackupUplink of [true, false]) {
        const run = await calm({ hasBackupUplink })
        await run.fault(name, ...args)
        await run.pass(6 * minutes)
        if (name !== 'pos-restart') await run.heal(name, ...args)
        await run.pass(6 * minutes)
        expect(run.incidents().map(({ report }) => report.headline)).toEqual([])
      }
    })
  }
})

describe('DHCP that hands nothing out', () => {
  it('is told once a device asks in vain', async () => {
    const run = await calm({ hasBackupUplink: false })
    await run.fault('dhcp-down')
    await run.fault('new-device', 'new-1')
    await run.pass(5 * minutes)
    await run.heal('dhcp-down')
    await run.pass(12 * minutes)
    expect(run.incidents().map(({ report }) => [report.faultClass, report.state])).toEqual([
      ['dhcp-failing', 'closed'],
    ])
  })
})

describe('without the right to send raw ARP', () => {
  it('a terminal that ignores ICMP is missed within 90 s, and one that answers it within 60 s', async () => {
    for (const [terminal, seconds] of [
      ['pos-2', 90],
      ['pos-1', 60],
    ] as const) {
      const run = await calm({ hasBackupUplink: true, hasRawArp: false })
      const startMs = run.scheduler.nowMs()
      await run.fault('pos-down', terminal)
      await run.pass(4 * minutes)
      expect(run.incidents().map(({ report }) => report.faultClass)).toEqual(['pos-down'])
      expect(((run.incidents()[0]?.openedAtMs ?? 0) - startMs) / 1_000).toBeLessThanOrEqual(seconds)
    }
  })
})
