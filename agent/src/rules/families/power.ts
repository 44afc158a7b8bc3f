import { column, said, scalar, type VendorFamily } from '../rule.ts'

/** UPS, PDU and environment monitors by their makers' MIBs; RFC 1628 fills what they do not tell. */
export const powerFamilies: readonly VendorFamily[] = [
  {
    vendor: 'CyberPower',
    lines: [
      {
        line: 'UPS',
        objectId: ['3808'],
        role: 'ups',
        roleBy: [[/PDU|Transfer|\bATS\b/i, 'pdu']],
        model: [
          scalar('3808.1.1.1.1.1.1.0'),
          scalar('3808.1.1.3.1.5.0'),
          column('3808.1.1.6.1.2.1.8'),
          said(/^(\S+)/),
        ],
        version: [scalar('3808.1.1.1.1.2.1.0'), scalar('3808.1.1.3.1.3.0')],
        serial: [scalar('3808.1.1.1.1.2.3.0'), scalar('3808.1.1.3.1.6.0')],
        ownWordsOnly: true,
      },
      {
        line: 'PDU',
        objectId: ['3808'],
        has: ['3808.1.1.3.1', '3808.1.1.6.1'],
        role: 'pdu',
        model: [scalar('3808.1.1.3.1.5.0'), column('3808.1.1.6.1.2.1.8')],
        version: [scalar('3808.1.1.3.1.3.0'), column('3808.1.1.6.1.2.1.5')],
        serial: [scalar('3808.1.1.3.1.6.0'), column('3808.1.1.6.1.2.1.9')],
      },
    ],
  },
  {
    vendor: 'Vertiv',
    lines: [
      {
        line: 'Liebert',
        objectId: ['476.1.42', '476'],
        role: 'ups',
        roleBy: [
          [/PDU|MPH|MPX|MPE/, 'pdu'],
          [/CRV|DS\b|Deluxe|PDX|CW|Thermal|Challenger|iCOM/i, 'environment'],
        ],
        model: [scalar('476.1.42.2.1.2.0'), column('476.1.42.2.4.2.1.2'), column('476.1.42.2.4.2.1.7')],
        version: [scalar('476.1.42.2.1.3.0')],
        serial: [scalar('476.1.42.2.1.4.0')],
      },
      {
        line: 'NetSure',
        vendor: 'Emerson',
        objectId: ['6302'],
        role: 'ups',
        model: [scalar('6302.2.1.1.2.0')],
        version: [scalar('6302.2.1.1.3.0')],
      },
      {
        line: 'Geist',
        vendor: 'Geist',
        objectId: ['21239'],
        role: 'pdu',
        roleBy: [[/Watchdog|Weather|Climate|Monitor|RSO|enviro/i, 'environment']],
        model: [
          scalar('21239.5.2.1.8.0'),
          scalar('21239.5.1.1.1.0'),
          scalar('21239.5.2.1.1.0'),
          scalar('21239.2.1.1.0'),
        ],
        version: [scalar('21239.5.1.1.2.0'), scalar('21239.5.2.1.2.0'), scalar('21239.2.1.2.0')],
      },
      {
        line: 'Avocent',
        objectId: ['10418.17'],
        vendor: 'Avocent',
        role: 'pdu',
        model: [scalar('10418.17.2.1.2.0')],
        version: [scalar('10418.17.2.1.4.0')],
        serial: [scalar('10418.17.2.1.3.0')],
      },
      {
        line: 'Avocent',
        objectId: ['10418'],
        vendor: 'Avocent',
        role: 'server',
        model: [scalar('10418.16.2.1.2.0'), said(/(ACS\S*)/)],
        version: [scalar('10418.16.2.1.7.0')],
        serial: [scalar('10418.16.2.1.4.0')],
      },
    ],
  },
  {
    vendor: 'Tripp Lite',
    lines: [
      {
        line: 'Tripp Lite',
        objectId: ['850'],
        role: 'ups',
        roleBy: [
          [/PDU/i, 'pdu'],
          [/EnviroSense|^ENV/i, 'environment'],
        ],
        model: [
          column('850.1.1.1.2.1.5'),
          scalar('1.3.6.1.2.1.33.1.1.2.0'),
          said(/(?:TRIPP LITE )?((?:SMART|SU|PDU)\S+)/i),
        ],
        version: [
          column('850.1.1.1.2.1.12'),
          scalar('1.3.6.1.2.1.33.1.1.4.0'),
          scalar('1.3.6.1.2.1.33.1.1.3.0'),
        ],
        serial: [column('850.1.1.1.2.1.11'), column('850.10.2.2.1.12')],
      },
    ],
  },
  {
    vendor: 'Socomec',
    lines: [
      {
        line: 'Net Vision',
        objectId: ['4555'],
        role: 'ups',
        roleBy: [[/PDU/, 'pdu']],
        model: [scalar('4555.1.1.1.1.1.1.0'), scalar('4555.1.1.7.1.1.1.0')],
        version: [scalar('4555.1.1.1.1.1.3.0'), scalar('4555.1.1.7.1.1.6.0')],
        serial: [scalar('4555.1.1.1.1.1.2.0'), scalar('4555.1.1.7.1.1.2.0')],
      },
    ],
  },
  { vendor: 'Riello', lines: [{ line: 'NetMan', objectId: ['5491'], role: 'ups' }] },
  {
    vendor: 'Delta',
    lines: [
      {
        line: 'UPS',
        objectId: ['2254'],
        role: 'ups',
        roleBy: [
          [/PDU/, 'pdu'],
          [/Cooling|RoomCool|RowCool/i, 'environment'],
        ],
        model: [scalar('2254.2.4.1.2.0'), scalar('2254.2.32.2.1.1.0')],
        version: [scalar('2254.2.4.1.3.0'), scalar('2254.2.4.1.4.0')],
        serial: [scalar('2254.2.4.1.6.0')],
      },
      { line: 'rectifier', objectId: ['20246'], role: 'ups', model: [said(/(Orion)/)] },
    ],
  },
  {
    vendor: 'Raritan',
    lines: [
      {
        line: 'PX',
        objectId: ['13742.6', '13742.4', '13742.1', '13742'],
        role: 'pdu',
        roleBy: [[/EMX|SRC/, 'environment']],
        model: [column('13742.6.3.2.1.1.3'), scalar('13742.4.1.1.12.0'), said(/(PX\S+|Dominion \S+)/)],
        version: [column('13742.6.3.2.3.1.6'), scalar('13742.4.1.1.1.0'), said(/v([\d.]+)/)],
        serial: [column('13742.6.3.2.1.1.4'), scalar('13742.4.1.1.2.0')],
      },
      { line: 'Xerus', objectId: ['13742.10'], role: 'pdu' },
    ],
  },
  {
    vendor: 'ServerTech',
    lines: [
      {
        line: 'Sentry',
        objectId: ['1718'],
        role: 'pdu',
        model: [
          column('1718.4.1.2.2.1.6'),
          column('1718.4.1.2.2.1.4'),
          column('1718.3.2.1.1.9'),
          said(/(Sentry \S+)/),
        ],
        version: [scalar('1718.4.1.1.1.3.0', /(\d\S*)/), scalar('1718.3.1.1.0', /(?:Version )?(\d\S*)/)],
        serial: [column('1718.4.1.2.2.1.5'), column('1718.3.2.1.1.10'), scalar('1718.3.1.2.0')],
      },
    ],
  },
  {
    vendor: 'AKCP',
    lines: [
      {
        line: 'sensorProbe',
        objectId: ['3854'],
        role: 'environment',
        model: [said(/^((?:sensorProbe|securityProbe|SP|SEC)\S*(?: ?\d\w*)?)/i)],
        version: [said(/SP\d+\S* (\S+)$/), said(/[vV](?:ersion )?(\d\S+)/)],
      },
    ],
  },
  {
    vendor: 'Gude',
    lines: [
      {
        line: 'Expert',
        objectId: ['28507'],
        role: 'pdu',
        roleBy: [[/Sensor|7\d{3}/, 'environment']],
        model: [
          said(
            /((?:Expert )?(?:Net Control|Power Control|Sensor Net|PDU|Transfer Switch|ENC|ETS)[^,]*?)(?:,|$)/i,
          ),
        ],
        version: [said(/v?(\d+\.\d+\.\d+)/)],
      },
    ],
  },
  {
    vendor: 'Rittal',
    lines: [
      {
        line: 'CMC',
        objectId: ['2606'],
        role: 'environment',
        model: [said(/(?:Rittal )?(CMC\S*(?: \S+)?|LCP\S*|PDU\S*)/)],
        version: [said(/(?:SN \S+ .*)?(?:OS|SW|V) ?(V?\d\S+)/)],
        serial: [said(/SN (\S+)/)],
      },
    ],
  },
  {
    vendor: 'AVTECH',
    lines: [
      {
        line: 'RoomAlert',
        objectId: ['20916'],
        role: 'environment',
        model: [said(/(Room ?Alert ?\w+|TemPageR\S*)/i), said(/^(\S+)/)],
        version: [said(/[vV](\d+\.\d+\S*)/)],
      },
    ],
  },
  {
    vendor: 'HWg',
    lines: [
      {
        line: 'HWg',
        objectId: ['21796'],
        role: 'environment',
        model: [said(/^((?:HWg-)?\S+(?: \d+\w*)?)/)],
        version: [said(/(?:ver|v)\.? ?(\d\S+)/i)],
      },
    ],
  },
  {
    vendor: 'Papouch',
    lines: [
      { line: 'Papouch', objectId: ['18248'], role: 'environment', model: [said(/^(?:Papouch )?(\S+)/)] },
    ],
  },
  {
    vendor: 'Comet',
    lines: [
      {
        line: 'Web Sensor',
        objectId: ['22626'],
        role: 'environment',
        model: [said(/(?:Web Sensor |Comet )?([A-Z]\d{4}\w*)/), column('22626.1.5.1.1')],
        version: [said(/FW ([\d.-]+)/)],
      },
    ],
  },
  { vendor: 'Didactum', lines: [{ line: 'Didactum', objectId: ['46501'], role: 'environment' }] },
  {
    vendor: 'Network Technologies',
    lines: [
      { line: 'ENVIROMUX', objectId: ['3699'], role: 'environment', model: [said(/(E-\S+|ENVIROMUX\S*)/i)] },
    ],
  },
  {
    vendor: 'Enlogic',
    lines: [
      {
        line: 'Enlogic',
        objectId: ['38446'],
        role: 'pdu',
        model: [column('38446.1.1.2.1.10'), column('38446.1.1.2.1.9')],
        version: [column('38446.1.1.2.1.12')],
        serial: [column('38446.1.1.2.1.11')],
      },
    ],
  },
  {
    vendor: 'Panduit',
    lines: [
      {
        line: 'SmartZone',
        objectId: ['19536'],
        role: 'pdu',
        model: [column('19536.10.1.1.2.1.6')],
        serial: [column('19536.10.1.1.2.1.7')],
      },
    ],
  },
  {
    vendor: 'Schleifenbauer',
    lines: [{ line: 'SPDM', objectId: ['31034'], role: 'pdu', version: [scalar('31034.1.1.1.2.0')] }],
  },
  { vendor: 'Bachmann', lines: [{ line: 'BlueNet', objectId: ['31770'], role: 'pdu' }] },
  {
    vendor: 'IBM',
    lines: [
      {
        line: 'rack PDU',
        objectId: ['2.6.223'],
        role: 'pdu',
        model: [scalar('2.6.223.7.3.0')],
        version: [scalar('2.6.223.7.5.0')],
        serial: [scalar('2.6.223.7.9.0')],
      },
    ],
  },
  { vendor: 'Generex', lines: [{ line: 'CS1x1', objectId: ['1356'], role: 'ups' }] },
  {
    vendor: 'Eltek',
    lines: [
      {
        line: 'Eltek',
        objectId: ['12148'],
        role: 'ups',
        model: [scalar('12148.10.2.2.0'), scalar('12148.9.2.1.0')],
        version: [scalar('12148.10.2.5.0')],
        serial: [scalar('12148.10.2.4.0')],
      },
    ],
  },
  { vendor: 'Benning', lines: [{ line: 'Benning', objectId: ['27383'], role: 'ups' }] },
  {
    vendor: 'Aten',
    lines: [
      {
        line: 'Aten',
        objectId: ['21317'],
        role: 'pdu',
        model: [scalar('21317.1.3.2.2.2.1.1.0'), said(/(PE\S+)/)],
        version: [scalar('21317.1.3.2.2.2.1.2.0')],
      },
    ],
  },
  {
    vendor: 'Synaccess',
    lines: [{ line: 'netBooter', objectId: ['21728'], role: 'pdu', model: [said(/(NP-\S+|netBooter\S*)/i)] }],
  },
  {
    vendor: 'NetPing',
    lines: [
      {
        line: 'NetPing',
        objectId: ['25728'],
        role: 'pdu',
        model: [said(/(NetPing \S+|UniPing \S+)/i)],
        version: [said(/(DKSF [\d.]+)/)],
      },
    ],
  },
  { vendor: 'Minuteman', lines: [{ line: 'Minuteman', objectId: ['2947'], role: 'ups' }] },
  {
    vendor: 'Alpha',
    lines: [
      {
        line: 'Alpha',
        objectId: ['7309', '926', '26376.99'],
        role: 'ups',
        model: [scalar('26376.99.1.1.1.1.0'), said(/(Cordex\S*)/i)],
        version: [said(/v(\d\S+)/i)],
      },
    ],
  },
  {
    vendor: 'Megatec',
    lines: [
      {
        line: 'SNMP card',
        objectId: ['935'],
        role: 'ups',
        model: [scalar('935.1.1.1.1.1.1.0')],
        version: [scalar('935.1.1.1.1.2.1.0'), scalar('935.1.1.1.1.2.4.0')],
        serial: [scalar('935.1.1.1.1.2.3.0')],
      },
    ],
  },
]
