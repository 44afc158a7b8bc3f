import { column, said, scalar, type VendorFamily } from '../rule.ts'

/** MIKROTIK-MIB: licence group 1.1.4, system group 1.1.7. RouterOS writes its board into sysDescr. */
export const mikrotikFamilies: readonly VendorFamily[] = [
  {
    vendor: 'MikroTik',
    lines: [
      {
        line: 'RouterOS',
        objectId: ['14988.1'],
        role: 'router',
        roleBy: [
          [/\bC[RS]S\d/, 'switch'],
          [/\b(?:cAP|wAP|mANTBox|OmniTIK|NetMetal|Audience)/i, 'access-point'],
        ],
        model: [
          said(/^RouterOS (\S+)/),
          scalar('14988.1.1.7.9.0'),
          column('1.3.6.1.2.1.47.1.1.1.1.2', /^RouterOS .* on (\S+)/),
        ],
        version: [scalar('14988.1.1.4.4.0'), column('1.3.6.1.2.1.47.1.1.1.1.2', /^RouterOS (\S+)/)],
        serial: [scalar('14988.1.1.7.3.0')],
        ownWordsOnly: true,
      },
      {
        line: 'RouterOS',
        isFallback: true,
        sysDescr: /^RouterOS \S/,
        role: 'router',
        model: [said(/^RouterOS (\S+)/)],
        version: [scalar('14988.1.1.4.4.0')],
        serial: [scalar('14988.1.1.7.3.0')],
        ownWordsOnly: true,
      },
      {
        line: 'SwOS',
        objectId: ['14988.2'],
        role: 'switch',
        model: [said(/^(?:SwOS )?(C[RS]S\S+|RB\S+)/)],
        version: [scalar('14988.1.1.7.4.0'), said(/v?(\d+\.\d+\S*)/)],
        serial: [scalar('14988.1.1.7.3.0')],
      },
    ],
  },
]
