import { column, fixed, said, scalar, type VendorFamily } from '../rule.ts'

const lastWord = said(/^(?:Linux )?(\S*\d\S*)/)

/** Wireless bridges, access points, telephone adapters, and modems. */
export const accessFamilies: readonly VendorFamily[] = [
  {
    vendor: 'Cambium',
    lines: [
      {
        line: 'ePMP',
        objectId: ['17713.21'],
        role: 'access-point',
        model: [scalar('17713.21.1.1.2.0', /(ePMP\b.*)/i), fixed('ePMP')],
        version: [scalar('17713.21.1.1.17.0'), scalar('17713.21.1.1.1.0')],
        serial: [scalar('17713.21.1.1.31.0')],
      },
      {
        line: 'cnPilot and Wi-Fi',
        objectId: ['17713.22'],
        role: 'access-point',
        roleBy: [[/cnPilot R/, 'router']],
        model: [
          column('17713.22.1.1.1.5'),
          scalar('17713.22.1.1.1.5.0'),
          said(/(cnPilot \S+|XV\S+|XE\S+|e\d{3}\w*)/),
        ],
        version: [scalar('17713.22.1.1.1.8.0'), column('17713.22.1.1.1.8')],
        serial: [scalar('17713.22.1.1.1.4.0')],
      },
      {
        line: 'cnMatrix',
        objectId: ['17713.24'],
        role: 'switch',
        model: [said(/((?:cnMatrix )?(?:EX|TX)\d\S*)/)],
        version: [said(/(\d+\.\d+[.\d]*(?:-r\d+)?)/)],
      },
      {
        line: 'PMP and Canopy',
        objectId: ['161.19.250'],
        role: 'access-point',
        model: [said(/((?:PMP|PTP|Canopy|CANOPY) ?\d*)/)],
        version: [said(/CANOPY ([\d.]+)/i), scalar('161.19.3.3.1.1.0', /CANOPY ([\d.]+)/)],
        serial: [scalar('161.19.3.3.1.3.0')],
      },
      {
        line: 'PTP',
        objectId: ['17713'],
        role: 'access-point',
        model: [said(/((?:PTP|cnWave) ?\w+)/)],
        version: [column('17713.6.19.1'), column('17713.7.19.1')],
      },
    ],
  },
  {
    vendor: 'NEC',
    lines: [
      {
        line: 'iPASOLINK',
        objectId: ['119.2.3.69'],
        role: 'access-point',
        model: [said(/(iPASO\S+(?: \S*\d\S*)?)/i)],
      },
    ],
  },
  {
    vendor: 'Mimosa',
    lines: [
      {
        line: 'Mimosa',
        objectId: ['43356'],
        role: 'access-point',
        model: [said(/^Mimosa ([A-Z]\d+)/)],
        version: [scalar('43356.2.1.2.1.3.0'), said(/Firmware (\S+)/)],
        serial: [scalar('43356.2.1.2.1.2.0')],
      },
    ],
  },
  {
    vendor: 'Grandstream',
    lines: [
      {
        line: 'GWN access point',
        has: ['42397.1.1.2'],
        role: 'access-point',
        roleBy: [
          [/^GWN70/, 'router'],
          [/^GWN78/, 'switch'],
        ],
        model: [scalar('42397.1.1.2.1.0')],
        version: [scalar('42397.1.1.2.4.0')],
      },
      { line: 'GWN access point', sysDescr: /^Linux Grandstream/, role: 'access-point' },
      {
        line: 'HandyTone adapter',
        has: ['42397.1.2'],
        role: 'modem',
        model: [said(/^Linux (HT\d{3}\w*)/)],
        version: [
          scalar('42397.1.2.3.2.0'),
          column('42397.1.2.3.2'),
          scalar('42397.1.2.3.1.0'),
          column('42397.1.2.3'),
        ],
        serial: [scalar('42397.1.2.1.0'), column('42397.1.2.1')],
      },
      {
        line: 'HandyTone adapter',
        sysDescr: /^Linux HT\d/,
        role: 'modem',
        model: [said(/^Linux (HT\d{3}\w*)/)],
      },
      {
        line: 'telephone',
        objectId: ['42397'],
        role: 'phone',
        model: [said(/((?:GXP|GRP|DP|GXV|UCM)\d+\w*)/)],
      },
    ],
  },
  {
    vendor: 'RADWIN',
    lines: [
      {
        line: 'RADWIN',
        objectId: ['4458'],
        role: 'access-point',
        model: [scalar('4458.1000.1.5.40.1.0'), said(/(RW-?\S+|WinLink\S*)/)],
        version: [scalar('4458.1000.1.1.2.0'), scalar('4458.1000.1.1.30.0')],
        serial: [scalar('4458.1000.1.1.29.0')],
      },
    ],
  },
  {
    vendor: 'Siklu',
    lines: [
      {
        line: 'EtherHaul',
        objectId: ['31926'],
        role: 'access-point',
        model: [said(/(EH-\S+)/)],
        version: [column('31926.1.2')],
      },
    ],
  },
  {
    vendor: 'Ceragon',
    lines: [
      {
        line: 'Ceragon',
        objectId: ['2281'],
        role: 'access-point',
        model: [scalar('2281.10.1.1.9.0'), said(/(IP-?\d+\w*|FibeAir[^,]*|PointLink\S*)/)],
        version: [column('2281.10.4.1.13.1.1.4')],
        serial: [column('2281.10.1.3.1.1.11')],
      },
    ],
  },
  {
    vendor: 'SAF',
    lines: [
      {
        line: 'SAF',
        objectId: ['7571'],
        role: 'access-point',
        model: [said(/(CFIP\S*|Integra\S*|SAF \S+)/i)],
        version: [column('7571.100.1.1.2.22', /(\d+\.\d+\S*)/)],
      },
    ],
  },
  {
    vendor: 'InfiNet',
    lines: [
      {
        line: 'WANFleX',
        objectId: ['3942'],
        role: 'access-point',
        model: [said(/((?:R\d{4}|InfiLINK|InfiMAN)\S*)/)],
        version: [said(/WANFleX (\S+)/)],
        serial: [said(/SN:(\d+)/)],
      },
    ],
  },
  {
    vendor: 'Alvarion',
    lines: [
      {
        line: 'BreezeACCESS',
        objectId: ['12394'],
        role: 'access-point',
        model: [scalar('12394.1.1.1.8.0'), said(/(Breeze\S+)/)],
        version: [scalar('12394.1.1.1.9.0')],
        serial: [scalar('12394.1.1.1.4.0')],
      },
    ],
  },
  {
    vendor: 'Proxim',
    lines: [
      {
        line: 'Proxim',
        objectId: ['11898'],
        role: 'access-point',
        model: [said(/^(?:Proxim )?([^,]+?)[ -][vV]\d/), said(/^(\S+)/)],
        version: [said(/[vV](\d+\.\d+\.\d+)/)],
        serial: [said(/SN-(\S+)/)],
      },
    ],
  },
  {
    vendor: 'Xirrus',
    lines: [
      {
        line: 'Xirrus',
        objectId: ['21013'],
        role: 'access-point',
        model: [column('21013.1.2.1'), said(/(X\w\d\S*)/)],
        version: [scalar('21013.1.2.1.2.0'), said(/(\d+\.\d+\.\d+\S*)/)],
        serial: [scalar('21013.1.2.1.6.0')],
      },
    ],
  },
  {
    vendor: 'IgniteNet',
    lines: [
      {
        line: 'IgniteNet',
        objectId: ['47307'],
        role: 'access-point',
        model: [column('47307.1.4.1.5'), lastWord],
        version: [column('47307.1.4.1.4')],
      },
    ],
  },
  {
    vendor: 'Trango',
    lines: [
      { line: 'Trango', objectId: ['5454'], role: 'access-point', model: [said(/^(?:Trango )?(\S+)/)] },
    ],
  },
  {
    vendor: 'BridgeWave',
    lines: [
      {
        line: 'BridgeWave',
        objectId: ['6080'],
        role: 'access-point',
        model: [said(/BridgeWave(?: Communications)?,? (\S+)/)],
      },
    ],
  },
  {
    vendor: 'Exalt',
    lines: [
      {
        line: 'Exalt',
        objectId: ['25651'],
        role: 'access-point',
        model: [scalar('25651.1.2.1.1.0')],
        version: [scalar('25651.1.2.1.5.0')],
        serial: [scalar('25651.1.2.1.2.0')],
      },
    ],
  },
  {
    vendor: 'Racom',
    lines: [
      {
        line: 'Racom',
        objectId: ['33555'],
        role: 'access-point',
        model: [said(/(RAy\S*|RipEX\S*)/)],
        version: [said(/(\d+\.\d+\.\d+\S*)/)],
      },
    ],
  },
  {
    vendor: 'Deliberant',
    lines: [{ line: 'Deliberant', objectId: ['32761'], role: 'access-point', model: [said(/^(\S+ \S+)/)] }],
  },
  {
    vendor: 'Meru',
    lines: [
      {
        line: 'Meru',
        objectId: ['15983.1'],
        role: 'access-point',
        model: [scalar('15983.1.1.4.1.27.0'), said(/(MC\d+\S*)/)],
        version: [scalar('15983.1.1.4.1.2.0'), said(/(\d+\.\d+-\S+)/)],
      },
    ],
  },
]
