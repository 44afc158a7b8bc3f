import { describe, expect, it } from 'vitest'
import { createInventory } from './inventory.ts'

describe('an inventory that is full', () => {
  it('forgets who was not seen for longest, and never the router', () => {
    let alias = 0
    const inventory = createInventory({ nextAlias: () => ++alias })
    const hex = (n: number) => n.toString(16).padStart(2, '0')
    const macOf = (n: number) => `00:00:5e:00:${hex(n >> 8)}:${hex(n & 255)}`
    const ipOf = (n: number) => `198.51.${n >> 8}.${n & 255}`
    const see = (n: number, atMs: number) => inventory.saw(ipOf(n), macOf(n), atMs, () => true)
    inventory.setGateways(new Set([ipOf(1)]))
    // The router, a terminal, and 998 phones; the terminal is seen again, the router and the phones are not.
    for (let n = 1; n <= 1_000; n++) see(n, n)
    see(2, 2_000)
    for (let n = 1_001; n <= 1_010; n++) see(n, n + 2_000)
    expect(inventory.devices()).toHaveLength(1_000)
    expect(inventory.byMac(macOf(1))?.isGateway).toBe(true)
    expect(inventory.byMac(macOf(2))?.alias).toBe(2)
    expect(inventory.byMac(macOf(3))).toBeUndefined()
    expect(inventory.byMac(macOf(13))?.alias).toBe(13)
  })
})
