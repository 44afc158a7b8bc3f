import { describe, expect, it } from 'vitest'
import type { DhcpHeard, Neighbor } from '../../agent/src/ports/index.ts'
import { addresses, names } from '../lab/topology.ts'
import { createMachine, rightClock } from './machine.ts'
import { createManualScheduler, turn } from './manual-scheduler.ts'
import { createRandom } from './random.ts'
import { createVirtualLan, snmpCommunity } from './virtual-lan.ts'
import { createVirtualLocation } from './virtual-location.ts'
import type { LinkQuality } from './virtual-paths.ts'

function create(options: { quality?: Partial<LinkQuality>; hasBackupUplink?: boolean } = {}) {
  const scheduler = createManualScheduler({ startMs: 0 })
  const location = createVirtualLocation({ scheduler, hasBackupUplink: options.hasBackupUplink ?? false })
  const machine = createMachine(scheduler, rightClock)
  const random = createRandom('virtual lan')
  const ports = createVirtualLan({ machine, location, random, quality: options.quality ?? {} })
  /** Time passes until the answer is there. */
  async function soon<T>(promise: Promise<T>): Promise<T> {
    let answer: { readonly value: T } | undefined
    void promise.then((value) => {
      answer = { value }
    })
    await scheduler.advanceUntil(() => answer !== undefined, 60_000)
    if (answer === undefined) throw new Error('no answer within a minute')
    return answer.value
  }
  const fault = async (name: string, ...args: string[]) => {
    expect(await location.faults.inject(name, args)).toEqual({ ok: true })
    await turn()
  }
  const heal = async (name: string, ...args: string[]) => {
    expect(await location.faults.heal(name, args)).toEqual({ ok: true })
    await turn()
  }
  return { scheduler, location, machine, ...ports, soon, fault, heal }
}

const pos1 = '192.168.77.21'
const pos2 = '192.168.77.22'
const echoOptions = { count: 1, timeoutMs: 800 }

describe("the kernel's neighbor table", () => {
  it('finds everybody who is there after one poke, ICMP or not', async () => {
    const at = create()
    const all = Array.from({ length: 254 }, (_, index) => `192.168.77.${index + 1}`)
    await at.soon(at.lan.poke(all))
    await at.scheduler.advance(100)
    const reachable = (await at.soon(at.lan.neighbors())).filter(({ state }) => state === 'reachable')
    expect(reachable.map(({ ip }) => ip).toSorted()).toEqual(
      [
        addresses.router,
        '192.168.77.10',
        pos1,
        pos2,
        '192.168.77.23',
        '192.168.77.41',
        '192.168.77.51',
      ].toSorted(),
    )
  })

  it('believes in a departed neighbor for a while, and gives it up about 8 s after the next use', async () => {
    const at = create()
    const told: Neighbor[] = []
    at.lan.watch({ onNeighbor: (neighbor) => told.push(neighbor), onInterfaces: () => undefined })
    await at.soon(at.lan.poke([pos1]))
    await at.fault('pos-down', 'pos-1')
    await at.scheduler.advance(10_000)
    const stateOf = async () => (await at.soon(at.lan.neighbors())).find(({ ip }) => ip === pos1)?.state
    expect(await stateOf()).toBe('reachable')
    await at.scheduler.advance(40_000)
    expect(await stateOf()).toBe('stale')
    await at.soon(at.lan.poke([pos1]))
    await at.scheduler.advance(7_000)
    expect(await stateOf()).toBe('probe')
    await at.scheduler.advance(1_500)
    expect(await stateOf()).toBe('failed')
    expect(told.map(({ state }) => state)).toEqual(['reachable', 'failed'])
  })

  it('forgets everybody when the carrier is lost, and tells that the interfaces changed', async () => {
    const at = create()
    let changes = 0
    at.lan.watch({ onNeighbor: () => undefined, onInterfaces: () => changes++ })
    await at.soon(at.lan.poke([pos1]))
    await at.scheduler.advance(50)
    await at.fault('appliance-cable')
    expect(changes).toBe(1)
    expect(await at.soon(at.lan.neighbors())).toEqual([])
    expect((await at.soon(at.lan.interfaces()))[0]).toMatchObject({ name: 'eth0', hasCarrier: false })
  })
})

describe('probes', () => {
  it('hear who answers ICMP, and by ARP also who does not', async () => {
    const at = create()
    const echoes = await at.soon(at.echo.ask([pos1, pos2], echoOptions))
    expect(echoes.map(({ rttMs }) => rttMs !== null)).toEqual([true, false])
    const answers = await at.soon(at.arp.ask('eth0', [pos1, pos2, '192.168.77.99']))
    expect(answers.map(({ ip }) => ip)).toEqual([pos1, pos2])
  })

  it('hear nothing of a sleeper, not even ARP', async () => {
    const at = create()
    await at.fault('pos-sleep', 'pos-3')
    expect(await at.soon(at.arp.ask('eth0', ['192.168.77.23']))).toEqual([])
  })

  it('see both owners of an address', async () => {
    const at = create()
    await at.fault('ip-conflict', 'pos-1')
    const answers = await at.soon(at.arp.ask('eth0', [pos1]))
    expect(new Set(answers.map(({ mac }) => mac)).size).toBe(2)
  })

  it('lose the share of packets that the line loses, each way', async () => {
    const at = create({ hasBackupUplink: true })
    await at.fault('wan-loss', '20')
    const target = addresses.targets[0]
    const share = async (localAddress: string) => {
      const outcomes = await at.soon(
        at.echo.ask(Array<string>(4_000).fill(target), { ...echoOptions, localAddress }),
      )
      return outcomes.filter(({ rttMs }) => rttMs === null).length / outcomes.length
    }
    expect(await share(addresses.appliance)).toBeCloseTo(1 - 0.8 ** 2, 1)
    expect(await share(addresses.applianceBackup)).toBe(0)
  })

  it('find the first hop behind the router', async () => {
    const at = create({ hasBackupUplink: true })
    const hop = (hops: number, localAddress: string) =>
      at.soon(at.echo.hop(addresses.targets[0], { hops, timeoutMs: 1_000, localAddress }))
    expect(await hop(1, addresses.appliance)).toBe(addresses.router)
    expect(await hop(2, addresses.appliance)).toBe(addresses.provider)
    expect(await hop(1, addresses.applianceBackup)).toBe(addresses.backup)
    await at.fault('wan-down', 'provider')
    expect(await hop(2, addresses.appliance)).toBeUndefined()
  })

  it('meet a payment processor that is silent, refuses, or breaks the handshake', async () => {
    const at = create()
    const shake = () =>
      at.soon(
        at.connector.handshake(addresses.processor, 443, { timeoutMs: 3_000, serverName: names.processor }),
      )
    expect(await shake()).toMatchObject({ kind: 'connected' })
    await at.fault('processor-down', 'silent')
    expect(await shake()).toMatchObject({ kind: 'tcp-failed', outcome: { kind: 'timeout' } })
    await at.fault('processor-down', 'refused')
    expect(await shake()).toMatchObject({ kind: 'tcp-failed', outcome: { kind: 'refused' } })
    await at.fault('processor-down', 'tls')
    expect(await shake()).toMatchObject({ kind: 'tls-failed' })
  })
})

describe('what the router serves', () => {
  it('names as long as its resolver answers, from its memory when the line is down', async () => {
    const at = create({ hasBackupUplink: true })
    const lookup = (server: string, localAddress: string = addresses.appliance) =>
      at.soon(at.resolver.lookup(names.processor, { server, timeoutMs: 1_000, localAddress }))
    expect(await lookup(addresses.router)).toMatchObject({ kind: 'answer', addresses: [addresses.processor] })
    await at.fault('wan-down', 'link')
    expect((await lookup(addresses.router)).kind).toBe('answer')
    await at.scheduler.advance(31_000)
    expect((await lookup(addresses.router)).kind).toBe('timeout')
    expect((await lookup(addresses.dns, addresses.applianceBackup)).kind).toBe('answer')
    await at.heal('wan-down')
    await at.fault('dns-down')
    expect((await lookup(addresses.router)).kind).toBe('timeout')
    expect((await lookup(addresses.dns)).kind).toBe('answer')
  })

  it('its uptime and the state of its WAN port by SNMP, to those who know the community', async () => {
    const at = create()
    const oids = ['1.3.6.1.2.1.1.3.0', '1.3.6.1.2.1.2.2.1.8.5']
    const get = (community: string) =>
      at.soon(
        at.snmp.get(addresses.router, oids, { community, timeoutMs: 1_000, retries: 0, maySend: () => true }),
      )
    await at.scheduler.advance(60_000)
    expect(await get(snmpCommunity)).toEqual({
      kind: 'values',
      values: new Map([
        [oids[0], 6_000],
        [oids[1], 1],
      ]),
    })
    expect(await get('secret')).toEqual({ kind: 'timeout' })
    await at.fault('wan-down', 'link')
    expect(await get(snmpCommunity)).toMatchObject({
      values: new Map([
        [oids[0], expect.any(Number)],
        [oids[1], 2],
      ]),
    })
    await at.fault('router-reboot')
    await at.scheduler.advance(20_000)
    const outcome = await get(snmpCommunity)
    expect(outcome.kind === 'values' ? Number(outcome.values.get(oids[0] ?? '')) : 0).toBeLessThan(600)
  })

  it('addresses to who asks, heard by the appliance; without a server devices ask on', async () => {
    const at = create()
    const heard: DhcpHeard[] = []
    await at.dhcp.listen((one) => heard.push(one))
    await at.fault('dhcp-down')
    await at.fault('new-device', 'new-1')
    await at.scheduler.advance(5_500)
    expect(heard.map(({ messageType }) => messageType)).toEqual(Array(6).fill('discover'))
    expect(at.location.node('new-1')?.address).toBeUndefined()
    await at.heal('dhcp-down')
    await at.scheduler.advance(2_000)
    expect(heard.at(-1)).toMatchObject({
      messageType: 'request',
      hostname: 'new-1',
      mac: '64:31:50:9e:07:01',
    })
    expect(at.location.node('new-1')?.address).toMatch(/^192\.168\.77\.1\d\d$/)
  })
})

describe('a life of the appliance', () => {
  it('hears nothing any more once its power is gone', async () => {
    const at = create()
    let outcomes = 0
    at.echo.monitor({ ips: [pos1], periodMs: 1_000, timeoutMs: 500 }, () => outcomes++)
    let isAnswered = false
    void at.lan.neighbors().then(() => {
      isAnswered = true
    })
    at.machine.kill()
    await at.scheduler.advance(10_000)
    expect([outcomes, isAnswered]).toEqual([0, false])
  })
})
