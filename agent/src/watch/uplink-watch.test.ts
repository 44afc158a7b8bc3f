import { describe, expect, it } from 'vitest'
import { createAgent } from '../agent.ts'
import { createManualScheduler } from '../testing/manual-scheduler.ts'
import { createPaperShop } from '../testing/paper-shop.ts'

const router = { ip: '192.0.2.1', mac: '18:fd:74:5a:10:01', answersIcmp: true, answersArp: true }
const targets = ['198.51.100.10', '198.51.100.11']
const seconds = 1_000
/** While a round is waited for, and while one is under way, whenever that is. */
const moments = [4_050, 4_550, 5_050, 5_550]

/** A line of whose echoes every second one is lost from a moment on; `extra` = how many did the rounds in between ask. */
async function badLine() {
  const scheduler = createManualScheduler()
  const world = createPaperShop(scheduler, [router])
  const state = { isBad: false, isDead: false, canAsk: true }
  const extra: number[] = []
  const { echo } = world.deps
  const isLost = (ip: string) => state.isDead || (state.isBad && ip === targets[1])
  Object.assign(echo, {
    monitor: ({ ips, periodMs }: Parameters<typeof echo.monitor>[0], onOutcome: (outcome: unknown) => void) =>
      scheduler.every(periodMs, () => {
        for (const ip of ips) onOutcome({ ip, rttMs: isLost(ip) ? null : 1 })
      }),
    ask: (ips: readonly string[], { count }: { count: number }) => {
      if (count === 1 && ips.includes(targets[0] as string)) extra.push(scheduler.monotonicMs())
      return new Promise((resolve) => {
        scheduler.after(100, () =>
          resolve(state.canAsk ? ips.map((ip) => ({ ip, rttMs: isLost(ip) ? null : 1 })) : []),
        )
      })
    },
  })
  const agent = createAgent(world.deps)
  await agent.start()
  await scheduler.advance(150 * seconds)
  state.isBad = true
  const words = () =>
    world
      .changes()
      .flatMap((change) => (change.type === 'wan-changed' && change.state !== 'up' ? [change] : []))
  for (let waited = 0; words().length === 0 && waited < 60; waited++) await scheduler.advance(1 * seconds)
  extra.length = 0
  return { scheduler, agent, world, state, extra, words }
}

describe('a line just told as hardly usable', () => {
  it('is asked once more between its regular rounds, for forty seconds', async () => {
    const { scheduler, extra, words } = await badLine()
    expect(words().map(({ state }) => state)).toEqual(['degraded'])
    await scheduler.advance(60 * seconds)
    expect(extra.length).toBeGreaterThanOrEqual(18)
    expect(extra.length).toBeLessThanOrEqual(20)
  })

  it('is told as well ten seconds after the last loss', async () => {
    const { scheduler, state, words } = await badLine()
    await scheduler.advance(5 * seconds)
    state.isBad = false
    await scheduler.advance(11 * seconds)
    expect(words().map(({ lossRatio = 1 }) => lossRatio < 0.1)).toEqual([false, true])
  })

  it('is told as well all the same where no more echoes can be sent: what was not asked was not lost', async () => {
    const { scheduler, state, words } = await badLine()
    state.isBad = false
    state.canAsk = false
    await scheduler.advance(22 * seconds)
    expect(words().at(-1)?.lossRatio).toBeLessThan(0.1)
  })

  it('is not asked behind a cable that is out', async () => {
    for (const afterMs of moments) {
      const { scheduler, world, extra } = await badLine()
      await scheduler.advance(afterMs)
      const before = extra.length
      world.setCarrier(false)
      await scheduler.advance(20 * seconds)
      expect(extra.length).toBe(before)
    }
  })

  it('is no sooner told as dead by the rounds in between', async () => {
    const { scheduler, state, extra, words } = await badLine()
    await scheduler.advance(3 * seconds)
    state.isDead = true
    await scheduler.advance(20 * seconds)
    expect(words().at(-1)?.state).toBe('down')
    const asked = extra.length
    await scheduler.advance(10 * seconds)
    expect(extra.length).toBe(asked)
  })

  it('is not asked any more once the agent stops', async () => {
    for (const afterMs of moments) {
      const { scheduler, agent, extra, words } = await badLine()
      await scheduler.advance(afterMs)
      const before = [extra.length, words().length]
      const stopping = agent.stop('shutdown')
      await scheduler.advance(20 * seconds)
      await stopping
      expect([extra.length, words().length]).toEqual(before)
    }
  })
})
