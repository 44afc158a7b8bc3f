import { column, said, scalar, type VendorFamily } from '../rule.ts'

/** EXTREME-SYSTEM-MIB, Aerohive's AH-SYSTEM-MIB (26928.1.2), Enterasys, Avaya and Nortel lines that Extreme bought. */
export const extremeFamilies: readonly VendorFamily[] = [
  {
    vendor: 'Extreme',
    lines: [
      {
        line: 'EXOS',
        objectId: ['1916'],
        role: 'switch',
        roleBy: [[/\bAP\d{3,4}|WLAN|Wireless|IdentiFi/i, 'access-point']],
        model: [
          said(/\(([\w+-]+)\) version/),
          column('1.3.6.1.2.1.47.1.1.1.1.2', /^((?:X|Summit|BD|5)\w*\d\w*[-\w]*)$/),
          said(/^(\S+\d\S*) \(/),
        ],
        version: [said(/version ([\d.]+)/i), scalar('1916.1.1.1.13.0')],
        serial: [scalar('1916.1.1.1.16.0')],
      },
      {
        line: 'IdentiFi',
        objectId: ['4329.15', '5624.2.2'],
        role: 'access-point',
        model: [said(/^(\S+)/)],
        version: [said(/(\d+\.\d+\.\d+[.\d]*)/)],
      },
      {
        line: 'WiNG',
        objectId: ['388'],
        role: 'access-point',
        model: [said(/^(?:\w+ )?((?:AP|RFS|NX|VX|WS)-?\d+\w*)/)],
        version: [said(/(?:Version|Software Revision|v) ?([\d.]+-?\w*)/)],
      },
    ],
  },
  {
    vendor: 'Aerohive',
    lines: [
      {
        line: 'HiveOS',
        objectId: ['26928'],
        role: 'access-point',
        roleBy: [[/^(?:SR|BR)\d/, 'router']],
        model: [said(/^(?:Aerohive )?([^,]+), (?:HiveOS|IQ Engine)/), scalar('26928.1.2.6.0')],
        version: [said(/(?:HiveOS|IQ Engine) (.+)$/), scalar('26928.1.2.12.0', /HiveOS (.+)/)],
        serial: [scalar('26928.1.2.5.0')],
      },
    ],
  },
  {
    vendor: 'Enterasys',
    lines: [
      {
        line: 'Enterasys',
        objectId: ['5624'],
        role: 'switch',
        model: [said(/(?:Enterasys|Extreme) Networks,? (?:Inc\.? )?(\S+)/)],
        version: [said(/Rev ([\w.]+)/)],
      },
    ],
  },
  {
    vendor: 'Avaya',
    lines: [
      {
        line: 'ERS',
        objectId: ['45.3', '45.1'],
        role: 'switch',
        model: [
          said(/(?:Ethernet (?:Routing )?Switch|Virtual Services Platform|BayStack|Ethernet Switch) (\S+)/),
        ],
        version: [said(/SW:v?([\w.]+)/)],
        serial: [column('45.1.6.3.3.1.1.7')],
      },
      {
        line: 'VOSS and VSP',
        objectId: ['2272'],
        role: 'switch',
        model: [said(/^(\S+)/)],
        version: [said(/\(v?([\d.]+)\)/)],
        serial: [scalar('2272.1.4.2.0')],
      },
    ],
  },
]
