import { column, said, scalar, type VendorFamily } from '../rule.ts'

/** HP-httpManageable-MIB's serial number, NETSWITCH-MIB's software version, SEMI-MIB. */
const hpSerial = scalar('11.2.36.1.1.2.9.0')
const hpVersion = scalar('11.2.14.11.5.1.1.3.0')

const instantOn = {
  sysDescr: /Instant On|InstantOn/i,
  role: 'switch',
  roleBy: [[/\bAP\d\d/, 'access-point']],
  model: [said(/\b((?:1[4-9]\d\d|AP\d\d)\w*(?: \d+G\b[^,]*)?)/)],
  version: [said(/InstantOn_(?:\d+_)?([\d.]+)/), said(/, ([\w.]+),/)],
} as const

export const arubaFamilies: readonly VendorFamily[] = [
  {
    vendor: 'Aruba',
    lines: [
      {
        line: 'ArubaOS controller',
        objectId: ['14823.1.1'],
        role: 'access-point',
        model: [said(/MODEL: ([^)]+)\)/), scalar('14823.2.2.1.1.1.2.0')],
        version: [said(/Version ([\d.]+(?:-FIPS)?)/)],
        serial: [scalar('14823.2.2.1.1.1.12.0'), scalar('14823.2.2.1.2.1.29.0')],
      },
      {
        line: 'Aruba access point',
        objectId: ['14823.1.2'],
        role: 'access-point',
        model: [said(/MODEL: ([^)]+)\)/), column('14823.2.3.3.1.2.1.1.6')],
        version: [said(/Version ([\d.]+(?:-[\d.]+)?)/), scalar('14823.2.3.3.1.1.4.0')],
        serial: [column('14823.2.3.3.1.2.1.1.4')],
      },
      {
        line: 'ArubaOS, under another maker’s name',
        sysDescr: /^(?:AOS-W|ArubaOS|Dell W-|PowerConnect W-|.*\(MODEL: )/,
        role: 'access-point',
        model: [said(/MODEL: ([^)]+)\)/)],
        version: [said(/Version ([\d.]+(?:-FIPS)?)/)],
        serial: [scalar('14823.2.2.1.1.1.12.0')],
      },
      {
        line: 'AOS-CX',
        objectId: ['47196'],
        role: 'switch',
        model: [
          said(/^(?:Aruba |HPE (?:ANW )?)?([JRS]\w{4}[A-Z](?:\s+(?![A-Z]{2}\.\d)[\w+-]+)?)/),
          said(/^(?:Aruba |HPE )?(\S+)/),
        ],
        version: [said(/\b([A-Z]{2}\.\d+\.\d+\.\w+)/)],
      },
      {
        line: 'Aruba switch',
        objectId: ['11.2.3.7.11'],
        sysDescr: /^Aruba (?!Instant).*(?:Switch|revision)/,
        role: 'switch',
        model: [said(/^Aruba (\w+ \S+?) (?:Switch|rev)/), said(/^Aruba (\S+ \S+)/)],
        version: [said(/revision ([\w.]+)/), hpVersion],
        serial: [hpSerial],
      },
      { line: 'Aruba Instant On', objectId: ['11.2.3.7', '47196'], ...instantOn },
      { line: 'Aruba Instant On', ...instantOn },
      { line: 'ClearPass', objectId: ['14823.1.6'], role: 'server' },
    ],
  },
  {
    vendor: 'HP',
    lines: [
      {
        line: 'ProCurve',
        objectId: ['11.2.3.7.11', '11.2.3.7.8', '11.2.3.7'],
        role: 'switch',
        model: [
          said(/^(?:HPE? |HPE )?(?:OfficeConnect|OC) Switch ([^,]+?),/),
          said(/^HPE? (?:ProCurve )?(J\w+ [^,]+?)(?: Switch)?(?: Stack)?,/i),
          said(/^PROCURVE (J\w+) -/i),
          said(/^(?:HPE? )?ProCurve (?:Switch )?([^,]+?)(?: Switch)?,/i),
          said(/^(?:HPE?|Aruba) ([^,]+?)(?: Switch)?,/),
        ],
        version: [
          said(/revision ([\w.]+)/),
          said(/, ?([A-Z]{1,2}\.\d+\.[\w.]+)/),
          said(/ - ([A-Z]{1,2}\.[\w.]+)/),
          hpVersion,
        ],
        serial: [hpSerial],
      },
      {
        line: 'ProCurve',
        isFallback: true,
        sysDescr: /^(?:HPE? )?ProCurve/i,
        role: 'switch',
        roleBy: [[/Access Point|MSM\d|Wireless/i, 'access-point']],
        model: [said(/^(?:HPE? )?ProCurve (?:Switch )?([^,]+?)(?: Switch)?(?:,| - )/i)],
        version: [said(/revision ([\w.]+)/), said(/(?:,| -) ?([A-Z]{1,2}\.\d+\.[\w.]+)/)],
        serial: [hpSerial],
      },
      {
        line: 'OfficeConnect',
        sysDescr: /^HPE? (?:OfficeConnect|\d{4}\w*-|V\d{4}|J\w+A )/,
        role: 'switch',
        model: [said(/Switch ([^,]+?),/), said(/^HPE? ([^,]+?)(?: Switch)?,/)],
        version: [said(/revision ([\w.]+)/), said(/, ?([A-Z]{1,2}\.\d+\.[\w.]+)/)],
        serial: [hpSerial],
      },
      {
        line: 'MSM',
        objectId: ['8744'],
        role: 'access-point',
        model: [scalar('8744.5.6.1.1.1.0'), said(/((?:MSM|MAP|E-?MSM)\d+\w*)/)],
        version: [scalar('8744.5.6.1.1.2.0'), said(/Software version: ?([\w.-]+)/i)],
        serial: [scalar('8744.5.6.1.1.5.0')],
      },
      {
        line: 'Comware',
        objectId: ['25506', '43'],
        role: 'switch',
        roleBy: [
          [/\bMSR\d|\bSR\d{2}/, 'router'],
          [/SecPath|\bF\d{3,4}/, 'firewall'],
          [/\bWX\d|\bWA\d|\bAP\b|WLAN/, 'access-point'],
        ],
        sysDescr: /\bHPE?\b|Hewlett/,
        model: [
          said(/\n(?:HPE? )?(?:FF |FlexFabric |FlexNetwork )?((?:\w+-)?[\w+-]*\d[\w+-]*(?: \w+-[\w+-]+)?)/),
          said(/^(?:HPE? )?([AEV]?\d{4}[\w+-]*)/),
        ],
        version: [said(/Version ([\d.]+)/)],
      },
      {
        line: 'power distribution unit',
        objectId: ['232.165.1', '232.165.2', '232.165.5', '232.165.7', '232.165.11'],
        role: 'pdu',
        model: [scalar('232.165.5.1.2.1.3.1'), scalar('232.165.7.1.2.1.3.1')],
        version: [column('232.165.7.1.2.1.6')],
        serial: [column('232.165.7.1.2.1.7')],
      },
      {
        line: 'UPS',
        objectId: ['232.165.3'],
        role: 'ups',
        model: [scalar('232.165.3.1.2.0')],
        version: [scalar('232.165.3.1.3.0')],
        serial: [scalar('232.165.1.2.7.0')],
      },
      {
        line: 'Integrated Lights-Out',
        objectId: ['232.9.4', '232.11'],
        role: 'server',
        model: [scalar('232.2.2.4.2.0')],
        serial: [scalar('232.2.2.2.1.0')],
      },
    ],
  },
  {
    vendor: 'H3C',
    lines: [
      {
        line: 'Comware',
        objectId: ['25506', '2011.10'],
        role: 'switch',
        roleBy: [
          [/\bMSR\d|\bSR\d{2}/, 'router'],
          [/SecPath|\bF\d{3,4}/, 'firewall'],
          [/\bWX\d|\bWA\d/, 'access-point'],
        ],
        model: [
          said(/\n(?:H3C )?(?:Switch )?(S?\w*\d[\w+-]*)/),
          said(/H3C (?:Series Router |Switch )?(\S*\d\S*)/),
        ],
        version: [said(/Version ([\d.]+)/)],
      },
    ],
  },
  {
    vendor: '3Com',
    lines: [
      {
        line: '3Com',
        objectId: ['43'],
        role: 'switch',
        model: [said(/3Com (?:SuperStack \d |Baseline |Switch )*([^,\n]+?)(?: Software|,|\n|$)/i)],
        version: [said(/Version (?:3Com OS )?V?(\d[\w.]+)/)],
      },
    ],
  },
]
