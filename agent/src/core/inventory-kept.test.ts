import { describe, expect, it } from 'vitest'
import { createTestInventory as create, kinds } from '../testing/test-inventory.ts'
import { createAliases } from './aliases.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const verifone = '00:0b:4f:00:00:01'
const verifone2 = '00:0b:4f:00:00:02'
const phone1 = '02:00:00:00:00:01'
const ip1 = '192.0.2.21'
const ip2 = '192.0.2.22'

describe('what is kept', () => {
  it('is history, identity and what is gone, over a restart', () => {
    const at = create()
    at.learn(phone1, 'hostname', 'till-tablet')
    at.saw(ip1, phone1)
    at.saw(ip1, verifone)
    at.pass(10 * minute)
    at.saw(ip1, verifone2)
    const again = create({}, at.inventory.serialize())
    expect(again.inventory.serialize()).toBe(at.inventory.serialize())
    expect(again.inventory.historyOf('mac-000b4f000002')).toHaveLength(2)
    expect(again.saw(ip2, verifone)).toMatchObject({ kind: 'new', device: { id: 'mac-000b4f000001' } })
  })

  it('is what an earlier version wrote', () => {
    const { alias, id, firstSeenMs, macs, ips, evidence } = { ...firstDevice(), evidence: [] }
    const at = create({}, JSON.stringify([{ alias, id, firstSeenMs, macs, ips, evidence }]))
    expect(at.inventory.devices()).toMatchObject([{ id: 'mac-000b4f000001', ips: [ip1] }])
    expect(create({}, '{"devices": 7}').inventory.devices()).toEqual([])
  })

  it('is bounded: one-day phones go after three days without a trace, terminals stay, the router always', () => {
    const at = create()
    at.inventory.setGateways(new Set(['192.0.2.1']))
    at.saw('192.0.2.1', '00:00:5e:00:00:01')
    at.saw(ip1, verifone)
    for (let n = 0; n < 200; n++)
      at.saw(`192.0.2.${n + 30}`, `02:00:00:00:01:${n.toString(16).padStart(2, '0')}`)
    at.pass(2 * day)
    expect(at.reconcile(true)).toEqual([])
    at.pass(2 * day)
    expect(new Set(kinds(at.reconcile(true)))).toEqual(new Set(['forgotten']))
    expect(at.inventory.figures()).toEqual({ devices: 2, past: 0, refused: 0, ignoredAddresses: 0 })
    expect(at.retired).toHaveLength(200)
    at.pass(100 * day)
    expect(at.reconcile(true)).toMatchObject([{ kind: 'forgotten', device: { id: 'mac-000b4f000001' } }])
    expect(at.inventory.devices()).toMatchObject([{ isGateway: true }])
  })

  it('counts only time in which the agent ran: a season without power forgets nobody', () => {
    const at = create()
    at.saw(ip1, phone1)
    at.pass(2 * day)
    const again = create({}, at.inventory.serialize())
    again.pass(hour)
    expect(again.reconcile(true)).toEqual([])
    again.pass(day)
    expect(kinds(again.reconcile(true))).toEqual(['forgotten'])
  })

  it('a history of at most 32 entries', () => {
    const at = create()
    for (let n = 0; n < 200; n++) at.saw(`192.0.2.${(n % 100) + 1}`, verifone)
    expect(at.inventory.historyOf('mac-000b4f000001')).toHaveLength(32)
  })

  it('1,000 devices: passers-by make room first, longest missed first, never the router or who was named', () => {
    const at = create()
    const hex = (n: number) => n.toString(16).padStart(2, '0')
    const macOf = (n: number) => `00:00:5e:00:${hex(n >> 8)}:${hex(n & 255)}`
    const see = (n: number) => {
      at.pass(1)
      return at.saw(`198.51.${n >> 8}.${n & 255}`, macOf(n))
    }
    at.inventory.setGateways(new Set(['198.51.0.1']))
    see(1)
    at.saw(ip1, verifone)
    for (let n = 2; n <= 999; n++) see(n)
    see(2)
    at.inventory.override([{ deviceId: `mac-${macOf(3).replaceAll(':', '')}`, role: 'printer' }])
    for (let n = 1_001; n <= 1_010; n++) see(n)
    expect(at.inventory.devices()).toHaveLength(1_000)
    for (const mac of [macOf(1), verifone, macOf(2), macOf(3)]) expect(at.inventory.byMac(mac)).toBeDefined()
    expect(at.inventory.byMac(macOf(4))).toBeUndefined()
    expect(at.inventory.byMac(macOf(14))).toBeDefined()
  })

  it('who was there, when somebody makes up MACs by the thousand', () => {
    const at = create()
    for (let n = 1; n <= 50; n++) at.saw(`192.0.2.${n}`, `00:0b:4f:00:01:${n.toString(16).padStart(2, '0')}`)
    for (let n = 0; n < 6_000; n++) {
      if (n % 100 === 0) at.pass(1_000)
      at.saw(
        `198.51.${n >> 8}.${n & 255}`,
        `0a:00:00:${[16, 8, 0].map((shift) => ((n >> shift) & 255).toString(16).padStart(2, '0')).join(':')}`,
      )
    }
    const { devices, refused } = at.inventory.figures()
    expect(devices).toBe(1_000)
    expect(refused).toBeGreaterThan(4_000)
    for (let n = 1; n <= 50; n++) expect(at.inventory.byIp(`192.0.2.${n}`)?.role).toBe('pos-terminal')
  })

  it('over months of phones that change their MAC each day: numbers are given again, the terminal keeps its own', () => {
    const aliases = createAliases({ lastOrdinal: 0, largest: 300, onTaken: () => undefined })
    const at = create({ nextAlias: aliases.take, retireAlias: aliases.retire })
    at.saw(ip1, verifone)
    const till = at.inventory.byMac(verifone)?.alias
    const given = new Set<number>()
    for (let today = 0; today < 180; today++) {
      for (let phone = 0; phone < 40; phone++) {
        const mac = `0a:00:00:${[today >> 8, today & 255, phone].map((octet) => octet.toString(16).padStart(2, '0')).join(':')}`
        const sighting = at.saw(`192.0.2.${phone + 60}`, mac)
        expect(sighting.kind).toBe('new')
        if (sighting.kind === 'new') given.add(sighting.device.alias)
      }
      at.saw(ip1, verifone)
      at.pass(day)
      at.reconcile(true)
      aliases.windowClosed()
      aliases.spoolEmpty()
    }
    expect(given.size).toBe(299)
    expect(at.inventory.byMac(verifone)?.alias).toBe(till)
    expect(at.inventory.devices().length).toBeLessThanOrEqual(161)
    expect(at.inventory.figures().refused).toBe(0)
  })

  it('nobody where no number is free: that is counted and tried again', () => {
    const at = create({ nextAlias: () => undefined })
    expect(at.saw(ip1, verifone)).toEqual({ kind: 'refused' })
    expect(at.inventory.devices()).toEqual([])
    expect(at.inventory.figures().refused).toBe(1)
  })
})

function firstDevice() {
  const at = create()
  const sighting = at.saw(ip1, verifone)
  if (!('device' in sighting)) throw new Error('not taken in')
  return sighting.device
}
