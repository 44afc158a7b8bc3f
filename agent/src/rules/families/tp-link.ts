import { said, scalar, type VendorFamily } from '../rule.ts'

/** TPLINK-SYSINFO-MIB (11863.6.1.1): hardware version, software version, serial. */
export const tplinkFamilies: readonly VendorFamily[] = [
  {
    vendor: 'TP-Link',
    lines: [
      {
        line: 'JetStream',
        objectId: ['11863.5', '11863.1', '11863'],
        role: 'switch',
        roleBy: [
          [/\bEAP|Access Point/, 'access-point'],
          [/\b(?:ER|TL-R|TL-ER|Archer|MR)\d|Router/i, 'router'],
          [/\bDeltaStream|OLT/i, 'modem'],
        ],
        model: [scalar('11863.6.1.1.5.0'), said(/\b((?:T[LX]-|T\d|SG|SX|EAP|ER)[\w-]*\d[\w-]*)/)],
        version: [scalar('11863.6.1.1.6.0')],
        serial: [scalar('11863.6.1.1.8.0')],
      },
      {
        line: 'Omada access point',
        objectId: ['11863.1.1.1', '11863.3', '11863.10'],
        has: ['11863.10'],
        role: 'access-point',
        model: [scalar('11863.10.1.1.2.0'), said(/(EAP\w+)/)],
        version: [scalar('11863.10.1.1.3.0')],
      },
      {
        line: 'TP-Link',
        isFallback: true,
        sysDescr: /^(?:TP-?LINK|JetStream|TL-[SWR])/i,
        role: 'switch',
        roleBy: [
          [/EAP|WA\d|Access Point/, 'access-point'],
          [/Router|TL-(?:W|ER|R)/, 'router'],
        ],
        model: [said(/((?:TL-|EAP|Archer )[\w-]+)/)],
      },
    ],
  },
]
