import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTestInventory as create, idOf, kinds } from '../testing/test-inventory.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const verifone = '00:0b:4f:00:00:01'
const verifone2 = '00:0b:4f:00:00:02'
const printer = '00:26:ab:00:00:01'
const phone1 = '02:00:00:00:00:01'
const phone2 = '06:00:00:00:00:02'
const ip1 = '192.0.2.21'
const ip2 = '192.0.2.22'

describe('an inventory', () => {
  it('calls a device by its MAC and knows it again at another address', () => {
    const at = create()
    expect(at.saw(ip1, verifone)).toMatchObject({
      kind: 'new',
      device: { id: 'mac-000b4f000001', alias: 1, role: 'pos-terminal', vendor: 'Verifone', ips: [ip1] },
    })
    expect(at.saw(ip1, verifone).kind).toBe('known')
    expect(at.saw(ip2, verifone)).toMatchObject({ kind: 'moved', from: ip1, to: ip2, device: { ips: [ip2] } })
    expect(at.inventory.byIp(ip1)).toBeUndefined()
  })

  it('keeps both addresses of a device that uses both, and drops the one that falls silent', () => {
    const at = create()
    at.saw(ip1, verifone)
    expect(at.saw(ip2, verifone, true)).toMatchObject({ kind: 'known', device: { ips: [ip1, ip2] } })
    expect(at.inventory.drop(ip1)).toMatchObject({ kind: 'moved', from: ip1, to: ip2 })
    expect(at.inventory.drop(ip2)).toBeUndefined()
  })

  it('follows two devices that swap their addresses', () => {
    const at = create()
    at.saw(ip1, verifone)
    at.saw(ip2, printer)
    expect(at.saw(ip2, verifone)).toMatchObject({ kind: 'moved', from: ip1, to: ip2 })
    expect(at.inventory.byMac(printer)?.ips).toEqual([])
    expect(at.saw(ip1, printer)).toMatchObject({ kind: 'moved', from: ip2, to: ip1 })
    expect(at.inventory.devices().map(({ ips }) => ips)).toEqual([[ip2], [ip1]])
  })

  it('hears newcomers also after months of others who spoke and never came', () => {
    const at = create()
    for (let guest = 0; guest < 2_000; guest++)
      at.learn(
        `02:00:00:01:${(guest >> 8).toString(16).padStart(2, '0')}:${(guest & 255).toString(16).padStart(2, '0')}`,
        'hostname',
        'guest',
      )
    at.learn(verifone, 'hostname', 'till-1')
    expect(at.saw(ip1, verifone)).toMatchObject({ kind: 'new', device: { name: 'till-1' } })
  })

  it('uses what DHCP said before the device answered, also for its id where the MAC is made up', () => {
    const at = create()
    expect(at.learn(phone1, 'hostname', 'till-tablet')).toBe(false)
    const first = at.saw(ip1, phone1)
    expect(first).toMatchObject({ kind: 'new', device: { name: 'till-tablet' } })
    expect(idOf(first)).toMatch(/^dhcp-/)
  })

  it('joins IPv6 addresses to the device of the same MAC, and makes none of them alone', () => {
    const at = create()
    expect(at.inventory.saw6('fe80::1', verifone)).toBe(false)
    at.saw(ip1, verifone)
    expect(at.inventory.saw6('fe80::1', verifone)).toBe(true)
    expect(at.inventory.saw6('fe80::1', verifone)).toBe(false)
    expect(at.inventory.byMac(verifone)?.ips).toEqual([ip1, 'fe80::1'])
    expect(at.inventory.devices()).toHaveLength(1)
  })
})

describe('made-up MACs', () => {
  function named() {
    const at = create()
    at.learn(phone1, 'hostname', 'till-tablet')
    const id = idOf(at.saw(ip1, phone1))
    at.learn(phone2, 'hostname', 'till-tablet')
    return { ...at, id }
  }

  it('are one device by its name when the old one is silent', () => {
    const at = named()
    at.pass(2 * minute)
    expect(at.saw(ip2, phone2)).toMatchObject({
      kind: 'moved',
      device: { id: at.id, macs: [phone2, phone1] },
    })
    expect(at.inventory.historyOf(at.id ?? '').map(({ kind }) => kind)).toEqual([
      'seen-first',
      'mac-changed',
      'address-changed',
    ])
  })

  it('are told apart while both answer, and joined later: the younger number is given back', () => {
    const at = named()
    at.pass(5_000)
    expect(at.saw(ip2, phone2)).toMatchObject({ kind: 'new', device: { alias: 2 } })
    expect(at.reconcile()).toEqual([])
    at.pass(2 * minute)
    at.saw(ip2, phone2)
    expect(at.reconcile(true)).toMatchObject([
      { kind: 'merged', device: { id: at.id, alias: 1, ips: [ip2] }, gone: { alias: 2 } },
    ])
    expect(at.retired).toEqual([2])
  })

  it('that were joined wrongly are split when both answer at once, and not joined again', () => {
    const at = named()
    at.pass(2 * minute)
    at.saw(ip2, phone2)
    const split = at.saw(ip1, phone1, true)
    expect(split).toMatchObject({
      kind: 'split',
      device: { macs: [phone1] },
      from: { id: at.id, macs: [phone2] },
    })
    at.pass(hour)
    at.saw(ip2, phone2)
    expect(at.reconcile(true)).toEqual([])
    expect(at.inventory.devices()).toHaveLength(2)
  })

  it('become a device that is known already when its name is heard only later', () => {
    const at = create()
    at.learn(phone1, 'clientId', '00aabb')
    const id = idOf(at.saw(ip1, phone1))
    at.pass(hour)
    at.saw(ip2, phone2)
    expect(at.learn(phone2, 'clientId', '00aabb')).toBe(true)
    expect(at.reconcile()).toMatchObject([{ kind: 'merged', device: { id, ips: [ip2] } }])
  })
})

describe('a replaced terminal', () => {
  it('is told when one of its kind takes its place after it fell silent, and comes back as itself', () => {
    const at = create()
    at.saw(ip1, verifone)
    at.pass(10 * minute)
    expect(at.saw(ip1, verifone2)).toMatchObject({
      kind: 'replaced',
      before: { id: 'mac-000b4f000001', alias: 1, ips: [ip1] },
      device: { id: 'mac-000b4f000002', alias: 2, ips: [ip1] },
    })
    expect(at.inventory.devices()).toHaveLength(1)
    expect(at.inventory.historyOf('mac-000b4f000001').at(-1)).toMatchObject({
      kind: 'replaced-by',
      before: `mac ${verifone}`,
      after: `mac ${verifone2}`,
    })
    expect(at.saw(ip2, verifone)).toMatchObject({
      kind: 'new',
      device: { id: 'mac-000b4f000001', firstSeenMs: 0 },
    })
  })

  it('is also seen when the old one had just been unplugged', () => {
    const at = create()
    at.saw(ip1, verifone)
    at.pass(30_000)
    expect(at.saw(ip1, verifone2).kind).toBe('new')
    at.pass(2 * minute)
    at.saw(ip1, verifone2)
    expect(kinds(at.reconcile())).toEqual(['replaced'])
    at.pass(minute)
    expect(at.reconcile()).toEqual([])
  })

  it('is not seen while the old one answers at another address, but is where it only seems to answer', () => {
    const at = create()
    at.saw(ip1, verifone)
    at.saw(ip2, verifone, true)
    at.pass(10 * minute)
    at.present.add('mac-000b4f000001')
    expect(at.saw(ip1, verifone2).kind).toBe('new')
    const echoing = create()
    echoing.saw(ip1, verifone)
    echoing.pass(10 * minute)
    // Pings are answered from that address: by the new one.
    echoing.present.add('mac-000b4f000001')
    expect(echoing.saw(ip1, verifone2).kind).toBe('replaced')
  })

  it('is told by its serial number where the MAC stays, as on a dock', () => {
    const at = create()
    at.saw(ip1, verifone)
    at.learn(verifone, 'serial', '111-222', 'technician')
    expect(at.reconcile()).toEqual([])
    at.learn(verifone, 'serial', '333-444', 'technician')
    const [swap] = at.reconcile()
    expect(swap).toMatchObject({
      kind: 'replaced',
      before: { id: 'mac-000b4f000001', serial: '111-222' },
      device: { id: 'mac-000b4f000001-2', serial: '333-444', macs: [verifone] },
    })
    expect(at.saw(ip1, verifone)).toMatchObject({ kind: 'known', device: { id: 'mac-000b4f000001-2' } })
  })

  it('that only moved to another switch port is the same', () => {
    const at = create()
    at.saw(ip1, verifone)
    at.learn(verifone, 'switchPort', 'sw-1 3', 'lldp')
    expect(at.reconcile()).toEqual([])
    at.learn(verifone, 'switchPort', 'sw-1 7', 'lldp')
    expect(at.reconcile()).toMatchObject([{ kind: 'moved', from: 'port sw-1 3', to: 'port sw-1 7' }])
  })
})

describe('times of a clock that nobody vouched for', () => {
  const later = 1_800_000_000_000
  it('are set right when the clock is', () => {
    let clock: 'synced' | 'unsynced' = 'unsynced'
    const at = create({ clock: () => clock, wall: () => later })
    at.pass(5_000)
    at.saw(ip1, verifone)
    clock = 'synced'
    at.inventory.rebase(later - 10_000)
    expect(at.inventory.byMac(verifone)?.firstSeenMs).toBe(later - 5_000)
    expect(at.inventory.historyOf('mac-000b4f000001')).toEqual([
      { kind: 'seen-first', after: ip1, atMs: later - 5_000 },
    ])
    at.inventory.rebase(hour)
    expect(at.inventory.byMac(verifone)?.firstSeenMs).toBe(later - 5_000)
  })

  it('are "not later than now" where the power went before', () => {
    const at = create({ clock: () => 'unsynced' })
    at.saw(ip1, verifone)
    const again = create({ clock: () => 'synced', wall: () => later }, at.inventory.serialize())
    expect(again.inventory.byMac(verifone)?.firstSeenMs).toBe(later)
    expect(again.inventory.historyOf('mac-000b4f000001')).toMatchObject([{ isUnsynced: true }])
  })
})

it('whatever is seen and told, in whatever order: every MAC and address belongs to one device, ids and aliases are unique', () => {
  const anyMac = fc.constantFrom(verifone, verifone2, printer, phone1, phone2, '0a:00:00:00:00:03')
  const anyIp = fc.constantFrom(ip1, ip2, '192.0.2.23')
  const action = fc.oneof(
    fc.record({ do: fc.constant('saw' as const), mac: anyMac, ip: anyIp, isUsed: fc.boolean() }),
    fc.record({
      do: fc.constant('learn' as const),
      mac: anyMac,
      key: fc.constantFrom('serial', 'clientId', 'hostname', 'switchPort'),
      value: fc.constantFrom('a-1', 'b-2', 'pos'),
      source: fc.constantFrom('snmp' as const, 'dhcp' as const),
    }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1_000, 90_000, 200_000, 4 * day) }),
    fc.record({ do: fc.constant('reconcile' as const), isAll: fc.boolean() }),
    fc.record({ do: fc.constant('drop' as const), ip: anyIp }),
  )
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      let at = create()
      for (const one of actions) {
        if (one.do === 'saw') at.saw(one.ip, one.mac, one.isUsed)
        else if (one.do === 'learn') at.learn(one.mac, one.key, one.value, one.source)
        else if (one.do === 'pass') at.pass(one.ms)
        else if (one.do === 'drop') at.inventory.drop(one.ip)
        else at.reconcile(one.isAll)
        const devices = at.inventory.devices()
        const areUnique = (list: readonly unknown[]) => expect(new Set(list).size).toBe(list.length)
        areUnique(devices.flatMap(({ macs }) => macs))
        areUnique(devices.flatMap(({ ips }) => ips))
        areUnique(devices.map(({ id }) => id))
        areUnique(devices.map(({ alias }) => alias))
        for (const device of devices) {
          for (const mac of device.macs) expect(at.inventory.byMac(mac)?.id).toBe(device.id)
          for (const ip of device.ips) expect(at.inventory.byIp(ip)?.id).toBe(device.id)
        }
      }
      at.reconcile(true)
      const text = at.inventory.serialize()
      at = create({}, text)
      expect(at.inventory.serialize()).toBe(text)
    }),
    { numRuns: 300 },
  )
})
