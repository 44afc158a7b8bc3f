import { describe, expect, it } from 'vitest'
import { createAgent } from '../agent.ts'
import { createManualScheduler } from '../testing/manual-scheduler.ts'
import { createPaperShop, type PaperHost } from '../testing/paper-shop.ts'

const router = { ip: '192.0.2.1', mac: '18:fd:74:5a:10:01' }
const till = { ip: '192.0.2.21', mac: '00:0b:4f:11:52:01' }
const host = (one: { ip: string; mac: string }): PaperHost => ({
  ...one,
  answersIcmp: true,
  answersArp: true,
})

describe('a terminal with a new lease', () => {
  it('is not silent because its new address became known while it was asked at the old one', async () => {
    const scheduler = createManualScheduler()
    const world = createPaperShop(scheduler, [router, till].map(host))
    const next = '192.0.2.77'
    let rechecks = 0
    const { echo } = world.deps
    const ask = echo.ask.bind(echo)
    let isMoved = false
    Object.assign(echo, {
      ask: (...args: Parameters<typeof ask>) => {
        // The last of three tries after the first miss is under way when the kernel hears it at its new place.
        if (isMoved && args[0].includes(till.ip) && ++rechecks === 3) world.answer([next])
        return ask(...args)
      },
    })
    await createAgent(world.deps).start()
    await scheduler.advance(30_000)
    world.answer([till.ip])
    world.hosts.splice(1, 1, host({ ...till, ip: next }))
    isMoved = true
    await scheduler.advance(60_000)
    expect(rechecks).toBeGreaterThanOrEqual(3)
    expect(world.changes().filter(({ type }) => type === 'device-silent')).toEqual([])
  })
})

describe('without raw ARP', () => {
  const mute = { ...host(till), answersIcmp: false }

  async function shopWith(terminal: PaperHost, isRaw: boolean) {
    const scheduler = createManualScheduler()
    const world = createPaperShop(scheduler, [host(router), terminal])
    const poked: string[] = []
    Object.assign(world.deps.arp, { isAvailable: () => isRaw })
    Object.assign(world.deps.lan, { poke: async (ips: string[]) => void poked.push(...ips) })
    await createAgent(world.deps).start()
    await scheduler.advance(60_000)
    poked.length = 0
    return { scheduler, world, poked }
  }

  it('a terminal that ignores echo requests is asked as soon as the kernel doubts it, once however often that is', async () => {
    const { scheduler, world, poked } = await shopWith(mute, false)
    for (let time = 0; time < 1_000; time++) world.believe(till.ip, 'stale')
    await scheduler.advance(50)
    expect(poked).toEqual([till.ip])
    // It answers when it is looked at a second later; what is doubted again so soon is not asked again.
    await scheduler.advance(4_000)
    const asked = poked.length
    world.believe(till.ip, 'stale')
    await scheduler.advance(50)
    expect(poked.length).toBe(asked)
  })

  it('one that answers them is not, nor anybody where raw ARP is allowed', async () => {
    for (const [terminal, isRaw] of [
      [host(till), false],
      [mute, true],
    ] as const) {
      const { scheduler, world, poked } = await shopWith(terminal, isRaw)
      world.believe(till.ip, 'stale')
      await scheduler.advance(50)
      expect(poked).toEqual([])
    }
  })

  it('what the kernel gave up after it was asked is silent at once', async () => {
    const { scheduler, world } = await shopWith(mute, false)
    const lan = world.deps.lan
    const neighbors = await lan.neighbors()
    Object.assign(lan, { neighbors: async () => neighbors.map((each) => ({ ...each, state: 'probe' })) })
    world.hosts.splice(1, 1)
    world.believe(till.ip, 'stale')
    await scheduler.advance(8_000)
    expect(world.changes().map(({ type }) => type)).not.toContain('device-silent')
    world.believe(till.ip, 'failed')
    await scheduler.advance(100)
    expect(world.changes().map(({ type }) => type)).toContain('device-silent')
  })

  it('one of two addresses of a terminal says nothing of it when the kernel gives it up', async () => {
    const second = '192.0.2.77'
    const { scheduler, world } = await shopWith(mute, false)
    const { lan } = world.deps
    world.hosts.push({ ...mute, ip: second })
    world.answer([second])
    const table = await lan.neighbors()
    // Both are being looked at: nobody knows for some seconds, and meanwhile one is given up.
    Object.assign(lan, { neighbors: async () => table.map((each) => ({ ...each, state: 'probe' })) })
    world.believe(till.ip, 'stale')
    await scheduler.advance(8_500)
    world.believe(second, 'failed')
    await scheduler.advance(100)
    expect(world.changes().map(({ type }) => type)).not.toContain('device-silent')
  })
})
