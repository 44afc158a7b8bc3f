import { describe, expect, it } from 'vitest'
import { createSnmpFacts, identifyBySnmp, scalarsToAsk } from './index.ts'

const system = { descr: '1.3.6.1.2.1.1.1.0', objectId: '1.3.6.1.2.1.1.2.0' }
const enterprises = '1.3.6.1.4.1.'

/** What the running agent does: the system group, then one more question, of a device that holds these values. */
function askTwice(held: Readonly<Record<string, string>>) {
  const first = new Map(
    Object.values(system).flatMap((oid) => (held[oid] === undefined ? [] : [[oid, held[oid]] as const])),
  )
  const wanted = scalarsToAsk(createSnmpFacts(first))
  const answered = wanted.flatMap((oid) => (held[oid] === undefined ? [] : [[oid, held[oid]] as const]))
  return { wanted, verdict: identifyBySnmp(createSnmpFacts(new Map([...first, ...answered]))) }
}

describe('two questions are enough', () => {
  it('for a router that keeps version and serial in its own MIB', () => {
    const { verdict } = askTwice({
      [system.descr]: 'RouterOS RB750Gr3',
      [system.objectId]: `${enterprises}14988.1`,
      [`${enterprises}14988.1.1.4.4.0`]: '7.11.2',
      [`${enterprises}14988.1.1.7.3.0`]: 'HC0000TEST1',
    })
    expect(verdict).toMatchObject({
      vendor: 'MikroTik',
      model: 'RB750Gr3',
      version: '7.11.2',
      serial: 'HC0000TEST1',
    })
  })

  it('for a maker that leaves net-snmp’s sysObjectID in place', () => {
    const { verdict } = askTwice({
      [system.descr]: 'Linux nas 4.4.180+ #42962 SMP x86_64',
      [system.objectId]: `${enterprises}8072.3.2.10`,
      [`${enterprises}6574.1.5.1.0`]: 'DS918+',
    })
    expect(verdict).toMatchObject({ role: 'storage', vendor: 'Synology', model: 'DS918+' })
  })

  it('for a printer by HOST-RESOURCES and Printer-MIB', () => {
    const { verdict } = askTwice({
      [system.descr]: 'KYOCERA Document Solutions Printing System',
      [system.objectId]: `${enterprises}1347.41`,
      '1.3.6.1.2.1.25.3.2.1.2.1': '1.3.6.1.2.1.25.3.1.5',
      '1.3.6.1.2.1.25.3.2.1.3.1': 'ECOSYS M2540dn',
      '1.3.6.1.2.1.43.5.1.1.17.1': 'VCF0000001',
    })
    expect(verdict).toMatchObject({
      role: 'printer',
      vendor: 'Kyocera',
      model: 'ECOSYS M2540dn',
      serial: 'VCF0000001',
    })
  })

  it('and the second asks for no more than fits one answer', () => {
    for (const objectId of ['8072.3.2.10', '9.1.1208', '318.1.3.27', '1347.41', '99999.1'])
      expect(askTwice({ [system.objectId]: `${enterprises}${objectId}` }).wanted.length).toBeLessThanOrEqual(
        24,
      )
  })
})
