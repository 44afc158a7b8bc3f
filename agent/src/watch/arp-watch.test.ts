import { describe, expect, it } from 'vitest'
import { parseArpLine } from '../adapters/arp-ears.ts'
import { createAgent } from '../agent.ts'
import type { ArpHeard } from '../ports/index.ts'
import { createManualScheduler } from '../testing/manual-scheduler.ts'
import { createPaperShop } from '../testing/paper-shop.ts'

const mac = '00:11:62:0b:a0:09'
const head = `${mac} > ff:ff:ff:ff:ff:ff, ethertype ARP (0x0806), length 42: `

describe('a line of tcpdump about ARP', () => {
  it.each([
    ['Request who-has 192.0.2.1 tell 192.0.2.9, length 28', { ip: '192.0.2.9', isProbe: false }],
    [
      'Request who-has 192.0.2.1 (ff:ff:ff:ff:ff:ff) tell 192.0.2.9, length 46',
      { ip: '192.0.2.9', isProbe: false },
    ],
    ['Request who-has 192.0.2.9 tell 0.0.0.0, length 28', { ip: '192.0.2.9', isProbe: true }],
    ['Reply 192.0.2.9 is-at 00:11:62:0b:a0:09, length 28', { ip: '192.0.2.9', isProbe: false }],
    ['Announcement 192.0.2.9, length 28', { ip: '192.0.2.9', isProbe: false }],
    ['Probe 192.0.2.9, length 28', { ip: '192.0.2.9', isProbe: true }],
  ])('%s', (words, heard) => {
    expect(parseArpLine(head + words)).toEqual({ mac, ...heard })
  })

  it('is nothing where it tells no address, or not of ARP', () => {
    for (const line of [
      '',
      'listening on eth0, link-type EN10MB (Ethernet), snapshot length 64 bytes',
      `${head}Request who-has 0.0.0.0 tell 0.0.0.0, length 28`,
      `${mac} > ff:ff:ff:ff:ff:ff, ethertype IPv4 (0x0800), length 42: Reply 192.0.2.9 is-at`,
      '[|arp]'.repeat(2_000),
    ])
      expect(parseArpLine(line)).toBeUndefined()
  })
})

describe('ARP words on the link', () => {
  async function shop() {
    const scheduler = createManualScheduler()
    const world = createPaperShop(scheduler, [
      { ip: '192.0.2.9', mac, answersIcmp: false, answersArp: false },
    ])
    const poked: string[] = []
    const joined: (readonly string[])[] = []
    let say: (heard: ArpHeard) => void = () => undefined
    Object.assign(world.deps.lan, {
      poke: async (ips: readonly string[]) => {
        poked.push(...ips)
        world.answer(ips)
      },
    })
    Object.assign(world.deps, {
      arpEars: {
        listen: (onHeard: typeof say) => {
          say = onHeard
          return { join: (names: readonly string[]) => joined.push(names), isHearing: () => true, stop() {} }
        },
      },
    })
    const agent = createAgent(world.deps)
    await agent.start()
    await scheduler.advance(20_000)
    poked.length = 0
    return { agent, scheduler, world, poked, joined, say: (heard: ArpHeard) => say(heard) }
  }

  it('make the agent ask, and the answer makes a device; a word alone makes none', async () => {
    const { agent, scheduler, world, poked, joined, say } = await shop()
    expect(joined.at(-1)).toEqual(['eth0'])
    say({ ip: '192.0.2.9', mac, isProbe: false })
    await scheduler.advance(6_000)
    expect(poked).toEqual(['192.0.2.9'])
    expect(agent.status().devices).toEqual([])
    const [host] = world.hosts
    if (host !== undefined) host.answersArp = true
    say({ ip: '192.0.2.9', mac, isProbe: false })
    await scheduler.advance(1_000)
    expect(agent.status().devices).toMatchObject([{ macs: [mac], ips: ['192.0.2.9'] }])
    await agent.stop('shutdown')
  })

  it('of who is about to take an address are followed when it has it; storms and foreign networks are not', async () => {
    const { agent, scheduler, poked, say } = await shop()
    say({ ip: '192.0.2.9', mac, isProbe: true })
    say({ ip: '198.51.100.9', mac, isProbe: false })
    await scheduler.advance(1_000)
    expect(poked).toEqual([])
    await scheduler.advance(8_000)
    expect(new Set(poked)).toEqual(new Set(['192.0.2.9']))
    poked.length = 0
    for (let host = 0; host < 250; host++) say({ ip: `192.0.2.${host}`, mac, isProbe: false })
    await scheduler.advance(500)
    expect(poked.length).toBeLessThanOrEqual(100)
    await agent.stop('shutdown')
  })
})
