import { column, said, scalar, type VendorFamily } from '../rule.ts'

const entityModel = '1.3.6.1.2.1.47.1.1.1.1.13'

/** Access, transport and wide-area boxes of providers and head offices, a line or two a maker. */
export const providerFamilies: readonly VendorFamily[] = [
  {
    vendor: 'Patton',
    lines: [
      {
        line: 'SmartNode',
        objectId: ['1768'],
        role: 'router',
        model: [said(/^(?:Patton )?(SN\S+)/), said(/^([^\n;,]+)/)],
        version: [said(/SW ?: ?(\S+)/), said(/(\d+\.\d+\.\d+\S*)/)],
      },
    ],
  },
  {
    vendor: 'Riverbed',
    lines: [
      {
        line: 'SteelHead',
        objectId: ['17163'],
        role: 'router',
        model: [scalar('17163.1.1.1.1.0'), scalar('17163.1.51.1.1.0')],
        version: [scalar('17163.1.1.1.3.0', /(\d+\.\d\S*)/), scalar('17163.1.51.1.3.0', /(\d+\.\d\S*)/)],
        serial: [scalar('17163.1.1.1.2.0')],
      },
    ],
  },
  {
    vendor: 'Silver Peak',
    lines: [
      {
        line: 'EdgeConnect and NX',
        objectId: ['23867'],
        role: 'router',
        model: [said(/Inc\. (\S+)/)],
        version: [said(/(?:VXOA|ECOS) (\d\S*)/)],
      },
    ],
  },
  {
    vendor: 'Cumulus',
    lines: [
      {
        line: 'Cumulus Linux',
        objectId: ['40310'],
        role: 'switch',
        version: [said(/Cumulus Linux (\d[\w.-]*)/)],
      },
    ],
  },
  {
    vendor: 'Dasan',
    lines: [
      {
        line: 'NOS',
        objectId: ['6296'],
        role: 'switch',
        roleBy: [[/OLT|PON|\bV[58]\d{3}/, 'modem']],
        model: [said(/\b([VHSD]\d{3,4}\w*(?:-\w+)?)/)],
        version: [said(/(?:NOS|Version) ?v?(\d+\.\d[\w.]*)/i)],
      },
    ],
  },
  {
    vendor: 'Alcatel-Lucent',
    lines: [
      {
        line: 'ISAM',
        objectId: ['637.61'],
        role: 'modem',
        model: [column(entityModel), said(/\b(73\d\d\S*)/)],
        version: [said(/\b(?:ISAM )?R(\d\.\d\S*)/)],
        ownWordsOnly: true,
      },
    ],
  },
  {
    vendor: 'Arris',
    lines: [
      {
        line: 'cable head end',
        objectId: ['4998.2', '4115.1.2'],
        sysDescr: /CMTS/,
        role: 'modem',
        model: [said(/\b(C4c?|E6000|C3)\b/)],
        version: [said(/CMTS_V([\d.]+)/)],
      },
    ],
  },
  {
    vendor: 'NEC',
    lines: [
      {
        line: 'UNIVERGE IX',
        objectId: ['119.1.84'],
        role: 'router',
        model: [said(/IX Series (\S+)/)],
        version: [said(/Version ([\w.]+)/)],
      },
    ],
  },
  {
    vendor: 'Furukawa',
    lines: [
      {
        line: 'FITELnet',
        objectId: ['246'],
        sysDescr: /FITELnet/i,
        role: 'router',
        model: [said(/FITELnet ?-?(\S+)/i)],
        version: [said(/V(?:ersion )?(\d\S*)/)],
      },
    ],
  },
  {
    vendor: 'AlaxalA',
    lines: [
      {
        line: 'AX',
        objectId: ['21839'],
        role: 'switch',
        model: [said(/\[([^\]]+)\]/), said(/ALAXALA (?:\S+ )?(AX-?\d\S*)/)],
        version: [said(/Ver\. ?(\S+)/)],
      },
    ],
  },
  {
    vendor: 'Ericsson',
    lines: [
      {
        line: 'SmartEdge',
        objectId: ['2352'],
        role: 'router',
        model: [column(entityModel), said(/SmartEdge (\d+)/)],
        version: [said(/SEOS-([\d.]+)/)],
        ownWordsOnly: true,
      },
    ],
  },
  {
    vendor: 'Netonix',
    lines: [
      {
        line: 'WISP switch',
        objectId: ['46242'],
        role: 'switch',
        model: [said(/(W[SM]-\S+)/), said(/^(?:Netonix )?(.+)$/)],
        version: [scalar('46242.1.0')],
      },
    ],
  },
]
