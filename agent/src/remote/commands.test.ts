import type { CommandAction, CommandResult } from '@proactive/shared'
import { decode, encode } from '@proactive/shared/codec'
import { describe, expect, it } from 'vitest'
import { createAgent } from '../agent.ts'
import type { CloudLink, SpeedMeter } from '../ports/index.ts'
import { createManualScheduler } from '../testing/manual-scheduler.ts'
import { createPaperShop, type PaperHost } from '../testing/paper-shop.ts'

const payPath = { id: 'acme', name: 'Acme Pay', host: 'pay.example.net', port: 443, deviceIds: [] }
const terminal = 'mac-000b4f115201'

/** A shop with a router, a terminal and a printer, whose cloud can ask for something. */
async function shop(settings: object = {}, resolvesTo = '198.51.100.20', speedMeter?: SpeedMeter) {
  const scheduler = createManualScheduler()
  const host = (ip: string, mac: string): PaperHost => ({ ip, mac, answersIcmp: true, answersArp: true })
  const world = createPaperShop(
    scheduler,
    [
      host('192.0.2.1', '18:fd:74:5a:10:01'),
      host('192.0.2.21', '00:0b:4f:11:52:01'),
      host('192.0.2.41', '00:26:ab:7e:88:01'),
    ],
    { payPaths: [payPath], ...settings },
  )
  Object.assign(world.deps.resolver, {
    lookup: () => Promise.resolve({ kind: 'answer', addresses: [resolvesTo], tookMs: 1 }),
  })
  const connected: string[] = []
  Object.assign(world.deps.connector, {
    connect: (ip: string, port: number) => {
      connected.push(`${ip}:${port}`)
      return Promise.resolve({ kind: 'connected', tookMs: 1 })
    },
  })
  const open = world.deps.cloudLink.open
  let tell: Parameters<CloudLink['open']>[0]['events']['onMessage'] = () => undefined
  const results: CommandResult[] = []
  Object.assign(world.deps.cloudLink, {
    async open(options: Parameters<CloudLink['open']>[0]) {
      tell = options.events.onMessage
      const connection = await open(options)
      return {
        ...connection,
        publish: (kind: 'result', payload: Uint8Array) => {
          if (kind === 'result') results.push(decode('result', payload))
          return connection.publish(kind, payload)
        },
      }
    },
  })
  const agent = createAgent({ ...world.deps, ...(speedMeter === undefined ? {} : { speedMeter }) })
  await agent.start()
  await scheduler.advance(30_000)
  let lastId = 0
  /** Asks, lets that much time pass, gives all results so far. */
  async function ask(request: CommandAction, ms = 6_000, budgetMs = 5_000) {
    const id = `c${++lastId}`
    tell('command', encode('command', { v: 1, id, auditId: 'a', budgetMs, request }))
    await scheduler.advance(ms)
    return results.filter(({ commandId }) => commandId === id)
  }
  const final = async (...question: Parameters<typeof ask>) => (await ask(...question)).at(-1)?.outcome
  return { agent, scheduler, ask, final, connected, world }
}

describe('live tools', () => {
  it('go to addresses of the Location and of the probe list, and nowhere else', async () => {
    const { final, connected } = await shop()
    const refusals = [
      ['192.168.1.1', 'neither'],
      ['127.0.0.1', 'neither'],
      ['127.1', 'probe list'],
      ['example.com', 'probe list'],
      ['192.0.2.255', "no host's"],
      ['192.0.2.0', "no host's"],
    ]
    for (const [target = '', why] of refusals)
      expect(await final({ action: 'ping', target, count: 1 })).toMatchObject({
        status: 'refused',
        reason: expect.stringContaining(why ?? ''),
      })
    expect(await final({ action: 'tcp', target: '192.0.2.21', port: 9_100 })).toMatchObject({
      status: 'refused',
    })
    expect(await final({ action: 'tcp', target: 'pay.example.net', port: 443 })).toMatchObject({
      status: 'ok',
    })
    expect(connected).toContain('198.51.100.20:443')
  })

  it('do not follow a name that leads back onto the LAN', async () => {
    const { final, connected } = await shop({}, '192.0.2.21')
    const target = 'pay.example.net'
    for (const request of [
      { action: 'ping', target, count: 1 },
      { action: 'traceroute', target, maxHops: 3 },
      { action: 'tcp', target, port: 443 },
    ] as const)
      expect(await final(request)).toMatchObject({
        status: 'refused',
        reason: expect.stringContaining('own network'),
      })
    expect(connected).toEqual([])
  })

  it('never ask a payment terminal on port 53', async () => {
    const { final } = await shop()
    expect(await final({ action: 'dns', name: 'example.net', resolver: '192.0.2.21' })).toMatchObject({
      status: 'refused',
      reason: '192.0.2.21 is a payment terminal, no resolver',
    })
  })

  it('tell each answer as it comes, and all of them at the end', async () => {
    const { ask } = await shop()
    const parts = await ask({ action: 'ping', target: '192.0.2.21', count: 3 })
    expect(parts.map(({ seq, isFinal }) => [seq, isFinal])).toEqual([
      [0, false],
      [1, false],
      [2, false],
      [3, true],
    ])
    expect(parts.at(-1)?.outcome).toMatchObject({ status: 'ok', rttsMs: [1, 1, 1] })
  })

  it('leave half of a terminal’s budget to the watches, whatever people ask', async () => {
    const { ask, final, agent } = await shop()
    const outcomes: string[] = []
    for (let turn = 0; turn < 4; turn++)
      outcomes.push(
        (await final({ action: 'ping', target: '192.0.2.21', count: 5 }, 5_500))?.status ?? 'nothing',
      )
    expect(outcomes).toContain('refused')
    expect(agent.status().budget.find((figures) => figures.class === 'payment')?.refused).toBeGreaterThan(0)
    const probed = await ask({ action: 'probe', deviceId: terminal }, 3_000, 2_000)
    expect(probed.at(-1)?.outcome.status).toBe('ok')
  })

  it('end at their deadline, once', async () => {
    const { ask, world } = await shop()
    Object.assign(world.deps.pingNow, { ping: () => new Promise(() => undefined) })
    const results = await ask({ action: 'ping', target: '192.0.2.1', count: 5 }, 20_000, 2_000)
    expect(results.map(({ outcome }) => outcome.status)).toEqual(['timeout'])
    expect(results[0]?.isFinal).toBe(true)
  })
})

describe('a tool that hangs', () => {
  it('does not stand in the way of the next one after its deadline', async () => {
    const { final, world } = await shop()
    const { connect } = world.deps.connector
    Object.assign(world.deps.connector, { connect: () => new Promise(() => undefined) })
    const request = { action: 'tcp', target: 'pay.example.net', port: 443 } as const
    expect(await final(request)).toEqual({ status: 'timeout' })
    Object.assign(world.deps.connector, { connect })
    expect(await final(request)).toMatchObject({ status: 'ok' })
  })
})

describe('the live watch', () => {
  const watch: CommandAction & { action: 'watch' } = {
    action: 'watch',
    deviceIds: [terminal, 'mac-0026ab7e8801'],
    seconds: 10,
  }

  it('samples once a second, told at once, a terminal less often when its budget is used up', async () => {
    const { ask } = await shop()
    const results = await ask({ ...watch, seconds: 60 }, 62_000, 61_000)
    const samples = results.flatMap(({ outcome }) => (outcome.status === 'ok' ? (outcome.samples ?? []) : []))
    const of = (id: string) => samples.filter(([device]) => device === id).length
    expect(of('mac-0026ab7e8801')).toBeGreaterThan(40)
    expect(of(terminal)).toBeGreaterThan(10)
    expect(of(terminal)).toBeLessThan(40)
    expect(results.at(-1)).toMatchObject({ isFinal: true, outcome: { status: 'ok' } })
  })

  it('is renewed by a newer one, which ends the older', async () => {
    const { ask, scheduler } = await shop()
    const first = await ask({ ...watch, seconds: 60 }, 5_000, 61_000)
    expect(first.at(-1)?.isFinal).toBe(false)
    const second = await ask(watch, 12_000, 20_000)
    await scheduler.advance(1_000)
    expect(second.at(-1)).toMatchObject({ isFinal: true, outcome: { status: 'ok' } })
  })

  it('knows none of the devices: says so', async () => {
    const { final } = await shop()
    expect(await final({ ...watch, deviceIds: ['mac-nobody'] })).toMatchObject({ status: 'refused' })
  })
})

describe('a speed test', () => {
  it('needs a server that somebody on site named', async () => {
    const { final } = await shop()
    expect(await final({ action: 'speed' })).toMatchObject({
      status: 'refused',
      reason: expect.stringContaining('speedUrl'),
    })
  })

  it('that breaks off counts as much as it may have moved', async () => {
    const broken = () => Promise.resolve({ kind: 'failed', detail: 'reset' } as const)
    const { final } = await shop({ speedUrl: 'http://198.51.100.20/' }, '198.51.100.20', {
      download: broken,
      upload: broken,
    })
    for (let n = 0; n < 10; n++)
      expect(await final({ action: 'speed' }, 61_000, 20_000)).toMatchObject({ status: 'ok' })
    expect(await final({ action: 'speed' }, 61_000, 20_000)).toMatchObject({
      status: 'refused',
      reason: expect.stringContaining('500 MB'),
    })
  })
})
