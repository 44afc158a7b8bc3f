import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compressionBomb, labels, mdnsPacket, printerAnnouncement, txtData } from '../testing/mdns-packets.ts'
import { compressIp6, parseMdnsResponse } from './mdns-packet.ts'

describe('an mDNS response', () => {
  it('tells host, services, instance, product and addresses', () => {
    expect(parseMdnsResponse(printerAnnouncement('192.0.2.41'))).toEqual({
      hostname: 'star-1',
      name: 'Star TSP143IV',
      services: ['_ipp._tcp'],
      txt: ['ty=Star TSP143IV', 'product=Star TSP143IV'],
      ips: ['192.0.2.41'],
      ips6: ['fe80::20c:29ff:fe00:1'],
    })
  })

  it('with compressed names is the same', () => {
    const head = mdnsPacket([
      {
        name: ['_ipp', '_tcp', 'local'],
        type: 'ptr',
        data: Buffer.concat([labels('Till').subarray(0, -1), Buffer.from([0xc0, 12])]),
      },
    ])
    expect(parseMdnsResponse(head)).toMatchObject({ name: 'Till', services: ['_ipp._tcp'] })
  })

  it('says nothing in a question, of others’ records in it, or in a goodbye', () => {
    const record = {
      name: ['_ipp', '_tcp', 'local'],
      type: 'ptr',
      data: labels('Till', '_ipp', '_tcp', 'local'),
    } as const
    expect(parseMdnsResponse(mdnsPacket([record], 0))).toBeUndefined()
    expect(parseMdnsResponse(mdnsPacket([{ ...record, ttl: 0 }]))).toMatchObject({ services: [] })
  })

  it('keeps only entries that tell the product, without control characters', () => {
    const data = txtData('path=/secret', 'MDL', 'model=X\u0007\u001b[31m1', '=empty')
    expect(parseMdnsResponse(mdnsPacket([{ name: ['x', 'local'], type: 'txt', data }]))?.txt).toEqual([
      'model=X [31m1',
    ])
  })

  it('that is a bomb of 1,400 bytes costs next to nothing', () => {
    const bomb = compressionBomb()
    expect(bomb.length).toBe(1_400)
    const startedAt = performance.now()
    for (let run = 0; run < 100; run++) parseMdnsResponse(bomb)
    expect((performance.now() - startedAt) / 100).toBeLessThan(5)
  })

  it.each([
    ['itself', Buffer.from([0xc0, 12])],
    ['what lies ahead', Buffer.from([0xc0, 14])],
  ])('whose name points at %s has no name', (_, name) => {
    expect(parseMdnsResponse(mdnsPacket([{ name, type: 'ptr', data: name }]))).toMatchObject({ services: [] })
  })

  it('whatever it is made of, never throws and stays short', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const packet = Buffer.concat([Buffer.from([0, 0, 0x84, 0, 0, 0, 0, 9, 0, 0, 0, 0]), bytes])
        const heard = parseMdnsResponse(packet)
        expect(JSON.stringify(heard).length).toBeLessThan(4_000)
      }),
      { numRuns: 500 },
    )
  })
})

it('IPv6 addresses are written as RFC 5952 wants them', () => {
  expect(compressIp6([0, 0, 0, 0, 0, 0, 0, 1])).toBe('::1')
  expect(compressIp6([0x2001, 0xdb8, 0, 0, 1, 0, 0, 1])).toBe('2001:db8::1:0:0:1')
  expect(compressIp6([0x2001, 0xdb8, 0, 1, 1, 1, 1, 1])).toBe('2001:db8:0:1:1:1:1:1')
  expect(compressIp6([0, 0, 0, 0, 0, 0, 0, 0])).toBe('::')
})
