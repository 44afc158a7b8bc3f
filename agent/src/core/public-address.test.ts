import { describe, expect, it } from 'vitest'
import { createAgent } from '../agent.ts'
import { createManualScheduler } from '../testing/manual-scheduler.ts'
import { createPaperShop } from '../testing/paper-shop.ts'
import { createPublicAddresses, isPublicAddress } from './public-address.ts'

describe('the public address of a way out', () => {
  it.each([
    ['203.0.113.7', true],
    ['2001:db8::7', true],
    ['192.168.1.2', false],
    ['100.64.3.4', false],
    ['127.0.0.1', false],
    ['::1', false],
    ['fe80::1', false],
    ['fd00::7', false],
  ])('%s: %s', (address, isPublic) => {
    expect(isPublicAddress(address)).toBe(isPublic)
  })

  it('is kept over a restart, and text that is none is ignored', () => {
    const first = createPublicAddresses()
    expect(first.seen('primary', '203.0.113.7')).toEqual({ after: '203.0.113.7' })
    expect(first.seen('primary', '127.0.0.1')).toBeUndefined()
    const next = createPublicAddresses(first.serialize())
    expect(next.seen('primary', '203.0.113.7')).toBeUndefined()
    expect(next.seen('primary', '203.0.113.9')).toEqual({ before: '203.0.113.7', after: '203.0.113.9' })
    expect(createPublicAddresses('{"primary":1').list()).toEqual([])
  })
})

describe('a line that is seen by IPv4 and IPv6 in turn', () => {
  it('changes only where an address of one family does, and is known by its IPv4 one', () => {
    const addresses = createPublicAddresses()
    addresses.seen('primary', '2001:db8::7')
    expect(addresses.of('primary')).toBe('2001:db8::7')
    expect(addresses.seen('primary', '203.0.113.7')).toEqual({ after: '203.0.113.7' })
    expect(addresses.seen('primary', '2001:db8::7')).toBeUndefined()
    expect(addresses.seen('primary', '203.0.113.7')).toBeUndefined()
    expect(addresses.of('primary')).toBe('203.0.113.7')
    const next = createPublicAddresses(addresses.serialize())
    expect(next.seen('primary', '2001:db8::8')).toEqual({ before: '2001:db8::7', after: '2001:db8::8' })
    expect(next.of('primary')).toBe('203.0.113.7')
  })
})

describe('an agent that the cloud tells where it comes from', () => {
  it('tells a change with before and after, once, and names the address in its births', async () => {
    const scheduler = createManualScheduler()
    const world = createPaperShop(scheduler, [])
    const agent = createAgent(world.deps)
    const told = () => world.changes().filter(({ type }) => type === 'public-address-changed')
    const inBirth = () =>
      world.sent
        .flatMap((one) => (one.kind === 'birth' ? [one.message.uplinks[0]?.publicAddress] : []))
        .at(-1)
    await agent.start()
    await scheduler.advance(2_000)
    const seenFrom = async (address: string) => {
      world.send('seen', { v: 1, address })
      await scheduler.advance(1_000)
    }
    await seenFrom('203.0.113.7')
    expect(told()).toEqual([])
    expect(inBirth()).toBe('203.0.113.7')
    await seenFrom('203.0.113.99')
    await seenFrom('203.0.113.99')
    await seenFrom('10.0.0.9')
    expect(told()).toMatchObject([
      {
        uplinkId: 'primary',
        before: '203.0.113.7',
        after: '203.0.113.99',
        evidence: [{ answer: 'changed' }],
      },
    ])
    expect(inBirth()).toBe('203.0.113.99')
    expect(agent.status().publicAddresses).toEqual([{ uplinkId: 'primary', address: '203.0.113.99' }])
    await agent.stop('shutdown')
  })
})
