import { column, said, scalar, under, type VendorFamily } from '../rule.ts'

const entityModel = '1.3.6.1.2.1.47.1.1.1.1.13'

/** Switches and routers whose makers have one line each. */
export const switchFamilies: readonly VendorFamily[] = [
  {
    vendor: 'Netgear',
    lines: [
      {
        line: 'ProSafe and managed switch',
        objectId: ['4526.100', '4526'],
        role: 'switch',
        roleBy: [
          [/\bW(?:NDAP|AC|AX|G|N)\d|Access Point/, 'access-point'],
          [/\b(?:FVS|UTM|SRX)\d/, 'firewall'],
          [/\b(?:DGN?D?|WNR|R\d{4})/, 'router'],
        ],
        model: [
          scalar('4526.10.1.1.1.3.0'),
          scalar('4526.11.1.1.1.3.0'),
          said(/^(?:NETGEAR )?((?:[A-Z]{1,4}|W[A-Z]+)\d{3,4}\w*(?:-[\w+]+)*)/i),
        ],
        version: [
          scalar('4526.10.1.1.1.13.0'),
          scalar('4526.11.1.1.1.13.0'),
          said(/, v?(\d+\.\d+\.\d+[.\d]*)/),
        ],
        serial: [scalar('4526.10.1.1.1.4.0'), scalar('4526.11.1.1.1.4.0')],
      },
      {
        line: 'ReadyNAS',
        objectId: ['4526.18', '4526.22'],
        role: 'storage',
        version: [scalar('4526.22.1.0'), scalar('4526.18.1.0')],
      },
      {
        line: 'Netgear',
        isFallback: true,
        sysDescr: /^(?:NETGEAR|ProSafe|GS[M\d]\d+)/i,
        role: 'switch',
        model: [said(/((?:GS|FS|XS|M|S)\d{3,4}\w*)/)],
        ...{ version: [said(/, v?(\d+\.\d+\.\d+[.\d]*)/)] },
      },
    ],
  },
  {
    vendor: 'EnGenius',
    lines: [
      {
        line: 'switch',
        objectId: ['44194'],
        role: 'switch',
        roleBy: [[/\bE(?:AP|CW|WS\d+AP|NS|NH)\d/, 'access-point']],
        model: [
          column(entityModel),
          column('1.3.6.1.2.1.47.1.1.1.1.7', /^(E[CW]S\S+)/),
          said(/^EnGenius (\S+)/),
          said(/^(\S+)/),
        ],
      },
      {
        line: 'access point',
        objectId: ['14125'],
        role: 'access-point',
        roleBy: [[/\bE[GW]S\d/, 'switch']],
        model: [scalar('14125.2.1.1.1.0'), said(/((?:E[A-Z]{2}|EWS|ECB)\d\S*)/)],
        version: [scalar('14125.2.1.1.5.0')],
      },
    ],
  },
  {
    vendor: 'Alcatel-Lucent',
    lines: [
      {
        line: 'OmniSwitch',
        objectId: ['6486.800', '6486.801', '6486'],
        role: 'switch',
        roleBy: [[/\bOAW-|OmniAccess|\bAP1\d{3}/, 'access-point']],
        model: [said(/(?:Alcatel-Lucent )?(?:Enterprise )?(O(?:S|mniSwitch)? ?\d\S*)/), column(entityModel)],
        version: [said(/ (\d+\.\d+\.\d+\.\d*\.?R\d+)/), said(/ (\d+\.\d+\.\d+[.\w]*)/)],
      },
    ],
  },
  {
    vendor: 'Allied Telesis',
    lines: [
      {
        line: 'AlliedWare',
        objectId: ['207'],
        role: 'switch',
        roleBy: [
          [/\bAT-(?:TQ|WA)/, 'access-point'],
          [/\bAT-?AR\d|\bAR\d{3}/, 'router'],
        ],
        model: [
          said(/\b((?:AT|CentreCOM)[- ](?:x|i|[A-Z])*\d[\w/-]*)/),
          column('207.8.4.4.3.1'),
          column(entityModel),
          said(/\b(x\d{3}\w*[-\w/]*|SBx\d+\S*)/),
        ],
        version: [
          scalar('207.8.4.4.4.18.0'),
          said(/(?:AW\+ v|version |Version )(\d[\w.-]+)/),
          said(/v(\d+\.\d+\.\d+[\w.-]*)/),
        ],
        serial: [column('207.8.4.4.3.5')],
      },
    ],
  },
  {
    vendor: 'Huawei',
    lines: [
      {
        line: 'VRP',
        objectId: ['2011'],
        role: 'switch',
        roleBy: [
          [/\bAR\d|\bNE\d|ATN|CX600/, 'router'],
          [/\bUSG|Eudemon/, 'firewall'],
          [/\bAP\d|\bAC\d|AirEngine/, 'access-point'],
          [/\bMA\d{4}|\bHG\d|OLT|SmartAX|Integrated Access/, 'modem'],
          [/UPS/, 'ups'],
        ],
        model: [
          column('2011.5.25.188.1.4.0'),
          said(/\n(?:Quidway |HUAWEI )?([A-Z]{1,9} ?\d[\w-]*)(?: Routing Switch)?\s*$/i),
          said(
            /^(?:Quidway |Huawei )?((?:S|CE|AR|NE|USG|NIP|AC|AP|MA|AirEngine |ATN|Eudemon)[\w-]*?\d[\w-]*)/,
          ),
          said(/\b(?:HUAWEI|Quidway) ((?=\S*\d)[\w-]+)/i),
          column(entityModel),
          said(/\(((?=[\w-]*\d)[\w-]+) V\d/),
        ],
        version: [said(/Version (\d[\w.]+)/), said(/(V\d{3}R\d{3}C\d+\w*)/)],
      },
      { line: 'UPS', objectId: ['2011.6.174'], role: 'ups', model: [column('2011.6.174.1.2.100.1.2')] },
      {
        line: 'site power',
        objectId: ['2011'],
        has: ['2011.6.164', '2011.6.174'],
        role: 'ups',
        model: [column('2011.6.174.1.2.100.1.2')],
      },
    ],
  },
  {
    vendor: 'ZTE',
    lines: [
      {
        line: 'ZXR10',
        objectId: ['3902'],
        role: 'switch',
        roleBy: [[/C[2356]\d\d|ZXA10/, 'modem']],
        model: [said(/((?:ZXR10 |ZXA10 )?\w*\d{3,4}\w*(?:-\w+)?)/)],
        version: [said(/[Vv]ersion:? ?V?([\w.]+)/)],
      },
    ],
  },
  {
    vendor: 'Arista',
    lines: [
      {
        line: 'EOS',
        objectId: ['30065'],
        role: 'switch',
        model: [said(/running on an? Arista Networks (\S+)/)],
        version: [said(/EOS version (\S+)/)],
      },
    ],
  },
  {
    vendor: 'Edge-Core',
    lines: [
      {
        line: 'Edge-Core',
        objectId: ['259'],
        role: 'switch',
        model: [under('259', /\.1\.1\.5\.1\.0$/), said(/(E(?:CS|S|PS)\d\S*)/), column(entityModel)],
        // ACCTON-MIB's switchInfoTable: operation code, below every product's own number.
        version: [under('259', /\.1\.1\.3\.1\.6\.\d+$/)],
        serial: [under('259', /\.1\.1\.3\.1\.10\.\d+$/)],
      },
    ],
  },
  {
    vendor: 'Planet',
    lines: [
      {
        line: 'Planet',
        objectId: ['10456'],
        role: 'switch',
        roleBy: [
          [/\bW(?:AP|DAP|NAP)/, 'access-point'],
          [/\bVR-|\bICG|\bCS-/, 'router'],
        ],
        model: [said(/((?:[A-Z]{2,4}-)?\w*\d{2,}\w*)/)],
      },
    ],
  },
]
