import { column, fixed, said, scalar, type VendorFamily } from '../rule.ts'

const entityDescr = '1.3.6.1.2.1.47.1.1.1.1.2'
const entitySoftware = '1.3.6.1.2.1.47.1.1.1.1.10'
const entityModel = '1.3.6.1.2.1.47.1.1.1.1.13'
const fnSerial = scalar('12356.100.1.1.1.0')

/** FORTINET-CORE (100), -FORTIGATE (101), -FORTIANALYZER (102), -FORTIMANAGER (103), -FORTIMAIL (105), FortiSwitch (106), FortiAP (120). */
export const fortinetFamilies: readonly VendorFamily[] = [
  {
    vendor: 'Fortinet',
    lines: [
      {
        line: 'FortiGate',
        objectId: ['12356.101', '12356.15', '12356'],
        role: 'firewall',
        model: [
          column(entitySoftware, /^(FortiGate\S*|FortiWiFi\S*)/),
          column(entityModel, /^F[GWR][A-Z]*_(\S+)/),
          column(entityDescr, /^Fortinet F[GWR][A-Z]*_([^\s,]+)/),
        ],
        modelById: {
          prefix: '12356.101.1.',
          names: new Map([
            ['30', 'VM'],
            ['641', '60E'],
            ['644', '60F'],
            ['1000', '100'],
            ['1004', '100D'],
            ['1041', '100E'],
          ]),
        },
        version: [scalar('12356.101.4.1.1.0'), column(entitySoftware, /(v\d\S+.*)$/)],
        serial: [fnSerial],
      },
      {
        line: 'FortiAnalyzer',
        objectId: ['12356.102'],
        role: 'server',
        model: [fixed('FortiAnalyzer')],
        serial: [fnSerial],
      },
      {
        line: 'FortiManager',
        objectId: ['12356.103'],
        role: 'server',
        version: [scalar('12356.103.2.1.1.0')],
        serial: [fnSerial],
      },
      {
        line: 'FortiMail',
        objectId: ['12356.105'],
        role: 'firewall',
        model: [scalar('12356.105.1.1.0')],
        version: [scalar('12356.105.1.3.0')],
        serial: [scalar('12356.105.1.2.0')],
      },
      {
        line: 'FortiSwitch',
        objectId: ['12356.106'],
        role: 'switch',
        model: [scalar('12356.106.4.1.1.0', /^(\S+)/), column(entitySoftware, /^(FortiSwitch\S*)/)],
        version: [scalar('12356.106.4.1.1.0', /v([\d.]+)/)],
        serial: [fnSerial],
      },
      {
        line: 'FortiWeb',
        objectId: ['12356.107'],
        role: 'firewall',
        model: [scalar('12356.107.2.1.1.0', /^(FortiWeb\S*)/)],
        version: [scalar('12356.107.2.1.1.0', / (\d+\.[\d.]+)/)],
        serial: [fnSerial],
      },
      { line: 'FortiADC', objectId: ['12356.112'], role: 'firewall', serial: [fnSerial] },
      {
        line: 'FortiAuthenticator',
        objectId: ['12356.113'],
        role: 'server',
        model: [scalar('12356.113.1.1.0')],
        serial: [scalar('12356.113.1.2.0')],
      },
      {
        line: 'FortiExtender',
        objectId: ['12356.121'],
        role: 'modem',
        serial: [fnSerial],
      },
      {
        line: 'FortiAP',
        objectId: ['12356.120'],
        role: 'access-point',
        model: [scalar('12356.120.1.1.0', /^F(?:AP|P)U?(\w+)-v/), said(/^FortiAP-?(\S+)/)],
        version: [scalar('12356.120.1.1.0')],
        serial: [scalar('12356.120.1.2.0')],
      },
      {
        line: 'FortiWLC',
        objectId: ['15983'],
        role: 'access-point',
        model: [scalar('15983.1.1.4.1.27.0'), said(/^\S+[ -](\S+)/)],
        version: [scalar('15983.1.1.4.1.2.0')],
      },
    ],
  },
]
