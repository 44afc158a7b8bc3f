import { column, joined, said, scalar, type VendorFamily } from '../rule.ts'

/** MG-SNMP-UPS-MIB (705.1.1), XUPS-MIB (534.1.1), EATON-EPDU-MIB (534.6.6.7), PULIZZI ePDU (534.6.6.6), ATS (534.10). */
export const eatonFamilies: readonly VendorFamily[] = [
  {
    vendor: 'Eaton',
    lines: [
      {
        line: 'MGE UPS',
        objectId: ['705.1', '705'],
        role: 'ups',
        model: [joined('705.1.1.1.0', '705.1.1.2.0'), scalar('534.1.1.2.0'), said(/^(.+)$/)],
        version: [scalar('705.1.1.4.0'), scalar('534.1.1.3.0')],
        serial: [scalar('705.1.1.7.0')],
        ownWordsOnly: true,
      },
      {
        line: 'Powerware UPS',
        objectId: ['534.1', '534.2', '534'],
        role: 'ups',
        model: [scalar('534.1.1.2.0')],
        version: [scalar('534.1.1.3.0', /(\d\S*)/)],
        serial: [scalar('534.1.1.6.0')],
      },
      {
        line: 'switched ePDU',
        objectId: ['534.6.6.6'],
        role: 'pdu',
        model: [scalar('534.6.6.6.1.1.12.0')],
        version: [scalar('534.6.6.6.1.1.1.0')],
        serial: [scalar('534.6.6.6.1.1.2.0')],
      },
      {
        line: 'ePDU G2 and G3',
        objectId: ['534.6.6.7'],
        role: 'pdu',
        model: [column('534.6.6.7.1.2.1.3'), column('534.6.6.7.1.2.1.2')],
        version: [column('534.6.6.7.1.2.1.5')],
        serial: [column('534.6.6.7.1.2.1.4')],
      },
      {
        line: 'transfer switch',
        objectId: ['534.10'],
        role: 'pdu',
        model: [scalar('534.10.2.1.2.0'), said(/^(.+)$/)],
        version: [scalar('534.10.2.1.3.0')],
        serial: [scalar('534.10.2.1.5.0')],
      },
      { line: 'environment monitor', objectId: ['534.6.8'], role: 'environment' },
      {
        line: 'DC power',
        objectId: ['1918'],
        role: 'ups',
        model: [said(/(SC\d{3}|PXG?\s?\w+)/), scalar('1918.2.13.10.100.10.0')],
        version: [scalar('1918.2.13.10.100.30.0')],
      },
      {
        line: 'ConnectUPS',
        sysDescr: /ConnectUPS|Eaton Power|Powerware/,
        role: 'ups',
        model: [scalar('534.1.1.2.0')],
        version: [scalar('534.1.1.3.0', /(\d\S*)/)],
      },
    ],
  },
]
