import { column, said, scalar, type VendorFamily } from '../rule.ts'

/** Mobile-network and access routers of shops. */
export const mobileRouterFamilies: readonly VendorFamily[] = [
  {
    vendor: 'Teltonika',
    lines: [
      {
        line: 'RutOS',
        has: ['48690.1', '48690.2', '48690.3'],
        role: 'router',
        model: [scalar('48690.1.2.0'), said(/^Linux (?:Teltonika-)?((?:RUT|TRB|TCR|OTD)\w*\d\w*)/)],
        version: [scalar('48690.1.6.0')],
        serial: [scalar('48690.1.1.0')],
      },
      {
        line: 'RutOS',
        sysDescr: /^Linux (?:Teltonika\S*|(?:RUT|TRB|TCR|OTD|RUTX|RUTM)\w+) /,
        role: 'router',
        model: [said(/^Linux (?:Teltonika-)?((?:RUT|TRB|TCR|OTD)\w*\d\w*)/)],
        version: [scalar('48690.1.6.0')],
      },
    ],
  },
  {
    vendor: 'Peplink',
    lines: [
      {
        line: 'Balance and MAX',
        objectId: ['23695', '27662'],
        role: 'router',
        roleBy: [
          [/\bAP (?:One|Pro)|^AP\b/i, 'access-point'],
          [/\bSwitch|\bSD Switch/i, 'switch'],
        ],
        model: [
          scalar('23695.200.1.1.1.1.1.0'),
          scalar('27662.200.1.1.1.1.1.0'),
          said(/^(?:Peplink |Pepwave )?(.+)$/),
        ],
        version: [scalar('23695.200.1.1.1.1.3.0'), scalar('27662.200.1.1.1.1.3.0')],
        serial: [scalar('23695.200.1.1.1.1.2.0'), scalar('27662.200.1.1.1.1.2.0')],
      },
    ],
  },
  {
    vendor: 'Cradlepoint',
    lines: [
      {
        line: 'Cradlepoint',
        objectId: ['20992'],
        role: 'router',
        model: [said(/(?:Cradlepoint|CradlePoint) (\S+?),/i), said(/^(\S+?),/)],
        version: [said(/Firmware Version ([\w.-]+)/i)],
      },
    ],
  },
  {
    vendor: 'Digi',
    lines: [
      {
        line: 'Digi',
        objectId: ['332', '16378'],
        role: 'router',
        model: [
          said(
            /^(?:Digi )?((?:Connect|TransPort|PortServer|AnywhereUSB|IX|EX|WR|TX)[\w -]*?)(?: Ser| Version|,|$)/,
          ),
          said(/^(\S+)/),
        ],
        version: [said(/Version (\S+?),?(?: |$)/i)],
      },
      {
        line: 'Accelerated',
        sysDescr: /^(?:Linux )?(?:IX|EX|TX)\d\d\S*.*Digi|Digi (?:IX|EX|TX)\d|Accelerated Concepts/,
        role: 'router',
        model: [said(/\b((?:IX|EX|TX|LR)\d\d\w*)/)],
        version: [said(/(\d\d\.\d+\.\d+\.\d+)/)],
      },
      {
        line: 'Opengear',
        objectId: ['25049'],
        vendor: 'Opengear',
        role: 'server',
        model: [said(/Opengear\/(\S+)/)],
        version: [said(/Version (\S+)/)],
        serial: [scalar('25049.10.19.1.1.3.0')],
      },
    ],
  },
  {
    vendor: 'Sierra Wireless',
    lines: [
      {
        line: 'AirLink',
        objectId: ['20542'],
        role: 'router',
        model: [scalar('20542.9.1.1.9.6.0'), said(/((?:RV|MP|LX|ES|GX|LS|MG)\d+\w*)/)],
        version: [scalar('20542.9.1.1.9.4.0'), said(/(?:ALEOS|Version) (?:Version )?([\d.]+)/i)],
      },
    ],
  },
  {
    vendor: 'DrayTek',
    lines: [
      {
        line: 'Vigor',
        objectId: ['7367'],
        role: 'router',
        roleBy: [
          [/Vigor ?AP/i, 'access-point'],
          [/VigorSwitch/i, 'switch'],
          [/Vigor ?(?:130|16[57])\b/, 'modem'],
        ],
        model: [
          said(/Model: ([^,]+),/),
          scalar('7367.3.1.0'),
          said(/^(?:DrayTek )?(Vigor\S*(?: \w*\d\w*)?)/),
        ],
        version: [said(/Version: ([^,]+?),/), scalar('7367.3.2.0'), said(/[vV](\d\.[\w.]+)/)],
      },
      {
        line: 'Vigor',
        isFallback: true,
        sysDescr: /^DrayTek|^Vigor/,
        role: 'router',
        roleBy: [
          [/VigorAP/i, 'access-point'],
          [/VigorSwitch/i, 'switch'],
        ],
        model: [said(/Model: ([^,]+),/), said(/(Vigor\S+)/)],
        version: [said(/Version: ([^,]+?),/)],
      },
    ],
  },
  {
    vendor: 'bintec elmeg',
    lines: [
      {
        line: 'bintec',
        objectId: ['272'],
        role: 'router',
        model: [said(/^(?:bintec(?: elmeg)? )?([\w.+ -]+?)(?: V\.| Version|,|$)/i)],
        version: [said(/V\.?(\d[\w.]+(?: Rev\. \d+)?)/)],
        serial: [scalar('272.4.1.31.0')],
      },
    ],
  },
  {
    vendor: 'Robustel',
    lines: [{ line: 'Robustel', objectId: ['39699'], role: 'router', model: [said(/(R\d{4}\w*|EG\d+)/)] }],
  },
  {
    vendor: 'Adtran',
    lines: [
      {
        line: 'NetVanta and Total Access',
        objectId: ['664'],
        role: 'router',
        roleBy: [
          [/NetVanta 1[2356]\d\d|Switch/, 'switch'],
          [/Bluesocket|vWLAN/, 'access-point'],
          [/OLT|TA ?5\d{3}|Total Access 5/, 'modem'],
        ],
        model: [
          scalar('664.5.53.1.1.1.0'),
          said(/^((?:NetVanta|Total Access|NV|TA)[ -]?\S+)/),
          said(/^([^,]+),/),
        ],
        version: [scalar('664.5.53.1.1.4.0'), said(/Version:? ([\w.]+)/)],
        serial: [scalar('664.5.53.1.1.6.0')],
      },
    ],
  },
  {
    vendor: 'Nokia',
    lines: [
      {
        line: 'SR OS',
        objectId: ['6527'],
        role: 'router',
        model: [said(/(?:ALCATEL|Nokia|NOKIA) (?:ISR|ESS|SR|SAS)?-?\s*(\S+)/i)],
        version: [said(/TiMOS-(?:\w-)*([\w.]+)/)],
      },
    ],
  },
  {
    vendor: 'OneAccess',
    lines: [
      {
        line: 'ONE',
        objectId: ['13191'],
        role: 'router',
        model: [said(/^(?:OneOS\S* )?((?!ONEOS)\S+)/i)],
        version: [said(/(?:Version|OneOS-)(?: )?([\w.-]+)/), said(/-V(\d[\w.]+)/)],
      },
    ],
  },
  {
    vendor: 'Huawei',
    lines: [
      {
        line: 'home gateway',
        objectId: ['2011.2.115', '2011.2.248'],
        role: 'modem',
        model: [said(/(\S+)$/), column('2011.6.128.1.1.1.1.3')],
      },
    ],
  },
]
