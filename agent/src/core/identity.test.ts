import type { DeviceEvidence } from '@proactive/shared'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findReplaced, findSame, isOtherUnit, type KnownDevice, recognize, traitsOf } from './identity.ts'

const mac1 = '00:0b:4f:00:00:01'
const mac2 = '00:0b:4f:00:00:02'
const made1 = '02:00:00:00:00:01'
const made2 = '06:00:00:00:00:02'
const silent = () => 3_600_000
const present = () => 0

function told(words: Record<string, string>, source: DeviceEvidence['source'] = 'dhcp'): DeviceEvidence[] {
  return Object.entries(words).map(([key, value]) => ({ source, key, value }))
}
function known(
  macs: readonly string[],
  evidence: readonly DeviceEvidence[] = [],
  more: Partial<KnownDevice> = {},
) {
  const traits = traitsOf(macs, evidence)
  return { id: 'known', role: 'pos-terminal', ips: ['192.0.2.21'], traits, sharesName: false, ...more }
}
const sighted = (mac: string, evidence: readonly DeviceEvidence[] = [], ip = '192.0.2.50') => ({
  ...{ ip, mac, evidence, role: 'pos-terminal' },
})

describe('a device is known again', () => {
  it('by its burnt-in MAC at any address', () => {
    expect(recognize([known([mac1])], sighted(mac1), silent).same?.id).toBe('known')
  })

  it('by its DHCP client id or name under another made-up MAC, once the old one is silent', () => {
    for (const words of [{ clientId: '00aa' }, { hostname: 'Till-Tablet' }]) {
      const one = known([made1], told(words))
      const next = sighted(made2, told({ ...words, hostname: 'till-tablet' }))
      expect(recognize([one], next, silent).same?.id).toBe('known')
      expect(recognize([one], next, present).same).toBeUndefined()
    }
  })

  it('by the serial number that it told when asked, with another network card', () => {
    const serial = told({ serial: '123-456' }, 'snmp')
    expect(recognize([known([mac1], serial)], sighted(mac2, serial), present).same?.id).toBe('known')
  })
})

describe('a device is not taken for another', () => {
  it('because it bears its name: not with a burnt-in MAC on either side, and not where two bear it', () => {
    const name = told({ hostname: 'pos' })
    expect(recognize([known([mac1], name)], sighted(mac2, name), silent).same).toBeUndefined()
    expect(recognize([known([mac1], name)], sighted(made2, name), silent).same).toBeUndefined()
    const two = [known([made1], name), known([made1], name, { id: 'other' })]
    expect(recognize(two, sighted(made2, name), silent).same).toBeUndefined()
  })

  it('by a serial number that it announced itself, or that many have', () => {
    const announced = told({ serial: '123-456' }, 'ssdp')
    expect(recognize([known([mac1], announced)], sighted(mac2, announced), silent).same).toBeUndefined()
    for (const serial of ['0', '000000', 'N/A', 'None', 'To be filled by O.E.M.', '123456789']) {
      const empty = told({ serial }, 'snmp')
      expect(recognize([known([mac1], empty)], sighted(mac2, empty), silent).same).toBeUndefined()
    }
  })

  it('when it takes over its address', () => {
    const { same, displaced } = recognize([known([mac1])], sighted(mac2, [], '192.0.2.21'), present)
    expect(same).toBeUndefined()
    expect(displaced?.id).toBe('known')
  })
})

describe('a terminal is replaced', () => {
  const port = told({ switchPort: 'sw-1/3' }, 'lldp')
  const old = known([mac1], [...port, ...told({ serial: 'SN-1111' }, 'snmp')], {
    vendor: 'Verifone',
    model: 'Vx520',
  })
  const next = {
    ...sighted(mac2, [...port, ...told({ serial: 'SN-2222' }, 'snmp')]),
    vendor: 'Verifone',
    model: 'Vx520',
  }

  it('by one of the same kind and model in the place of one that fell silent', () => {
    expect(recognize([old], next, silent).replaces?.id).toBe('known')
    expect(recognize([old], { ...next, evidence: [], ip: '192.0.2.21' }, silent).replaces?.id).toBe('known')
  })

  it.each([
    ['while the old one still answers', {}, present],
    ['by a device of another kind', { role: 'printer' }, silent],
    ['by another model', { model: 'P400' }, silent],
    ['by another maker', { vendor: 'PAX' }, silent],
    ['in another place', { evidence: [] }, silent],
  ] as const)('not %s', (_, other, silence) => {
    expect(recognize([old], { ...next, ...other }, silence).replaces).toBeUndefined()
  })

  it('behind the same MAC, when its serial number is another', () => {
    expect(
      isOtherUnit(
        traitsOf([mac1], told({ serial: 'SN-1111' }, 'snmp')),
        traitsOf([mac1], told({ serial: 'SN-2222' }, 'snmp')),
      ),
    ).toBe(true)
    expect(isOtherUnit(traitsOf([mac1], []), traitsOf([mac1], told({ serial: 'SN-2222' }, 'snmp')))).toBe(
      false,
    )
  })
})

describe('whatever is told', () => {
  const anyEvidence = fc.array(
    fc.record({
      source: fc.constantFrom<DeviceEvidence['source']>('dhcp', 'snmp', 'lldp'),
      key: fc.constantFrom('serial', 'clientId', 'hostname', 'switchPort'),
      value: fc.constantFrom('', ' ', 'a', 'pos', 'SN-1111', 'SN-2222', 'serial mac'),
    }),
    { maxLength: 4 },
  )
  const anyMac = fc.constantFrom(mac1, mac2, made1, made2)
  const anyKnown = fc
    .tuple(anyMac, anyEvidence, fc.constantFrom('pos-terminal', 'unknown'))
    .map(([mac, evidence, role]) => known([mac], evidence, { role }))

  it('two devices with different burnt-in MACs and different serials, or none, are never one', () => {
    fc.assert(
      fc.property(fc.array(anyKnown, { maxLength: 6 }), anyMac, anyEvidence, (list, mac, evidence) => {
        const all = list.map((one, index) => ({ ...one, id: `device-${index}` }))
        const { same } = recognize(all, sighted(mac, evidence), silent)
        const mine = traitsOf([mac], evidence)
        const of = (traits: readonly string[], kind: string) =>
          traits.filter((trait) => trait.startsWith(kind))
        if (same === undefined) return
        const serials = [of(same.traits, 'serial'), of(mine, 'serial')]
        const isSameSerial = serials[0]?.[0] !== undefined && serials[0][0] === serials[1]?.[0]
        if (isSameSerial) return
        const macs = [of(same.traits, 'mac'), of(mine, 'mac')]
        if (macs.every((list) => list.length > 0)) expect(macs[0]).toEqual(macs[1])
      }),
      { numRuns: 500 },
    )
  })

  it('a device is neither its own twin nor its own successor', () => {
    fc.assert(
      fc.property(anyKnown, (one) => {
        expect(findSame([one], one, silent)).toBeUndefined()
        expect(findReplaced([one], one, silent)).toBeUndefined()
      }),
    )
  })
})
