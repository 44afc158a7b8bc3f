import { describe, expect, it } from 'vitest'
import { createAgent } from '../agent.ts'
import { createManualScheduler } from '../testing/manual-scheduler.ts'
import { createPaperShop } from '../testing/paper-shop.ts'

const own = '192.0.2.1'
const other = '198.51.100.53'

/** A shop with its router's resolver and one to compare with; both answer unless they are told not to. */
async function shop() {
  const scheduler = createManualScheduler()
  const world = createPaperShop(
    scheduler,
    [{ ip: own, mac: '18:fd:74:5a:10:01', answersIcmp: true, answersArp: true }],
    { alternativeResolvers: [other], dnsNames: ['processor.example.net'] },
  )
  const dead = new Set<string>()
  Object.assign(world.deps.resolver, {
    lookup: (_name: string, { server, timeoutMs }: { server: string; timeoutMs: number }) =>
      dead.has(server)
        ? new Promise((resolve) =>
            scheduler.after(timeoutMs, () => resolve({ kind: 'timeout', tookMs: timeoutMs, detail: 'none' })),
          )
        : Promise.resolve({ kind: 'no-such-name', tookMs: 1 }),
  })
  await createAgent(world.deps).start()
  await scheduler.advance(65_000)
  const told = () =>
    world
      .changes()
      .flatMap((change) => (change.type === 'dns-changed' ? [[change.resolver, change.isAnswering]] : []))
  return { scheduler, dead, told }
}

describe('the resolvers', () => {
  it('of the Location fail after four misses, and are told to work within four seconds of doing so', async () => {
    const { scheduler, dead, told } = await shop()
    dead.add(own)
    await scheduler.advance(19_000)
    expect(told()).toEqual([[own, false]])
    dead.delete(own)
    await scheduler.advance(4_000)
    expect(told()).toEqual([
      [own, false],
      [own, true],
    ])
  })

  it('to compare with may be silent: nobody there depends on them', async () => {
    const { scheduler, dead, told } = await shop()
    dead.add(other)
    await scheduler.advance(120_000)
    expect(told()).toEqual([])
  })
})
