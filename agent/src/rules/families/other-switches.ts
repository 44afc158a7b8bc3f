import { column, fastpath, fixed, said, scalar, under, type VendorFamily } from '../rule.ts'

/** Switches of industry, provider and white-box makers. */
export const otherSwitchFamilies: readonly VendorFamily[] = [
  {
    vendor: 'Moxa',
    lines: [
      {
        line: 'Moxa',
        objectId: ['8691'],
        role: 'switch',
        model: [under('8691.7', /^\d+\.1\.2\.0$/), said(/^(?:MOXA )?((?=\S*\d)\S+)/i)],
        version: [
          under('8691', /^(?:7|600)\.\d+\.1\.4\.0$/, /V?(\d+\.\d\S*)/i),
          scalar('8691.600.1.1.4.0'),
          said(/[Vv](\d+\.\d+\S*)/),
        ],
        serial: [under('8691.7', /^\d+\.1\.78\.0$/)],
      },
    ],
  },
  {
    vendor: 'Hirschmann',
    lines: [
      {
        line: 'Hirschmann',
        objectId: ['248'],
        role: 'switch',
        model: [said(/(?:Hirschmann )?([A-Z]+\d\S*)/)],
        version: [
          scalar('248.14.1.1.2.0', /(\d\d\.\d\S*)/),
          column('248.14.2.1.3', /([\d.]{4,})/),
          column('248.11.20', /^HiOS-\w+-(\d\S*)/),
        ],
        serial: [scalar('248.14.1.1.9.1.10.1')],
      },
    ],
  },
  {
    vendor: 'Ruggedcom',
    lines: [
      {
        line: 'ROS',
        objectId: ['15004'],
        role: 'switch',
        model: [said(/(R[SXM][\w-]*\d\w*)/)],
        version: [scalar('15004.4.2.3.3.0', /v?([\d.]+)/)],
        serial: [scalar('15004.4.2.3.1.0')],
      },
    ],
  },
  {
    vendor: 'Westermo',
    lines: [
      {
        line: 'WeOS',
        objectId: ['16177'],
        role: 'switch',
        model: [said(/^(?:Westermo )?(\S+),/i)],
        version: [said(/(?:WeOS|primary:) v?([\w.]+)/)],
      },
    ],
  },
  {
    vendor: 'Raisecom',
    lines: [
      {
        line: 'ROAP',
        objectId: ['8886'],
        role: 'switch',
        model: [column('8886.6.1.1.1.2'), scalar('8886.1.1.1.1.0')],
        version: [scalar('8886.6.1.1.1.14.0', /ROS_(\S+)/)],
        serial: [scalar('8886.6.1.1.1.14.0')],
      },
    ],
  },
  {
    vendor: 'BDCOM',
    lines: [
      {
        line: 'BDCOM',
        objectId: ['3320'],
        role: 'switch',
        roleBy: [[/OLT|GP\d|P3\d{3}/, 'modem']],
        model: [said(/BDCOM\(?t?m?\)? ?(\S+)/i)],
        version: [said(/Version ([\w.]+)/)],
        serial: [said(/Serial num:(\w+)/)],
      },
    ],
  },
  {
    vendor: 'SNR',
    lines: [
      {
        line: 'SNR',
        objectId: ['40418'],
        role: 'switch',
        model: [said(/(SNR-\S+)/)],
        version: [said(/(?:SoftWare Version |Software Version |Version )([\w.()-]+)/i)],
      },
    ],
  },
  {
    vendor: 'Eltex',
    lines: [
      {
        line: 'Eltex',
        objectId: ['35265'],
        role: 'switch',
        roleBy: [
          [/\bESR/, 'router'],
          [/\bW[EOB]P|WLC/, 'access-point'],
          [/LTP|LTE-|MA4000|NTU|TAU/, 'modem'],
        ],
        model: [said(/((?:MES|ESR|WEP|WOP|LTP|LTE|TAU|SMG)-?\w+)/)],
        version: [column('89.53.14.1.2'), said(/[Vv]ersion:? ?(\S+)/)],
        serial: [column('89.53.14.1.5')],
      },
    ],
  },
  {
    vendor: 'Calix',
    lines: [
      {
        line: 'Calix',
        objectId: ['6321'],
        role: 'modem',
        model: [said(/(E[357][\w-]*|AXOS\S*)/)],
        version: [scalar('6321.1.2.2.2.1.6.2.2.0')],
      },
    ],
  },
  {
    vendor: 'FS',
    lines: [
      {
        line: 'FS',
        objectId: ['52642', '27975'],
        role: 'switch',
        model: [said(/(S\d{4}\S*|N\d{4}\S*)/)],
        version: [said(/Version ([\w.]+)/)],
      },
    ],
  },
  {
    vendor: 'Ruijie',
    lines: [
      {
        line: 'RGOS',
        objectId: ['4881'],
        role: 'switch',
        roleBy: [[/\bAP\d|\bRAP/, 'access-point']],
        model: [said(/\(((?:RG-)?\w*\d[\w-]*)\)/), said(/((?:RG-|S|N)\w*\d[\w-]*)/)],
        version: [scalar('4881.1.1.10.2.1.1.2.0')],
      },
    ],
  },
  {
    vendor: 'Lenovo',
    lines: [
      {
        line: 'RackSwitch',
        objectId: ['26543', '20301', '19046.1'],
        role: 'switch',
        model: [said(/(?:RackSwitch|ThinkSystem|Flex System) (\S+)/)],
        version: [column('26543.2.7.6.1.1.1.10')],
      },
    ],
  },
  {
    vendor: 'IBM',
    lines: [
      {
        line: 'Networking OS',
        objectId: ['26543', '20301'],
        sysDescr: /^IBM\b/,
        role: 'switch',
        model: [
          said(/(?:RackSwitch|Flex System[^,]*?|System Networking) ([A-Z]+\d\S*)/),
          said(/\b([GE]N?\d{4}\w*)/),
        ],
        version: [column('26543.2.7.6.1.1.1.10'), under('26543', /\.1\.1\.1\.10\.0$/)],
      },
    ],
  },
  {
    vendor: 'Lantronix',
    lines: [
      {
        line: 'Lantronix',
        objectId: ['244'],
        role: 'router',
        model: [said(/Lantronix (\S+)/)],
        version: [said(/[Vv](?:ersion )?(\d\S+)/)],
      },
    ],
  },
  {
    vendor: 'Transition Networks',
    lines: [{ line: 'Transition', objectId: ['868'], role: 'switch', model: [said(/^(\S+)/)] }],
  },
  {
    vendor: 'Siemens',
    lines: [
      {
        line: 'SCALANCE',
        objectId: ['4329.6', '4329.20', '4196'],
        role: 'switch',
        roleBy: [
          [/SCALANCE W/, 'access-point'],
          [/SCALANCE [MS]\d/, 'router'],
        ],
        model: [said(/SCALANCE (\S+)/)],
        version: [said(/FW: Version V([\w.]+)/)],
      },
    ],
  },
  {
    vendor: 'Mellanox',
    lines: [
      {
        line: 'Mellanox',
        objectId: ['33049'],
        role: 'switch',
        model: [said(/(MSX?N?\w+|SN\d{4}\w*)/)],
        version: [said(/(?:SWv|MLNX-OS|Onyx)\D*([\d.]+)/)],
      },
    ],
  },
  {
    vendor: 'Microsens',
    lines: [{ line: 'Microsens', objectId: ['3181.10'], role: 'switch', model: [said(/(MS\d\S*)/)] }],
  },
  {
    vendor: 'Perle',
    lines: [{ line: 'IOLAN', objectId: ['1966'], role: 'switch', model: [said(/^(?:Perle )?(\S+)/)] }],
  },
  {
    vendor: 'LigoWave',
    lines: [{ line: 'LigoWave', objectId: ['32750'], role: 'access-point', model: [fixed('LigoPTP')] }],
  },
  {
    vendor: 'Broadcom',
    lines: [
      {
        line: 'FASTPATH',
        objectId: ['4413'],
        role: 'switch',
        sysDescr: /Broadcom|FASTPATH/,
        ...fastpath('4413.1.1.1.1.1'),
      },
    ],
  },
]
