import { expect, it } from 'vitest'
import { createAgent } from '../agent.ts'
import { createManualScheduler } from '../testing/manual-scheduler.ts'
import { createPaperShop } from '../testing/paper-shop.ts'

it('a first inventory of a crowd gets all its names, though the budget does not hold them at once', async () => {
  const scheduler = createManualScheduler()
  const crowd = Array.from({ length: 120 }, (_, index) => ({
    ip: `192.0.2.${index + 10}`,
    mac: `3c:a8:2a:00:00:${(index + 1).toString(16).padStart(2, '0')}`,
    answersIcmp: false,
    answersArp: false,
  }))
  const world = createPaperShop(scheduler, [
    { ip: '192.0.2.1', mac: '18:fd:74:5a:10:01', answersIcmp: true, answersArp: true },
    ...crowd,
  ])
  Object.assign(world.deps.resolver, {
    reverse: (ip: string) =>
      new Promise<string[]>((resolve) => {
        scheduler.after(1, () => resolve([`pc-${ip.split('.').at(-1)}.lan`]))
      }),
  })
  const agent = createAgent(world.deps)
  await agent.start()
  await scheduler.advance(10_000)
  // The shop opens.
  for (const host of crowd) Object.assign(host, { answersIcmp: true, answersArp: true })
  void agent.sweep()
  await scheduler.advance(120_000)
  const { devices } = agent.status()
  expect(devices).toHaveLength(crowd.length + 1)
  expect(devices.filter(({ name }) => name === undefined)).toEqual([])
})
