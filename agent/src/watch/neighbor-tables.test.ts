import { describe, expect, it } from 'vitest'
import { createAgent } from '../agent.ts'
import { placesOf, readArpTable, readLldp, readPorts, tableOids } from '../core/neighbor-tables.ts'
import type { Snmp } from '../ports/index.ts'
import { createManualScheduler } from '../testing/manual-scheduler.ts'
import { createPaperShop, type PaperHost } from '../testing/paper-shop.ts'

const router = { ip: '192.0.2.1', mac: '18:fd:74:5a:10:01' }
const networkSwitch = { ip: '192.0.2.10', mac: '00:31:92:4d:20:01' }
const till = { ip: '192.0.2.21', mac: '00:0b:4f:11:52:01' }
const ap = { ip: '192.0.2.30', mac: '24:a4:3c:00:00:01' }
const host = (one: { ip: string; mac: string }): PaperHost => ({
  ...one,
  answersIcmp: true,
  answersArp: true,
})
const hexOf = (mac: string) => mac.replaceAll(':', '')
const arcsOf = (mac: string) =>
  mac
    .split(':')
    .map((octet) => Number.parseInt(octet, 16))
    .join('.')
const hexText = (text: string) => Buffer.from(text).toString('hex')

const system = (descr: string, name: string, oid: string) =>
  new Map<string, string | number>([
    ['1.3.6.1.2.1.1.1.0', descr],
    ['1.3.6.1.2.1.1.2.0', oid],
    ['1.3.6.1.2.1.1.3.0', 1_000],
    ['1.3.6.1.2.1.1.5.0', name],
  ])

/** A shop whose router and switch answer SNMP with these tables; tables may be changed while it runs. */
async function shop(settings: object = {}) {
  const scheduler = createManualScheduler()
  const world = createPaperShop(scheduler, [router, networkSwitch, till, ap].map(host), settings)
  const agents = new Map([
    [router.ip, system('RouterOS RB750Gr3', 'router', '1.3.6.1.4.1.14988.1')],
    [networkSwitch.ip, system('JetStream 8-Port Gigabit Smart Switch', 'sw-1', '1.3.6.1.4.1.11863.5.1')],
  ])
  /** Tables whose next answer is lost. */
  const lost = new Set<string>()
  const snmp: Snmp = {
    async get(ip, oids) {
      const all = agents.get(ip)
      if (all === undefined) return { kind: 'timeout' }
      return { kind: 'values', values: new Map([...all].filter(([oid]) => oids.includes(oid))) }
    },
    async walk(ip, oid, { maxRows }) {
      const all = agents.get(ip)
      if (all === undefined || lost.delete(oid)) return { kind: 'timeout' }
      const rows = [...all].filter(([key]) => key.startsWith(`${oid}.`)).slice(0, maxRows)
      return { kind: 'values', values: new Map(rows) }
    },
  }
  const agent = createAgent({ ...world.deps, snmp, snmpCommunity: 'public' })
  const set = (ip: string, entries: Record<string, string | number>) => {
    for (const [oid, value] of Object.entries(entries)) agents.get(ip)?.set(oid, value)
  }
  const device = (ip: string) => agent.status().devices.find(({ ips }) => ips.includes(ip))
  const fact = (ip: string, key: string) =>
    device(ip)?.evidence.find((one) => one.source === 'lldp' && one.key === key)
  return { scheduler, world, agent, set, device, fact, lost }
}

describe('the router’s ARP table', () => {
  const far = { ip: '198.51.7.21', mac: '00:0b:4f:11:52:77' }

  it('brings the devices of a configured subnet that the appliance is not attached to', async () => {
    const at = await shop({ networks: ['192.0.2.0/24', '198.51.7.0/24'] })
    at.set(router.ip, {
      [`${tableOids.arp}.7.${far.ip}`]: hexOf(far.mac),
      [`${tableOids.arp}.7.198.51.9.9`]: '000b4f115299',
      [`${tableOids.arp}.7.198.51.7.255`]: 'ffffffffffff',
    })
    await at.agent.start()
    await at.scheduler.advance(60_000)
    expect(at.device(far.ip)).toMatchObject({ id: 'mac-000b4f115277', role: 'pos-terminal' })
    expect(at.agent.status().devices).toHaveLength(5)
  })

  it('brings devices that only ICMP reaches: who never answered it is not missed, who did is', async () => {
    const at = await shop({ networks: ['192.0.2.0/24', '198.51.7.0/24'] })
    const mute = { ip: '198.51.7.22', mac: '00:0b:4f:11:52:78' }
    const talking = host(far)
    at.world.hosts.push(talking, { ...host(mute), answersIcmp: false })
    for (const { ip, mac } of [far, mute]) at.set(router.ip, { [`${tableOids.arp}.7.${ip}`]: hexOf(mac) })
    await at.agent.start()
    await at.scheduler.advance(10 * 60_000)
    const silent = () => at.world.changes().filter(({ type }) => type === 'device-silent')
    expect(at.device(mute.ip)?.role).toBe('pos-terminal')
    expect(silent()).toEqual([])
    const alias = at.device(mute.ip)?.alias
    const rows = at.world.sent.flatMap(({ kind, message }) =>
      kind === 'telemetry' ? (message.rows.device ?? []) : [],
    )
    expect(rows.filter((row) => row[0] === alias)).toEqual([])
    talking.answersIcmp = false
    await at.scheduler.advance(30_000)
    expect(silent()).toMatchObject([{ deviceId: 'mac-000b4f115277' }])
  })

  it('never moves the router away from the address at which it is reached', async () => {
    const at = await shop({ networks: ['192.0.2.0/24', '198.51.7.0/24'] })
    at.set(router.ip, { [`${tableOids.arp}.7.198.51.7.1`]: hexOf(router.mac) })
    await at.agent.start()
    await at.scheduler.advance(11 * 60_000)
    expect(at.device(router.ip)?.ips).toEqual([router.ip, '198.51.7.1'])
    expect(at.world.changes().filter(({ type }) => type === 'device-moved')).toEqual([])
  })

  it('is read in its newer form where the old one is empty, and says nothing about attached networks', () => {
    const values = new Map([
      [`${tableOids.arpNew}.7.1.4.198.51.7.21`, hexOf(far.mac)],
      [`${tableOids.arpNew}.7.2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1`, hexOf(far.mac)],
      [`${tableOids.arpNew}.x`, 'zz'],
    ])
    expect(readArpTable(values)).toEqual([far])
  })
})

describe('a switch', () => {
  const portOf = (mac: string) => `${tableOids.ports}.${arcsOf(mac)}`

  it('tells where a terminal is plugged in, and when its cable was moved', async () => {
    const at = await shop()
    at.set(networkSwitch.ip, { [portOf(till.mac)]: 3, [portOf(router.mac)]: 1, [portOf(ap.mac)]: 1 })
    await at.agent.start()
    await at.scheduler.advance(60_000)
    expect(at.fact(till.ip, 'switchPort')?.value).toBe('sw-1 3')
    expect(at.fact(ap.ip, 'switchPort')).toBeUndefined()
    const attached = () =>
      at.world.sent
        .flatMap(({ kind, message }) => (kind === 'birth' ? [message.devices] : []))
        .at(-1)
        ?.map(({ ips, attachedTo }) => [ips[0], attachedTo?.deviceId, attachedTo?.port])
    const places = (tillPort: number) => [
      [router.ip, undefined, undefined],
      [networkSwitch.ip, undefined, undefined],
      [till.ip, 'mac-0031924d2001', tillPort],
      [ap.ip, undefined, undefined],
    ]
    expect(attached()).toEqual(places(3))
    at.set(networkSwitch.ip, { [portOf(till.mac)]: 7 })
    await at.scheduler.advance(6 * 60_000)
    expect(attached()).toEqual(places(7))
    expect(at.world.changes().filter(({ type }) => type === 'device-moved')).toMatchObject([
      { deviceId: 'mac-000b4f115201', from: 'port sw-1 3', to: 'port sw-1 7' },
    ])
  })

  it('tells what its LLDP neighbors call themselves', async () => {
    const at = await shop()
    const row = (column: number) => `${tableOids.lldp}.${column}.0.5.1`
    at.set(networkSwitch.ip, {
      [row(4)]: 4,
      [row(5)]: hexOf(ap.mac),
      [row(9)]: hexText('ap-front'),
      [row(10)]: hexText('UAP-AC-Pro, 6.5.28'),
    })
    await at.agent.start()
    await at.scheduler.advance(60_000)
    expect(at.fact(ap.ip, 'sysName')?.value).toBe('ap-front')
    expect(at.device(ap.ip)?.role).toBe('access-point')
  })

  it.each([
    ['of neighbors', tableOids.lldp],
    ['of interfaces', tableOids.portInterfaces],
  ])('moves nobody to another place because its table %s was lost once', async (_, oid) => {
    const at = await shop()
    const row = (column: number) => `${tableOids.lldp}.${column}.0.105.1`
    at.set(networkSwitch.ip, {
      ...{ [portOf(router.mac)]: 1, [portOf(ap.mac)]: 5, [portOf(till.mac)]: 5 },
      ...{ [row(4)]: 4, [row(5)]: hexOf(ap.mac), [row(10)]: hexText('UAP-AC-Pro, 6.5.28') },
      [`${tableOids.portInterfaces}.5`]: 105,
    })
    await at.agent.start()
    // The first reading tells that it is an access point, the second one what hangs on it.
    await at.scheduler.advance(6 * 60_000)
    const behindAp = { value: at.device(ap.ip)?.id }
    expect(at.fact(till.ip, 'attachedTo')).toMatchObject(behindAp)
    at.lost.add(oid)
    await at.scheduler.advance(5 * 60_000)
    expect(at.lost.size).toBe(0)
    expect(at.fact(till.ip, 'attachedTo')).toMatchObject(behindAp)
  })

  it('that was swapped under a terminal does not make two places of one', () => {
    const port = new Map([[till.mac, 3]])
    const places = placesOf([
      { name: 'sw-b', ports: port },
      { name: 'sw-a', ports: port },
    ])
    expect(places.get(till.mac)).toBe('sw-a 3')
  })

  it('that answers nonsense tells nothing', () => {
    const nonsense = new Map<string, string | number>([
      [`${tableOids.ports}.1.2.3`, 1],
      [`${tableOids.ports}.1.2.3.4.5.999`, 1],
      [`${tableOids.ports}.0.11.79.17.82.1`, 'x'],
      [`${tableOids.lldp}.4.0.1.1`, 4],
      [`${tableOids.lldp}.5.0.1.1`, 'not hex'],
      [`${tableOids.arp}.1.999.1.1.1`, '000b4f115201'],
    ])
    expect(readPorts(nonsense).size).toBe(0)
    expect(readLldp(nonsense)).toEqual([])
    expect(readArpTable(nonsense)).toEqual([])
  })
})
