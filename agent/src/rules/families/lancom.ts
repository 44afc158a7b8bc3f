import { column, fastpath, said, scalar, type VendorFamily } from '../rule.ts'

/** LCOS-LX firmware group 2356.13.1.47 (serial 7, version 9); LCOS in sysDescr; LCOS-SX on FASTPATH. */
export const lancomFamilies: readonly VendorFamily[] = [
  {
    vendor: 'LANCOM',
    lines: [
      {
        line: 'LCOS',
        objectId: ['2356', '2356.11'],
        role: 'router',
        roleBy: [
          [/\b(?:L|LN|LW|LX|OAP|IAP|WLC|OX|OW)-?\d/, 'access-point'],
          [/\b(?:GS|XS|ES|FX)-\d/, 'switch'],
          [/\bUF-/, 'firewall'],
        ],
        model: [said(/^LANCOM (.+?)(?: \d+\.\d+\.\d+|,|$)/)],
        version: [said(/ (\d+\.\d+\.\d+\w*(?: \/ [\d.]+)?)/), said(/(\d+\.\d+\.\d+\w*)/)],
        serial: [said(/\/ [\d.]+ (\d{10,})/)],
      },
      {
        line: 'LCOS LX',
        objectId: ['2356.13'],
        role: 'access-point',
        model: [scalar('2356.13.1.47.5.0', /((?:LW|LX|OW|OX)-\S+)/)],
        version: [scalar('2356.13.1.47.9.0'), said(/LCOS-LX: ([\d.]+)/)],
        serial: [scalar('2356.13.1.47.7.0')],
      },
      {
        line: 'LCOS SX',
        objectId: ['2356.16', '2356.14', '2356.800'],
        role: 'switch',
        ...fastpath('2356.16.1.1.1.1'),
        model: [scalar('2356.16.1.1.1.1.3.0'), said(/LANCOM (\S+)/)],
        version: [scalar('2356.16.1.1.1.1.13.0'), column('2356.14.1.1.2.1.3'), said(/, ([\d.]+\w*),/)],
      },
    ],
  },
]
