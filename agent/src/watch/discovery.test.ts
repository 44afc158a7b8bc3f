import { describe, expect, it } from 'vitest'
import { createAgent } from '../agent.ts'
import { createManualScheduler } from '../testing/manual-scheduler.ts'
import { createPaperShop, type PaperHost } from '../testing/paper-shop.ts'

const router = { ip: '192.0.2.1', mac: '18:fd:74:5a:10:01' }
const till = { ip: '192.0.2.21', mac: '00:0b:4f:11:52:01' }
const next = '192.0.2.77'
const host = (one: { ip: string; mac: string }): PaperHost => ({
  ...one,
  answersIcmp: true,
  answersArp: true,
})

async function started() {
  const scheduler = createManualScheduler()
  const world = createPaperShop(scheduler, [router, till].map(host))
  await createAgent(world.deps).start()
  await scheduler.advance(30_000)
  world.answer([router.ip, till.ip])
  const addressesTold = () => {
    const births = world.sent.flatMap((one) => (one.kind === 'birth' ? [one.message] : []))
    return births.at(-1)?.devices.find(({ macs }) => macs.includes(till.mac))?.ips
  }
  const toldOf = (type: string) => world.changes().filter((one) => one.type === type).length
  return { scheduler, world, addressesTold, toldOf }
}

describe('a terminal with another address', () => {
  it('is found within seconds where it moved while the cable was out', async () => {
    const { scheduler, world, addressesTold, toldOf } = await started()
    await scheduler.advance(60_000)
    world.setCarrier(false)
    world.hosts.splice(1, 1, host({ ...till, ip: next }))
    await scheduler.advance(60_000)
    world.setCarrier(true)
    await scheduler.advance(15_000)
    expect(addressesTold()).toEqual([next])
    expect(toldOf('device-answered')).toBe(toldOf('device-silent'))
  })

  it('is swept for once a minute at most by a cable that comes and goes', async () => {
    const { scheduler, world } = await started()
    await scheduler.advance(60_000)
    let readings = 0
    const { lan } = world.deps
    const poke = lan.poke.bind(lan)
    Object.assign(lan, {
      poke: (ips: readonly string[]) => {
        if (ips.length > 200) readings++
        return poke(ips)
      },
    })
    for (let flap = 0; flap < 20; flap++) {
      world.setCarrier(flap % 2 !== 0)
      await scheduler.advance(5_000)
    }
    // Three rounds a sweep.
    expect(readings).toBeGreaterThan(0)
    expect(readings).toBeLessThanOrEqual(6)
  })

  it('does not go back to the old one because the kernel remembers it there', async () => {
    const { scheduler, world, addressesTold, toldOf } = await started()
    const { lan } = world.deps
    const neighbors = lan.neighbors.bind(lan)
    await scheduler.advance(250_000)
    world.hosts.splice(1, 1, host({ ...till, ip: next }))
    world.answer([next])
    // It is missed at the old address and heard at the new one; then a sweep reads what the kernel has not looked at again.
    await scheduler.advance(15_000)
    expect(addressesTold()).toEqual([next])
    Object.assign(lan, {
      neighbors: async () => [
        ...(await neighbors()).map((one) => (one.ip === next ? { ...one, state: 'stale' } : one)),
        { ...till, interface: 'eth0', state: 'reachable' },
      ],
    })
    await scheduler.advance(25_000)
    Object.assign(lan, { neighbors })
    await scheduler.advance(60_000)
    expect(addressesTold()).toEqual([next])
    expect(toldOf('device-silent')).toBe(0)
  })

  it('is found where it was before when it comes back there at once', async () => {
    const { scheduler, world, addressesTold, toldOf } = await started()
    await scheduler.advance(240_000)
    for (const ip of [next, till.ip]) {
      world.hosts.splice(1, 1, host({ ...till, ip }))
      world.answer([ip])
      await scheduler.advance(15_000)
      expect(addressesTold()).toEqual([ip])
    }
    await scheduler.advance(60_000)
    expect(addressesTold()).toEqual([till.ip])
    expect(toldOf('device-silent')).toBe(0)
  })
})
