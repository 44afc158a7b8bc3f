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
