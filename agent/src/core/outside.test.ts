import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPlainIpv4, whyNotOutside } from './outside.ts'

const facts = { ownNetworks: ['203.0.113.0/28'], isNamedOnSite: false }

describe('what must lie outside the Location', () => {
  it.each([
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.31.0.9',
    '192.168.77.21',
    '224.0.0.251',
    '255.255.255.255',
    '0.0.0.0',
    '203.0.113.7',
  ])('is not %s', (ip) => {
    expect(whyNotOutside(ip, facts)).toContain(ip)
  })

  it('is a public address', () => {
    expect(whyNotOutside('198.51.100.20', facts)).toBeUndefined()
    expect(whyNotOutside('203.0.113.17', facts)).toBeUndefined()
  })

  it('may be private where somebody on site said so, but never on the LAN', () => {
    const onSite = { ownNetworks: ['192.168.77.0/24'], isNamedOnSite: true }
    expect(whyNotOutside('10.20.30.40', onSite)).toBeUndefined()
    expect(whyNotOutside('192.168.77.21', onSite)).toContain('own network')
    expect(whyNotOutside('127.0.0.1', onSite)).toContain('the machine itself')
  })

  it('takes no spelling that programs read differently', () => {
    for (const text of ['127.1', '010.0.0.1', '0x7f.0.0.1', '2130706433', '1.2.3.4.5', '::1', ''])
      expect(isPlainIpv4(text)).toBe(false)
    fc.assert(fc.property(fc.ipV4(), (ip) => isPlainIpv4(ip)))
  })
})
