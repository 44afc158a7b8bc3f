import { describe, expect, it } from 'vitest'
import { createTestInventory } from '../testing/test-inventory.ts'

const mac = '00:0b:4f:11:52:01'
const day = 86_400_000

describe('a device that changes its addresses', () => {
  it('all day is followed for eight addresses of IPv6 and then one in ten minutes; the rest is counted', () => {
    const at = createTestInventory()
    at.saw('192.0.2.21', mac)
    let told = 0
    for (let n = 1; n <= 3_600; n++) {
      at.pass(1_000)
      if (at.inventory.saw6(`2001:db8::${n.toString(16)}`, mac)) told++
    }
    expect(told).toBeGreaterThanOrEqual(13)
    expect(told).toBeLessThanOrEqual(14)
    expect(at.inventory.figures().ignoredAddresses).toBe(3_600 - told)
    expect(at.inventory.byMac(mac)?.ips).toHaveLength(5)
  })

  it('to and fro among five is not told anew each time', () => {
    const at = createTestInventory()
    at.saw('192.0.2.21', mac)
    let told = 0
    for (let n = 0; n < 600; n++) {
      at.pass(1_000)
      if (at.inventory.saw6(`fe80::${n % 5}`, mac)) told++
    }
    expect(told).toBeLessThanOrEqual(9)
  })

  it('as RFC 8981 says loses each two days after it was heard last, keeps the lasting one, and never the last', () => {
    const at = createTestInventory()
    at.saw('192.0.2.21', mac)
    for (let today = 1; today <= 6; today++) {
      at.inventory.saw6('fe80::1', mac)
      at.inventory.saw6(`2001:db8::${today}`, mac)
      at.reconcile(true)
      at.pass(day)
    }
    expect(at.inventory.byMac(mac)?.ips.slice(1).sort()).toEqual(['2001:db8::5', '2001:db8::6', 'fe80::1'])
    at.pass(30 * day)
    at.present.add('mac-000b4f115201')
    at.reconcile(true)
    expect(at.inventory.byMac(mac)?.ips).toHaveLength(2)
    expect(at.inventory.figures().ignoredAddresses).toBe(0)
  })

  const rotated = (n: number) =>
    `0a:00:00:00:${[n >> 8, n & 255].map((octet) => octet.toString(16).padStart(2, '0')).join(':')}`

  it('and its MAC under one name, all day, is followed for eight and then one in ten minutes', () => {
    const at = createTestInventory()
    let followed = 0
    for (let n = 0; n < 240; n++) {
      at.pass(61_000)
      at.learn(rotated(n), 'hostname', 'till-tablet')
      if (at.saw('192.0.2.21', rotated(n)).kind !== 'refused') followed++
    }
    expect(at.inventory.devices()).toHaveLength(1)
    expect(followed).toBeGreaterThanOrEqual(9)
    expect(followed).toBeLessThanOrEqual(1 + 8 + 25)
    expect(at.inventory.figures().ignoredAddresses).toBe(240 - followed)
  })

  it('without a name is no new device each time', () => {
    const at = createTestInventory()
    for (let n = 0; n < 1_800; n++) {
      at.pass(2_000)
      at.saw('192.0.2.21', rotated(n))
    }
    expect(at.inventory.devices().length).toBeLessThanOrEqual(8 + 6)
  })
})
