import { column, fastpath, said, scalar, type VendorFamily } from '../rule.ts'

/** IEEE802dot11-MIB's dot11ResourceInfo: product name and version, told by airOS and UniFi radios. */
const dot11Product = '1.2.840.10036.3.1.2.1.3'
const dot11Version = '1.2.840.10036.3.1.2.1.4'
/** hrSWRunParameters: EdgeOS starts lldpd with the board's name. */
const runParameters = '1.3.6.1.2.1.25.4.2.1.5'

/** UBNT-MIB (41112), airOS' older root (10002) and Broadcom's for switches (4413). */
export const ubiquitiFamilies: readonly VendorFamily[] = [
  {
    vendor: 'Ubiquiti',
    lines: [
      {
        line: 'EdgeOS',
        objectId: ['41112.1.5'],
        role: 'router',
        model: [
          column(runParameters, /UBNT (.+?) running on/),
          said(/^(?:EdgeOS )?(EdgeRouter[^,\n]*?)(?: v[\d.]| running|,|$)/),
        ],
        version: [said(/v(\d+\.\d+\.\d+(?:-hotfix\.\d+)?)/)],
      },
      {
        line: 'EdgeOS',
        isFallback: true,
        sysDescr: /^EdgeOS v/,
        role: 'router',
        version: [said(/v(\d+\.\d+\.\d+(?:-hotfix\.\d+)?)/)],
      },
      {
        line: 'UFiber OLT',
        has: ['41112.1.5.1.1.0'],
        sysDescr: /EdgeOS|OLT|UFiber/,
        role: 'modem',
        model: [scalar('41112.1.5.1.1.0')],
        version: [scalar('41112.1.5.1.3.0')],
        serial: [scalar('41112.1.5.1.2.0')],
      },
      {
        line: 'UFiber OLT',
        sysDescr: /^(?:UISP Fiber|UF-?|UFiber).*OLT/i,
        role: 'modem',
        model: [scalar('41112.1.5.1.1.0'), said(/^([^,]+),/)],
        version: [scalar('41112.1.5.1.3.0')],
      },
      {
        line: 'EdgeSwitch',
        sysDescr: /^(?:EdgeSwitch|EdgePoint|UISP Switch|UISP-S)/i,
        role: 'switch',
        model: [said(/^([^,]+),/), scalar('4413.1.1.1.1.1.3.0')],
        version: [said(/^[^,]+, v?([\d.]+)/), scalar('4413.1.1.1.1.1.13.0')],
        serial: [scalar('4413.1.1.1.1.1.4.0')],
      },
      {
        line: 'EdgeSwitch',
        objectId: ['4413'],
        role: 'switch',
        ...fastpath('4413.1.1.1.1.1'),
        model: [said(/^([^,]+), v?\d/), scalar('4413.1.1.1.1.1.3.0')],
        version: [said(/^[^,]+, v?([\d.]+)/), scalar('4413.1.1.1.1.1.13.0')],
      },
      {
        line: 'EdgeSwitch X',
        objectId: ['27282.3.2.10'],
        role: 'switch',
        model: [column('1.3.6.1.2.1.47.1.1.1.1.2', /^(ES-\d+\S*)/)],
      },
      {
        line: 'UniFi Switch',
        sysDescr: /^(?:U[SD]W?-|USL|USW|US \d|UniFi Switch)\S*/,
        role: 'switch',
        model: [said(/^(US[^\s,]*(?: (?!v?\d+\.)[^\s,]+)*|UniFi Switch [^,]+?)(?:,? v?\d+\.|,|$)/)],
        version: [said(/[ ,]v?(\d+\.\d+\.[\d.]+)/), scalar('4413.1.1.1.1.1.13.0')],
      },
      {
        line: 'UniFi gateway',
        sysDescr: /^(?:UDM|UXG|UCG|USG|UniFi (?:Dream|Security|Gateway|Cloud Gateway)|UBNT[ -]USG)/i,
        role: 'firewall',
        model: [said(/^(\S+)/)],
      },
      {
        line: 'UniFi access point',
        has: ['41112.1.6'],
        role: 'access-point',
        model: [scalar('41112.1.6.3.3.0'), column(dot11Product)],
        version: [scalar('41112.1.6.3.6.0'), column(dot11Version, /(?:v|\.)(\d+\.\d+\.\d+[.\d]*)/)],
      },
      {
        line: 'UniFi access point',
        sysDescr: /^U(?:AP|6|7|WA|FB|BB)[- ]?\S*/,
        role: 'access-point',
        model: [said(/^(\S+)/)],
        version: [said(/ (\d+\.\d+\.[\d.]+)/)],
      },
      {
        line: 'airOS',
        objectId: ['10002.1'],
        role: 'access-point',
        model: [column(dot11Product)],
        version: [column(dot11Version, /v(\d[\w.-]*)/), column(dot11Version)],
      },
      {
        line: 'airOS',
        has: ['41112.1.4'],
        role: 'access-point',
        model: [column(dot11Product)],
        version: [column(dot11Version, /v(\d[\w.-]*)/), column(dot11Version)],
      },
      {
        line: 'airFiber',
        has: ['41112.1.3'],
        role: 'access-point',
        model: [column(dot11Product), column('41112.1.3.1.1.3')],
        version: [column('41112.1.3.2.1.40', /v?(\d\S*)/)],
      },
      {
        line: 'airFiber LTU',
        has: ['41112.1.10'],
        role: 'access-point',
        model: [scalar('41112.1.10.1.3.2.0')],
        version: [scalar('41112.1.10.1.3.4.0')],
      },
      {
        line: 'airFiber 60',
        has: ['41112.1.11'],
        role: 'access-point',
        model: [column('41112.1.11.1.2.2')],
        version: [column('41112.1.11.1.2.4', /v(\d+\.\d+\.\d+(?:-[A-Z]+\d*)?)/), column('41112.1.11.1.2.4')],
      },
    ],
  },
]
