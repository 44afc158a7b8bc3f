import { describe, expect, it } from 'vitest'
import { createAgent } from '../agent.ts'
import type { DhcpHeard } from '../ports/index.ts'
import { createManualScheduler } from '../testing/manual-scheduler.ts'
import { createPaperShop } from '../testing/paper-shop.ts'

/** A shop whose appliance has its address for an hour, until it is renewed. */
async function shop() {
  const scheduler = createManualScheduler()
  const world = createPaperShop(scheduler, [
    { ip: '192.0.2.1', mac: '18:fd:74:5a:10:01', answersIcmp: true, answersArp: true },
  ])
  const hour = 3_600
  let lentAtMono = scheduler.monotonicMs()
  let hear: (heard: DhcpHeard) => void = () => undefined
  const { interfaces } = world.deps.lan
  Object.assign(world.deps.lan, {
    interfaces: async () => {
      const leaseSeconds = hour - Math.floor((scheduler.monotonicMs() - lentAtMono) / 1_000)
      return (await interfaces()).map((own) => ({ ...own, leaseSeconds }))
    },
  })
  Object.assign(world.deps.dhcp, {
    listen: (onHeard: typeof hear) => {
      hear = onHeard
      return Promise.resolve(() => undefined)
    },
  })
  await createAgent(world.deps).start()
  await scheduler.advance(60_000)
  const say = (messageType: DhcpHeard['messageType'], mac = '0a:00:00:00:00:01', serverId?: string) =>
    hear({ mac, messageType, ...(serverId === undefined ? {} : { serverId }) })
  return {
    scheduler,
    say,
    async askInVain() {
      for (let tries = 0; tries < 4; tries++) {
        say('discover')
        await scheduler.advance(3_000)
      }
    },
    renew: () => {
      lentAtMono = scheduler.monotonicMs()
    },
    told: () =>
      world
        .changes()
        .flatMap((change) =>
          change.type === 'dhcp-changed' ? [[change.isAnswering, change.evidence[0]?.detail]] : [],
        ),
  }
}

describe('the DHCP server', () => {
  it('fails when a client keeps asking in vain, and works again when another one requests what it was offered', async () => {
    const { scheduler, say, askInVain, told } = await shop()
    await askInVain()
    await scheduler.advance(1_000)
    say('request', '0a:00:00:00:00:02', '192.0.2.1')
    await scheduler.advance(1_000)
    expect(told()).toEqual([
      [false, 'client 0a:00:00:00:00:01'],
      [true, 'client 0a:00:00:00:00:02'],
    ])
  })

  it('works again when the appliance’s own lease is renewed, though nobody asks any more', async () => {
    const { scheduler, askInVain, renew, told } = await shop()
    await askInVain()
    await scheduler.advance(300_000)
    expect(told()).toHaveLength(1)
    renew()
    await scheduler.advance(61_000)
    expect(told().slice(1)).toEqual([[true, 'the appliance itself']])
  })
})
