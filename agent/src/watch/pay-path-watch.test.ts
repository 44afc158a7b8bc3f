import { describe, expect, it } from 'vitest'
import { createAgent } from '../agent.ts'
import type { HandshakeOutcome } from '../ports/index.ts'
import { createManualScheduler } from '../testing/manual-scheduler.ts'
import { createPaperShop } from '../testing/paper-shop.ts'

/** A shop whose processor behaves as told; counts how often it is greeted. */
function shop(processorHost = '198.51.100.20', resolvesTo: string[] = []) {
  const scheduler = createManualScheduler()
  const payPaths = [{ id: 'acme', name: 'Acme Pay', host: processorHost, port: 443, deviceIds: [] }]
  const host = { ip: '192.0.2.1', mac: '18:fd:74:5a:10:01', answersIcmp: true, answersArp: true }
  const world = createPaperShop(scheduler, [host], { payPaths })
  Object.assign(world.deps.resolver, {
    lookup: () => Promise.resolve({ kind: 'answer', addresses: resolvesTo, tookMs: 1 }),
  })
  const processor = { mode: 'up' as 'up' | 'silent' | 'no-tls', connects: 0, handshakes: 0 }
  const silence = { kind: 'timeout', tookMs: 3_000, detail: 'no answer' } as const
  Object.assign(world.deps.connector, {
    connect: () => {
      processor.connects++
      return Promise.resolve(processor.mode === 'silent' ? silence : { kind: 'connected', tookMs: 1 })
    },
    handshake: (): Promise<HandshakeOutcome> => {
      processor.handshakes++
      if (processor.mode === 'silent') return Promise.resolve({ kind: 'tcp-failed', outcome: silence })
      if (processor.mode === 'no-tls')
        return Promise.resolve({ kind: 'tls-failed', tcpMs: 1, detail: 'closed' })
      return Promise.resolve({ kind: 'connected', tcpMs: 1, tlsMs: 2, certificateDays: 90 })
    },
  })
  const stages = () =>
    world.changes().flatMap((change) => (change.type === 'paypath-changed' ? [change.stage] : []))
  return { scheduler, world, processor, stages, agent: createAgent(world.deps) }
}

describe('the way to a payment processor', () => {
  it('is greeted once a minute and knocked at in between', async () => {
    const { scheduler, processor, agent, stages } = shop()
    await agent.start()
    await scheduler.advance(600_000)
    expect(processor.handshakes).toBeLessThanOrEqual(11)
    expect(processor.connects).toBeGreaterThanOrEqual(28)
    expect(stages()).toEqual([])
  })

  it('is told as failing at TCP within 30 s, and as working after two good walks', async () => {
    const { scheduler, processor, agent, stages } = shop()
    await agent.start()
    await scheduler.advance(60_000)
    processor.mode = 'silent'
    await scheduler.advance(29_000)
    expect(stages()).toEqual(['tcp'])
    processor.mode = 'up'
    await scheduler.advance(20_000)
    expect(stages()).toEqual(['tcp', 'none'])
  })

  it('is told as over within eight seconds where it was bad luck: before the cloud opens anything', async () => {
    const { scheduler, processor, agent, stages } = shop()
    await agent.start()
    await scheduler.advance(60_000)
    processor.mode = 'silent'
    while (stages().length === 0) await scheduler.advance(100)
    processor.mode = 'up'
    await scheduler.advance(8_000)
    expect(stages()).toEqual(['tcp', 'none'])
  })

  it('that stays away is walked less often after a while', async () => {
    const { scheduler, processor, agent } = shop()
    await agent.start()
    processor.mode = 'silent'
    await scheduler.advance(60_000)
    const before = processor.handshakes
    await scheduler.advance(60_000)
    expect(processor.handshakes - before).toBeLessThanOrEqual(6)
  })

  it('is told as failing at TLS after the next handshakes', async () => {
    const { scheduler, processor, agent, stages } = shop()
    await agent.start()
    await scheduler.advance(60_000)
    processor.mode = 'no-tls'
    await scheduler.advance(75_000)
    expect(stages()).toEqual(['tls'])
  })

  it('is no news while the internet itself is down', async () => {
    const { scheduler, world, processor, agent, stages } = shop()
    await agent.start()
    await scheduler.advance(60_000)
    world.state.doesInternetAnswer = false
    processor.mode = 'silent'
    await scheduler.advance(60_000)
    expect(stages()).toEqual([])
  })

  it('does not lead back onto the LAN, whatever its name resolves to', async () => {
    for (const address of ['192.0.2.21', '127.0.0.1', '169.254.169.254']) {
      const { scheduler, world, processor, agent, stages } = shop('pay.example.net', [address])
      await agent.start()
      await scheduler.advance(60_000)
      expect({ address, ...processor }).toMatchObject({ connects: 0, handshakes: 0 })
      expect(stages()).toEqual(['dns'])
      const told = world.changes().find(({ type }) => type === 'paypath-changed')
      expect(JSON.stringify(told)).toContain(address)
    }
  })

  it('waits for its budget: a doubtful path is not walked more often than the class allows', async () => {
    const { scheduler, processor, agent } = shop()
    await agent.start()
    await scheduler.advance(60_000)
    processor.mode = 'no-tls'
    await scheduler.advance(600_000)
    const { spent = 0 } = agent.status().budget.find((figures) => figures.class === 'outside') ?? {}
    expect(spent).toBeGreaterThanOrEqual(processor.handshakes * 10 + processor.connects * 4)
  })
})
