import { column, said, scalar, type VendorFamily } from '../rule.ts'

/** JUNIPER-MIB jnxBoxAnatomy; JUNOS names its release in sysDescr or in its installed software. */
export const juniperFamilies: readonly VendorFamily[] = [
  {
    vendor: 'Juniper',
    lines: [
      {
        line: 'JUNOS',
        objectId: ['2636.1'],
        role: 'router',
        roleBy: [
          [/\b(?:srx|vsrx)/i, 'firewall'],
          [/\b(?:ex|qfx|ocx)[\d-]/i, 'switch'],
        ],
        model: [
          said(/Juniper Networks, Inc\. (\S+)/),
          scalar('2636.3.1.2.0', /(?:Juniper )?(?:Virtual Chassis )?(\S*\d\S*)/),
        ],
        version: [
          said(/JUNOS (?:Software Release )?\[?(\d[\w.-]+)/),
          column('1.3.6.1.2.1.25.6.3.1.2', /\[(\d[\w.-]+)\]/),
          column('1.3.6.1.2.1.54.1.2.3.1.2', /(\d+\.\d+[\w.-]+)/),
        ],
        serial: [scalar('2636.3.1.3.0')],
      },
      {
        line: 'JUNOS',
        isFallback: true,
        sysDescr: /Juniper Networks, Inc\.|JUNOS/,
        role: 'router',
        model: [said(/Inc\. (\S+)/)],
        version: [said(/JUNOS (?:Software Release )?\[?(\d[\w.-]+)/)],
      },
      {
        line: 'Mist access point',
        objectId: ['2636.4'],
        sysDescr: /Mist|AP\d\d/,
        role: 'access-point',
        model: [said(/(AP\d+\w*)/)],
      },
      {
        line: 'JUNOSe',
        objectId: ['4874'],
        role: 'router',
        model: [said(/\b(ERX-?\d+\w*|E\d{3})\b/)],
        version: [said(/(?:SW )?Version ?: ?\(?(\d[\w.-]+)/)],
      },
      {
        line: 'ScreenOS',
        objectId: ['3224'],
        role: 'firewall',
        model: [said(/^(\S+) version/), said(/^(\S+)/)],
        version: [said(/version (\d[\w.]+)/)],
        serial: [said(/SN: ?(\w+)/)],
      },
      {
        line: 'wireless controller',
        objectId: ['14525'],
        role: 'access-point',
        model: [said(/(?:Juniper|Trapeze) Networks(?:, Inc)? (\S+)/)],
        version: [scalar('14525.4.2.1.1.4.0'), said(/ (\d+\.\d+\.\d+[.\w]*)/)],
        serial: [scalar('14525.4.2.1.1.0')],
      },
    ],
  },
]
