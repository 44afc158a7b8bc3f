import { agentConfigSchema, telemetrySchema } from '@proactive/shared'
import { describe, expect, it } from 'vitest'
import { createAgent } from './agent.ts'
import { createManualScheduler } from './testing/manual-scheduler.ts'
import { createPaperShop, type PaperHost } from './testing/paper-shop.ts'

function shop(settings: object = {}) {
  const host = (last: number, mac: string, answersIcmp = true): PaperHost => ({
    ip: `192.0.2.${last}`,
    mac,
    answersIcmp,
    answersArp: true,
  })
  const router = host(1, '18:fd:74:5a:10:01')
  const pos1 = host(21, '00:0b:4f:11:52:01')
  const pos2 = host(22, '00:0b:4f:11:52:02', false)
  const scheduler = createManualScheduler()
  const world = createPaperShop(scheduler, [router, pos1, pos2], settings)
  return { scheduler, world, router, pos1, pos2, agent: createAgent(world.deps) }
}

const off = (host: PaperHost) => {
  host.answersIcmp = false
  host.answersArp = false
}

describe('an agent in a small shop, in virtual time', () => {
  it('starts with whatever a version before kept of the wanted configuration, and goes on without it', async () => {
    const scheduler = createManualScheduler()
    const world = createPaperShop(scheduler, [])
    world.deps.spool.commit({
      facts: new Map([
        ['desired', JSON.stringify({ v: 0, version: 7, config: { networks: 'all' } })],
        ['uplinks', '[1, null]'],
      ]),
    })
    const agent = createAgent(world.deps)
    await agent.start()
    expect(agent.status()).toMatchObject({ desiredVersion: 0, plan: { networks: ['192.0.2.0/24'] } })
  })

  it('tells its inventory before the first batch that uses it', async () => {
    const { scheduler, world, agent } = shop()
    await agent.start()
    await scheduler.advance(45_000)
    const aliases = new Set<number>()
    for (const { kind, message } of world.sent) {
      if (kind === 'birth')
        for (const { alias } of [...message.devices, ...message.targets]) aliases.add(alias)
      if (kind !== 'telemetry') continue
      expect(telemetrySchema.safeParse(message).success).toBe(true)
      for (const rows of Object.values(message.rows))
        for (const [alias] of rows ?? []) expect(alias === 0 || aliases.has(alias ?? -1)).toBe(true)
    }
    expect(agent.status().presence).toEqual({ present: 3, known: 3 })
  })

  it('notices a dead terminal within 15 s, also one that ignores ICMP, and says when each is back', async () => {
    const { scheduler, world, agent, pos1, pos2 } = shop()
    await agent.start()
    await scheduler.advance(30_000)
    off(pos1)
    off(pos2)
    await scheduler.advance(15_500)
    const silent = world.changes().filter(({ type }) => type === 'device-silent')
    expect(silent.map((change) => 'deviceId' in change && change.deviceId).sort()).toEqual([
      'mac-000b4f115201',
      'mac-000b4f115202',
    ])
    pos1.answersIcmp = true
    pos2.answersArp = true
    await scheduler.advance(15_500)
    expect(world.changes().filter(({ type }) => type === 'device-answered')).toHaveLength(2)
  })

  it('says nothing about a terminal that misses a few packets', async () => {
    const { scheduler, world, agent, pos1 } = shop()
    await agent.start()
    await scheduler.advance(30_000)
    const before = world.changes().length
    for (let loss = 0; loss < 12; loss++) {
      off(pos1)
      await scheduler.advance(2_500)
      Object.assign(pos1, { answersIcmp: true, answersArp: true })
      await scheduler.advance(8_500)
    }
    expect(world.changes().length).toBe(before)
  })

  it('tells lost carrier and gateway at once, and everything that happened in the dark when the cloud is back, in order', async () => {
    const { scheduler, world, agent } = shop()
    await agent.start()
    await scheduler.advance(30_000)
    const seen = world.sent.length
    world.setCarrier(false)
    world.setCloud(false)
    await scheduler.advance(40_000)
    expect(world.sent.length).toBe(seen)
    world.setCarrier(true)
    world.setCloud(true)
    await scheduler.advance(40_000)
    const types = world.changes().map(({ type }) => type)
    expect(types.slice(types.indexOf('link-changed', 2)).slice(0, 2)).toEqual([
      'link-changed',
      'gateway-changed',
    ])
    expect(types).toContain('verdict')
    const stamps = world.sent.flatMap(({ kind, message }) =>
      kind === 'observation' || kind === 'telemetry' ? [`${message.lane} ${message.seq}`] : [],
    )
    expect(new Set(stamps).size).toBe(stamps.length)
    for (const lane of ['live', 'backlog']) {
      const seqs = stamps
        .filter((stamp) => stamp.startsWith(lane))
        .map((stamp) => Number(stamp.split(' ')[1]))
      expect(seqs).toEqual(seqs.map((_, index) => index + 1))
    }
    const windows = world.sent.flatMap(({ kind, message }) =>
      kind === 'telemetry' ? [message.windowMs] : [],
    )
    expect(windows.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThanOrEqual(90_000)
  })

  it('is down with the internet within 12 s, and knows that the gateway still answers', async () => {
    const { scheduler, world, agent } = shop()
    await agent.start()
    await scheduler.advance(30_000)
    world.state.doesInternetAnswer = false
    await scheduler.advance(12_000)
    expect(world.changes().at(-1)).toMatchObject({ type: 'wan-changed', state: 'down', uplinkId: 'primary' })
    expect(agent.status().uplinks).toMatchObject([{ isGatewayReachable: true, isWanUp: false }])
  })

  it('sends nothing on a LAN that nobody named', async () => {
    const { scheduler, world, agent } = shop({ networks: [], uplinks: [], internetTargets: [] })
    const { echo, arp, lan } = world.deps
    const asked: string[] = []
    const note =
      <R>(answer: R) =>
      (ips: readonly string[]) => {
        asked.push(...ips)
        return answer
      }
    Object.assign(echo, {
      ask: note(Promise.resolve([])),
      monitor: ({ ips }: { ips: string[] }) => note(() => undefined)(ips),
    })
    Object.assign(lan, { poke: note(Promise.resolve()) })
    Object.assign(arp, { ask: (_: string, ips: string[]) => note(Promise.resolve([]))(ips) })
    await agent.start()
    await scheduler.advance(120_000)
    expect(asked).toEqual([])
    expect(agent.status().devices).toEqual([])
  })

  it('tells a start after a power loss from one after a kill', async () => {
    const { scheduler, world, agent } = shop()
    await agent.start()
    await scheduler.advance(30_000)
    world.state.bootId = 'boot-2'
    const again = createAgent(world.deps)
    await again.start()
    await scheduler.advance(5_000)
    const starts = world.changes().filter(({ type }) => type === 'agent-started')
    expect(starts).toMatchObject([{ previousEnd: 'first-start' }, { previousEnd: 'power-loss' }])
  })
})

describe('a terminal that is swapped while the agent watches', () => {
  it('is told with before and after, and the next birth knows only the new one', async () => {
    const { scheduler, world, agent, pos1 } = shop()
    await agent.start()
    await scheduler.advance(30_000)
    off(pos1)
    await scheduler.advance(4 * 60_000)
    world.hosts[world.hosts.indexOf(pos1)] = {
      ...pos1,
      mac: '00:0b:4f:11:52:99',
      answersIcmp: true,
      answersArp: true,
    }
    await scheduler.advance(6 * 60_000)
    const told = world.changes().filter(({ type }) => type.startsWith('device-'))
    expect(told.slice(-2)).toMatchObject([
      { type: 'device-new', device: { id: 'mac-000b4f115299' } },
      {
        type: 'device-replaced',
        before: { deviceId: 'mac-000b4f115201', mac: pos1.mac, ip: pos1.ip },
        after: { deviceId: 'mac-000b4f115299', mac: '00:0b:4f:11:52:99', ip: pos1.ip },
      },
    ])
    const births = world.sent.flatMap(({ kind, message }) => (kind === 'birth' ? [message] : []))
    expect(
      births
        .at(-1)
        ?.devices.map(({ id }) => id)
        .sort(),
    ).toEqual(['mac-000b4f115202', 'mac-000b4f115299', 'mac-18fd745a1001'])
    // What was measured of the old one before may still be on its way.
    expect(births.at(-1)?.retired).toEqual([
      { alias: expect.any(Number), id: 'mac-000b4f115201', role: 'pos-terminal' },
    ])
    expect(agent.status().presence).toEqual({ present: 3, known: 3 })
  })

  it('looks at a network that the cloud wants as soon as the appliance is attached to it', async () => {
    const { scheduler, world } = shop({ networks: [] })
    const config = agentConfigSchema.parse({
      ...{ telemetrySeconds: 30, networks: ['192.0.2.0/24'], payPaths: [], internetTargets: [] },
      ...{ dnsNames: [], devices: [] },
    })
    const spool = world.deps.spool
    spool.commit({ facts: new Map([['desired', JSON.stringify({ v: 1, version: 1, config })]]) })
    const attached = world.deps.lan.interfaces
    const withoutAddress = async () => (await attached()).map((one) => ({ ...one, addresses: [] }))
    Object.assign(world.deps.lan, { interfaces: withoutAddress })
    const late = createAgent(world.deps)
    await late.start()
    await scheduler.advance(20_000)
    expect(late.status().plan.networks).toEqual([])
    expect(late.status().refused).toMatchObject([{ path: 'networks.0' }])
    Object.assign(world.deps.lan, { interfaces: attached })
    world.setCarrier(true)
    await scheduler.advance(20_000)
    expect(late.status().plan.networks).toEqual(['192.0.2.0/24'])
    expect(late.status().refused).toEqual([])
    expect(late.status().devices).toHaveLength(3)
  })
})
