import { describe, expect, it } from 'vitest'
import { createAgent } from '../agent.ts'
import { nameOids, portFaults } from '../core/interfaces.ts'
import { createManualScheduler } from '../testing/manual-scheduler.ts'
import { createPaperShop } from '../testing/paper-shop.ts'

const router = '192.0.2.1'
const ports = [
  { index: 1, type: 24, name: 'lo' },
  { index: 2, type: 6, name: 'ether1-wan' },
  { index: 10, type: 6, name: 'ether2' },
  // No number of an interface (RFC 2863): told, it would cost the whole birth.
  { index: 4_000_000_000, type: 6, name: 'ghost' },
]

/** A shop whose router tells of its ports; the counters are what the case says. */
async function shop() {
  const scheduler = createManualScheduler()
  const host = (ip: string, mac: string) => ({ ip, mac, answersIcmp: true, answersArp: true })
  const world = createPaperShop(scheduler, [
    host(router, '18:fd:74:5a:10:01'),
    host('192.0.2.21', '00:0b:4f:11:52:01'),
  ])
  const state = { inOctets: 1_000, inErrors: 4, isUp: true, duplex: 3, shown: ports, silent: '' }
  const asked = new Set<string>()
  Object.assign(world.deps, { snmpCommunity: 'public' })
  Object.assign(world.deps.snmp, {
    get: (ip: string, oids: string[]) => {
      asked.add(ip)
      const values = oids.flatMap((oid): [string, number][] => {
        const index = Number(oid.split('.').at(-1))
        if (oid.startsWith('1.3.6.1.2.1.2.2.1.8.')) return [[oid, index === 2 && state.isUp ? 1 : 2]]
        if (oid.startsWith('1.3.6.1.2.1.31.1.1.1.15.')) return [[oid, 1_000]]
        if (oid.startsWith('1.3.6.1.2.1.31.1.1.1.6.')) return [[oid, state.inOctets]]
        if (oid.startsWith('1.3.6.1.2.1.2.2.1.14.')) return [[oid, state.inErrors]]
        return oid.startsWith('1.3.6.1.2.1.10.7.2.1.19.') ? [[oid, state.duplex]] : []
      })
      return Promise.resolve({ kind: 'values', values: new Map(values) })
    },
    walk: (_ip: string, oid: string) => {
      if (oid === state.silent) return Promise.resolve({ kind: 'timeout' })
      const rows = state.shown.flatMap(({ index, type, name }): [string, string | number][] => {
        if (oid === nameOids.type) return [[`${oid}.${index}`, type]]
        if (oid === nameOids.name) return [[`${oid}.${index}`, name]]
        return oid === nameOids.note && index === 2 ? [[`${oid}.${index}`, 'Uplink']] : []
      })
      return Promise.resolve({ kind: 'values', values: new Map(rows) })
    },
  })
  const agent = createAgent(world.deps)
  await agent.start()
  const told = () =>
    world.sent.flatMap((one) => (one.kind === 'birth' ? [one.message.interfaces ?? []] : [])).at(-1)
  const rows = () =>
    world.sent.flatMap((one) => (one.kind === 'telemetry' ? (one.message.rows.interface ?? []) : []))
  const faults = () =>
    world.changes().flatMap((change) => (change.type === 'equipment-changed' ? [change.faults] : []))
  return { scheduler, state, asked, told, rows, faults }
}

describe('the ports of a router', () => {
  it('are told by name, and read every minute with what went through since the reading before', async () => {
    const { scheduler, state, asked, told, rows } = await shop()
    await scheduler.advance(30_000)
    expect(told()).toMatchObject([
      { deviceId: 'mac-18fd745a1001', index: 2, name: 'ether1-wan', note: 'Uplink' },
      { id: 'mac-18fd745a1001_if10', index: 10, name: 'ether2' },
    ])
    expect(asked).toEqual(new Set([router]))
    state.inOctets += 35 * 125_000
    await scheduler.advance(120_000)
    const alias = told()?.[0]?.alias ?? 0
    const own = rows().filter(([each]) => each === alias)
    expect(own.slice(0, 3)).toEqual([
      [alias, 1, 1_000, 1, null, null, null, null],
      [alias, 1, 1_000, 1, 1_000_000, null, 0, null],
      [alias, 1, 1_000, 1, 0, null, 0, null],
    ])
    expect(
      rows()
        .find(([each]) => each !== alias)
        ?.slice(1, 4),
    ).toEqual([0, null, null])
  })

  it('tell no rate where a counter began anew, and no speed without a link', async () => {
    const { scheduler, state, told, rows } = await shop()
    await scheduler.advance(30_000)
    state.inOctets = 5
    state.isUp = false
    await scheduler.advance(90_000)
    const alias = told()?.[0]?.alias
    expect(rows().findLast(([each]) => each === alias)).toEqual([alias, 0, null, null, null, null, 0, null])
  })

  it('tell what ails them by their name, after two readings that agree, and when they are well again', async () => {
    const { scheduler, state, faults } = await shop()
    await scheduler.advance(95_000)
    state.duplex = 2
    await scheduler.advance(60_000)
    expect(faults()).toEqual([])
    await scheduler.advance(60_000)
    expect(faults()).toEqual([['port ether1-wan half duplex']])
    state.duplex = 3
    for (let minute = 0; minute < 3; minute++) {
      state.inErrors += 500
      await scheduler.advance(60_000)
    }
    expect(faults().at(-1)).toEqual(['port ether1-wan broken frames'])
    await scheduler.advance(180_000)
    expect(faults().at(-1)).toEqual([])
  })

  it.each([nameOids.type, nameOids.name, nameOids.note])(
    'keep their names while one walk of several goes unanswered (%s)',
    async (silent) => {
      const { scheduler, state, told } = await shop()
      await scheduler.advance(30_000)
      const before = told()
      state.silent = silent
      await scheduler.advance(31 * 60_000)
      expect(told()).toEqual(before)
      expect(before).toHaveLength(2)
    },
  )

  it('keep their numbers when another one comes, and leave with it', async () => {
    const { scheduler, state, told } = await shop()
    await scheduler.advance(30_000)
    const before = told()
    state.shown = [...ports.slice(0, 2), { index: 11, type: 6, name: 'sfp1' }]
    await scheduler.advance(31 * 60_000)
    const after = told()
    expect(after?.map(({ name }) => name)).toEqual(['ether1-wan', 'sfp1'])
    expect(after?.[0]).toEqual(before?.[0])
    expect(before?.map(({ alias }) => alias)).not.toContain(after?.[1]?.alias)
  })
})

describe('what ails a port', () => {
  // operUp, speed, fullDuplex, bits a second in and out, errors in and out; over a minute.
  it.each([
    ['well', [1, 1_000, 1, 1e6, 1e6, 0, 0], []],
    ['half duplex', [1, 100, 0, 1e3, 1e3, 0, 0], ['half duplex']],
    ['without a link', [0, null, null, 0, 0, 900, 0], []],
    ['an antenna', [1, 300, null, 1e6, 1e6, 900, 900], []],
    ['a few broken frames of many', [1, 1_000, 1, 50e6, 1e6, 200, 0], []],
    ['one frame in ten broken', [1, 100, 1, 1e5, 1e5, 100, 200], ['broken frames']],
    ['no pattern', [1, 100, 1, 0, 0, 49, 0], []],
    ['counters that began anew', [1, 100, 1, null, null, null, null], []],
  ])('%s', (_, row, faults) => {
    expect(portFaults(row, 60_000)).toEqual(faults)
  })
})
