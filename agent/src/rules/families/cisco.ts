import { ciscoModelById } from '../cisco-products.ts'
import { column, said, scalar, type VendorFamily } from '../rule.ts'

const iosVersion = said(/Version (\d[\w.()]*)/)
const entityModel = '1.3.6.1.2.1.47.1.1.1.1.13'
/** Cisco's small-business switches: rlPhdUnitGenParamTable of CISCOSB-Physicaldescription-MIB. */
const sbUnit = '9.6.1.101.53.14.1'

/** IOS image families (the words before `-M`) that run on switches and access points. */
const iosRoles = [
  [/K9W[78]-M|\(C?AP\d+|Aironet|\bAIR-/i, 'access-point'],
  [
    /C(?:AT)?(?:29[1-9]|3[0568]|4[0579]|6[058]|9[2-6])\d*\w*[- ].*Software|cat\d|Catalyst|\bWS-C|\bC9[2-6]00|\bIE-?\d|CGS-?25|\bME-?[34]\d{3}/i,
    'switch',
  ],
] as const

/** Prefixes of sysObjectID and formats of sysDescr by CISCO-PRODUCTS-MIB and Cisco's own release notes. */
export const ciscoFamilies: readonly VendorFamily[] = [
  {
    vendor: 'Cisco',
    lines: [
      {
        line: 'IOS',
        objectId: ['9.1'],
        role: 'router',
        roleBy: iosRoles,
        modelById: ciscoModelById,
        version: [iosVersion],
      },
      {
        line: 'IOS',
        isFallback: true,
        sysDescr: /^Cisco (?:IOS|Internetwork)/,
        role: 'router',
        roleBy: iosRoles,
        modelById: ciscoModelById,
        version: [iosVersion],
      },
      {
        line: 'Catalyst OS',
        objectId: ['9.5'],
        role: 'switch',
        model: [column(entityModel), said(/^Cisco Systems(?:, Inc\.)? (WS-\S+)/)],
        version: [said(/NmpSW: (\S+)/), said(/Version (\S+)/)],
      },
      {
        line: 'NX-OS',
        objectId: ['9.12'],
        role: 'switch',
        version: [said(/Version (\d[\w.()]*)/)],
      },
      {
        line: 'NX-OS',
        isFallback: true,
        sysDescr: /^Cisco NX-OS/,
        role: 'switch',
        version: [said(/Version (\d[\w.()]*)/)],
      },
      {
        line: 'Firepower FXOS',
        objectId: ['9.12', '9.1'],
        sysDescr: /^Cisco (?:FX-?OS|Firepower)/i,
        role: 'firewall',
        modelById: ciscoModelById,
        version: [said(/Version (\d[\w.()]*)/)],
      },
      {
        line: 'ASA',
        sysDescr: /^Cisco (?:Adaptive Security Appliance|PIX|Firepower)/,
        role: 'firewall',
        modelById: ciscoModelById,
        version: [said(/Version (\d[\w.()]*)/)],
      },
      {
        line: 'wireless controller',
        sysDescr: /^Cisco Controller/,
        role: 'access-point',
        model: [scalar('14179.1.1.1.3.0'), column(entityModel)],
        version: [scalar('14179.1.1.1.14.0')],
        serial: [scalar('14179.1.1.1.4.0')],
      },
      {
        line: 'wireless controller',
        has: ['14179.1.1.1'],
        objectId: ['14179', '9.1'],
        role: 'access-point',
        model: [scalar('14179.1.1.1.3.0')],
        version: [scalar('14179.1.1.1.14.0')],
        serial: [scalar('14179.1.1.1.4.0')],
      },
      {
        line: 'small business switch',
        objectId: ['9.6.1'],
        role: 'switch',
        model: [
          column(entityModel),
          column(`${sbUnit}.7`),
          said(/^((?:SG|SF|SX|CBS|C1[23]00|SLM|SRW|ESW|SPS|SFE|SGE)[\w-]*\d[\w-]*)/),
          said(/\((S[RLG][WME]\w+|E?SW[\w-]+)\)/),
        ],
        version: [column(`${sbUnit}.2`), scalar('9.6.1.101.2.4.0'), said(/Version (\d[\w.()]*)/)],
        serial: [column(`${sbUnit}.5`)],
        modelById: {
          prefix: '9.6.1.',
          names: new Map([
            ['81.24.1', 'SF 300-24'],
            ['82.24.1', 'SF 300-24'],
            ['83.10.1', 'SG 300-10'],
            ['83.20.1', 'SG 300-20'],
            ['83.28.1', 'SG 300-28'],
            ['83.52.1', 'SG 300-52'],
            ['83.10.2', 'SG 300-10P'],
            ['83.28.2', 'SG 300-28P'],
          ]),
        },
      },
      {
        line: 'Catalyst 1200 and 1300',
        objectId: ['9.1'],
        sysDescr: /^Catalyst 1[23]00/,
        role: 'switch',
        model: [column(entityModel), column(`${sbUnit}.7`), said(/\((C1[23]00[\w-]*)\)/)],
        version: [column(`${sbUnit}.2`)],
        serial: [column(`${sbUnit}.5`)],
      },
      {
        line: 'small business router',
        sysDescr: /\bRV\d{3}\w*/,
        objectId: ['9.6.1', '9.1', '3955'],
        role: 'router',
        model: [said(/\b(RV\d{3}\w*)/)],
        version: [said(/[Vv]ersion:? v?(\d[\w.]+)/), scalar('9.6.1.23.1.1.1.1.0')],
      },
      {
        line: 'small business access point',
        sysDescr: /\bWAP\d{3}\w*/,
        objectId: ['9.6.1'],
        role: 'access-point',
        model: [said(/\b(WAP\d{3}\w*)/)],
        version: [said(/(\d+\.\d+\.\d+[.\d]*)/)],
      },
      {
        line: 'IronPort',
        objectId: ['15497'],
        role: 'firewall',
        model: [said(/Model ?:? ?(\w+)/)],
        version: [said(/Version: ?([\w.-]+)/)],
        serial: [said(/Serial #: ?([\w-]+)/)],
      },
      {
        line: 'analog adapter',
        sysDescr: /^(?:Cisco )?(?:SPA\d{3,4}|ATA ?\d{3})/,
        role: 'modem',
        model: [said(/((?:SPA|ATA ?)\d{3,4}\w*)/)],
      },
    ],
  },
  {
    vendor: 'Meraki',
    lines: [
      {
        line: 'Meraki',
        objectId: ['29671'],
        role: 'switch',
        roleBy: [
          [/\b(?:MX|Z)\d/, 'firewall'],
          [/\b(?:MR|CW)\d/, 'access-point'],
          [/\bMS\d/, 'switch'],
          [/\bMG\d/, 'modem'],
        ],
        model: [said(/^(?:Cisco )?Meraki (\S+)/)],
      },
      {
        line: 'Meraki',
        sysDescr: /^(?:Cisco )?Meraki /,
        role: 'switch',
        roleBy: [
          [/\b(?:MX|Z)\d/, 'firewall'],
          [/\b(?:MR|CW)\d/, 'access-point'],
          [/\bMG\d/, 'modem'],
        ],
        model: [said(/Meraki (\S+)/)],
      },
    ],
  },
]
