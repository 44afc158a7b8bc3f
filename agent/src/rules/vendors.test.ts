import { describe, expect, it } from 'vitest'
import { vendorOf } from './vendors.ts'

describe('the maker of a MAC address', () => {
  it.each([
    ['a block of 24 bits', '00:0b:4f:12:34:56', 'Verifone'],
    ['a block of 28 bits', '18:c3:f4:6a:bc:de', 'Verifone'],
    ['the neighbour of a block of 28 bits', '18:c3:f4:1a:bc:de', undefined],
    ['PAX, the maker of terminals', '54:81:2d:00:00:01', 'PAX'],
    ['Pax AB, another firm', '58:2b:db:00:00:01', undefined],
    ['MIURA CO, another firm', '00:1b:c8:00:00:01', undefined],
    ['a made-up address', '02:0b:4f:12:34:56', undefined],
    ['a router', '48:8f:5a:00:00:01', 'MikroTik'],
  ])('%s', (_, mac, vendor) => {
    expect(vendorOf(mac)).toBe(vendor)
  })
})
