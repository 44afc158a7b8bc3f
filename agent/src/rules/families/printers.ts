import { column, said, scalar, type VendorFamily } from '../rule.ts'

const hrDevice = '1.3.6.1.2.1.25.3.2.1.3'
const prtSerial = column('1.3.6.1.2.1.43.5.1.1.17')
/** IEEE 1284 device id: "MFG:HP;MDL:HP LaserJet MFP M129-M134;…". */
const deviceIdModel = /(?:MDL|MODEL):(?:HP |Hewlett-Packard )?([^;]+)/

/** "RICOH Aficio MP C2503 1.35 / RICOH Network Printer C model". */
const ricohModel = said(/^(?:RICOH|NRG|LANIER|SAVIN|Gestetner|infotec) (?:Aficio )?(.+?) \d+\.\d+/i)

/** Maker's own scalars first; HOST-RESOURCES and Printer-MIB tell the rest. */
export const printerFamilies: readonly VendorFamily[] = [
  {
    vendor: 'HP',
    lines: [
      {
        line: 'JetDirect',
        objectId: ['11.2.3.9'],
        role: 'printer',
        model: [
          scalar('11.2.3.9.1.1.7.0', deviceIdModel),
          column(hrDevice, /^(?:HP |Hewlett-Packard )(.+)/),
          said(/PID:(?:HP )?([^,]+)/),
        ],
        version: [
          scalar('11.2.3.9.4.2.1.1.3.6.0', /(\d{6,}[\w.]*)/),
          scalar('11.2.3.9.4.2.1.1.3.5.0', /(\d{6,}[\w.]*)/),
        ],
        serial: [prtSerial, scalar('11.2.3.9.4.2.1.1.3.3.0', /(\w{6,})/), said(/SN:(\w+)/)],
      },
      {
        line: 'JetDirect',
        sysDescr: /^HP ETHERNET MULTI-ENVIRONMENT/,
        role: 'printer',
        model: [column(hrDevice, /^(?:HP )(.+)/), said(/PID:(?:HP )?([^,]+)/)],
      },
    ],
  },
  {
    vendor: 'Brother',
    lines: [
      {
        line: 'Brother NC',
        isFallback: true,
        sysDescr: /^Brother NC-/,
        role: 'printer',
        model: [column(hrDevice, /^Brother (.+?)(?: series)?$/i)],
      },
      {
        line: 'Brother NC',
        objectId: ['2435.2.3.9', '2435'],
        role: 'printer',
        model: [
          column(hrDevice, /^Brother (.+?)(?: series)?$/i),
          scalar('2435.2.3.9.1.1.7.0', deviceIdModel),
          scalar('2435.2.4.3.2435.5.13.3.0', /^Brother (.+?)(?: series)?$/),
        ],
        version: [scalar('2435.2.4.3.1240.6.5.0', /Ver\.?(\S+)/), said(/Firmware Ver\.(\S+)/)],
        serial: [scalar('2435.2.3.9.4.2.1.5.5.1.0'), prtSerial],
      },
    ],
  },
  {
    vendor: 'Canon',
    lines: [
      {
        line: 'Canon',
        objectId: ['1602'],
        role: 'printer',
        model: [scalar('1602.1.1.1.1.0'), said(/^Canon (.+?)(?: \/P|$)/)],
        version: [scalar('1602.1.1.1.4.0')],
        serial: [prtSerial, scalar('1602.1.2.1.8.1.3.1.1')],
      },
    ],
  },
  {
    vendor: 'Epson',
    lines: [
      {
        line: 'Epson',
        isFallback: true,
        sysDescr: /^EPSON\b/i,
        role: 'printer',
        model: [said(/^EPSON ([A-Z]\S*\d\S*)/i)],
      },
      {
        line: 'Epson',
        objectId: ['1248'],
        role: 'printer',
        model: [scalar('1248.1.2.2.1.1.1.2.1'), column(hrDevice, /^(?:EPSON |Epson )?(.+?)(?: Series)?$/)],
        version: [scalar('1248.1.2.2.2.1.1.2.1.4'), scalar('1248.1.2.2.2.1.1.2.1.3')],
        serial: [scalar('1248.1.2.2.1.1.1.5.1'), prtSerial],
      },
    ],
  },
  {
    vendor: 'Xerox',
    lines: [
      {
        line: 'Xerox',
        objectId: ['253'],
        role: 'printer',
        model: [
          said(
            /^(?:Xerox\(?R?\)? )?((?:WorkCentre|Phaser|ColorQube|AltaLink|VersaLink|DocuPrint|DocuColor|Document Centre|Color|Versant|PrimeLink|[BC]\d{3})[^;,]*?)(?: v\d+)?(?: Multifunction\w*| Printer)?(?:;|,|$)/i,
          ),
          column(hrDevice, /^Xerox\S* ([^;,]+)/),
        ],
        version: [
          said(/(?:System Software|System|Net|OS) (?:Version )?([\d.]+\w*)/),
          said(/;(?:\w+ )?([\d.]{5,})/),
        ],
        serial: [scalar('253.8.53.3.2.1.3.1'), prtSerial],
      },
    ],
  },
  {
    vendor: 'Fuji Xerox',
    lines: [
      {
        line: 'Fuji Xerox',
        objectId: ['297'],
        role: 'printer',
        model: [said(/^FUJI XEROX ([^;]+?)(?: v\d| ;|;|$)/i), said(/^(?:FUJIFILM )?([^;]+?);/)],
        version: [said(/(?:Controller|ESS|System)[ +\w]*?(\d+\.\d+[.\d]*)/)],
      },
    ],
  },
  {
    vendor: 'Ricoh',
    lines: [
      {
        line: 'Ricoh family',
        objectId: ['367'],
        role: 'printer',
        model: [scalar('367.3.2.1.1.1.1.0'), ricohModel],
        version: [scalar('367.3.2.1.1.1.2.0'), said(/ (\d+\.\d+(?:\.\d+)?) \//)],
        serial: [scalar('367.3.2.1.2.1.4.0'), prtSerial],
      },
      {
        line: 'NRG',
        vendor: 'NRG',
        objectId: ['367'],
        sysDescr: /^NRG /,
        role: 'printer',
        model: [scalar('367.3.2.1.1.1.1.0'), ricohModel],
        version: [scalar('367.3.2.1.1.1.2.0')],
        serial: [scalar('367.3.2.1.2.1.4.0')],
      },
      {
        line: 'Lanier',
        vendor: 'Lanier',
        objectId: ['367'],
        sysDescr: /^LANIER /i,
        role: 'printer',
        model: [scalar('367.3.2.1.1.1.1.0'), ricohModel],
        version: [scalar('367.3.2.1.1.1.2.0')],
        serial: [scalar('367.3.2.1.2.1.4.0')],
      },
      {
        line: 'Savin',
        vendor: 'Savin',
        objectId: ['367'],
        sysDescr: /^SAVIN /i,
        role: 'printer',
        model: [scalar('367.3.2.1.1.1.1.0'), ricohModel],
        version: [scalar('367.3.2.1.1.1.2.0')],
        serial: [scalar('367.3.2.1.2.1.4.0')],
      },
      {
        line: 'Gestetner',
        vendor: 'Gestetner',
        objectId: ['367'],
        sysDescr: /^Gestetner /i,
        role: 'printer',
        model: [scalar('367.3.2.1.1.1.1.0'), ricohModel],
        version: [scalar('367.3.2.1.1.1.2.0')],
        serial: [scalar('367.3.2.1.2.1.4.0')],
      },
    ],
  },
  {
    vendor: 'Kyocera',
    lines: [
      {
        line: 'Kyocera',
        objectId: ['1347'],
        role: 'printer',
        model: [column('1347.43.5.1.1.1'), column(hrDevice, /^(?:KYOCERA |Kyocera )?(.*\d.*)/)],
        version: [scalar('1347.43.5.4.1.5.1.1'), column('1347.43.5.4.1.5')],
        serial: [column('1347.43.5.1.1.28'), prtSerial],
      },
    ],
  },
  {
    vendor: 'Konica Minolta',
    lines: [
      {
        line: 'bizhub',
        objectId: ['18334', '2590'],
        role: 'printer',
        model: [
          scalar('18334.1.1.1.1.6.2.1.0', /^(?:KONICA MINOLTA )?(.+)/),
          said(/^(?:KONICA MINOLTA |Konica Minolta )(.+)/),
          column(hrDevice, /^KONICA MINOLTA (.+)/),
        ],
        version: [scalar('18334.1.1.1.1.6.1.0')],
        serial: [prtSerial],
      },
      {
        line: 'Develop',
        objectId: ['18334'],
        sysDescr: /^Develop/i,
        role: 'printer',
        vendor: 'Develop',
        model: [said(/^Develop (.+)/i)],
        version: [scalar('18334.1.1.1.1.6.1.0')],
      },
    ],
  },
  {
    vendor: 'Sharp',
    lines: [
      {
        line: 'Sharp',
        objectId: ['2385'],
        role: 'printer',
        model: [said(/^SHARP (.+)/i), column(hrDevice, /^SHARP (.+)/i)],
        version: [column('2385.2.1.1.2.1.2')],
        serial: [prtSerial],
      },
    ],
  },
  {
    vendor: 'Toshiba',
    lines: [
      {
        line: 'e-STUDIO',
        objectId: ['1129'],
        role: 'printer',
        model: [column(hrDevice, /^(?:TOSHIBA )?(.+)/i), said(/TOSHIBA (\S.*?)(?:;|,|$)/i)],
        version: [
          scalar('1129.2.3.50.1.2.4.1.1.1.1.1'),
          scalar('1129.2.3.50.1.2.2.1.1.1.1'),
          said(/(?:SYS|FW|Ver\.?)[ :]*([VT]?\d[\w.]+)/),
        ],
        serial: [prtSerial],
      },
    ],
  },
  {
    vendor: 'OKI',
    lines: [
      {
        line: 'OKI',
        objectId: ['2001'],
        role: 'printer',
        model: [column(hrDevice, /^(?:OKI ?DATA CORP:|OKI[ -])?([^:;]+)/), said(/^OKI (?!OkiLAN)(\S+)/)],
        version: [scalar('2001.1.1.1.1.1.1.10.1.0'), said(/Rev\.? ?([\d.]+)/)],
        serial: [scalar('2001.1.1.1.1.11.1.10.45.0'), prtSerial],
      },
    ],
  },
  {
    vendor: 'Lexmark',
    lines: [
      {
        line: 'Lexmark',
        isFallback: true,
        sysDescr: /^Lexmark /,
        role: 'printer',
        model: [said(/^Lexmark (\S+)/)],
      },
      {
        line: 'Lexmark',
        objectId: ['641'],
        role: 'printer',
        model: [
          said(/^(?:Lexmark )?(?:Lexmark )?((?:Forms Printer |Optra )?\S+)(?: version| \S*\.)/),
          column(hrDevice, /^Lexmark (\S+)/),
          said(/^Lexmark (\S+)/),
        ],
        version: [said(/version (\S+)/), column('641.2.1.2.1.4')],
        serial: [scalar('641.2.1.2.1.6.1'), prtSerial],
      },
    ],
  },
  {
    vendor: 'Samsung',
    lines: [
      {
        line: 'Samsung',
        objectId: ['236.11.5', '236'],
        role: 'printer',
        model: [
          scalar('236.11.5.1.1.1.1.0', /^(?:Samsung )?(?:SAMSUNG )?(.+?)(?: Series)?$/),
          said(/^Samsung (?:Samsung )?([^;]+?)(?: Series)?;/i),
        ],
        version: [scalar('236.11.5.1.1.1.2.0'), said(/;\s*(?:OS |V|FW )?([\w.]*\d\.[\w.]+)/)],
        serial: [scalar('236.11.5.1.1.1.4.0'), prtSerial],
      },
    ],
  },
  {
    vendor: 'Zebra',
    lines: [
      {
        line: 'Zebra',
        objectId: ['10642'],
        role: 'printer',
        model: [scalar('10642.1.1.0', /^(?:ZTC |ZBR )?(.+)/), said(/^(?:Zebra Technologies )?(?:ZTC )?(.+)/)],
        version: [scalar('10642.1.2.0')],
        serial: [scalar('10642.200.19.5.0'), scalar('10642.1.9.0')],
      },
      {
        line: 'Zebra',
        isFallback: true,
        sysDescr: /^Zebra (?:Technologies|Wireless)|^ZTC /,
        role: 'printer',
        model: [scalar('10642.1.1.0'), said(/(?:ZTC )(.+)/)],
        version: [scalar('10642.1.2.0')],
      },
    ],
  },
  {
    vendor: 'InfoPrint',
    lines: [
      {
        line: 'InfoPrint',
        objectId: ['28918'],
        role: 'printer',
        model: [said(/^InfoPrint (\S+)/i)],
        version: [said(/version (\S+)/)],
      },
    ],
  },
  { vendor: 'Panasonic', lines: [{ line: 'Panasonic', objectId: ['258'], role: 'printer' }] },
  { vendor: 'Riso', lines: [{ line: 'Riso', objectId: ['24807'], role: 'printer' }] },
  { vendor: 'Oce', lines: [{ line: 'Océ', objectId: ['1552'], role: 'printer' }] },
  { vendor: 'Pantum', lines: [{ line: 'Pantum', objectId: ['40093'], role: 'printer' }] },
  {
    vendor: 'Intermec',
    lines: [{ line: 'Intermec', objectId: ['1963'], role: 'printer', model: [said(/(P[A-Z]\d+\w*)/)] }],
  },
  { vendor: 'Printronix', lines: [{ line: 'Printronix', objectId: ['10504'], role: 'printer' }] },
  {
    vendor: 'Star Micronics',
    lines: [
      {
        line: 'Star',
        sysDescr: /^Star (?:Micronics|IFBD|TSP|mC-)/i,
        role: 'printer',
        model: [said(/((?:TSP|mC-|SP)\w+)/)],
      },
    ],
  },
  {
    vendor: 'Sato',
    lines: [
      { line: 'Sato', sysDescr: /^SATO\b/i, role: 'printer', model: [said(/SATO (?:CORPORATION )?(\S+)/i)] },
    ],
  },
  {
    vendor: 'TSC',
    lines: [{ line: 'TSC', sysDescr: /^TSC\b/, role: 'printer', model: [said(/^TSC (\S+)/)] }],
  },
  {
    vendor: 'Dymo',
    lines: [{ line: 'Dymo', sysDescr: /^DYMO/i, role: 'printer', model: [said(/(LabelWriter .+)/i)] }],
  },
  {
    vendor: 'Citizen',
    lines: [{ line: 'Citizen', sysDescr: /^Citizen\b/i, role: 'printer', model: [said(/(CT-\S+|CL-\S+)/)] }],
  },
]
