import { column, said, scalar, type Source, type VendorFamily } from '../rule.ts'

const hrDevice = '1.3.6.1.2.1.25.3.2.1.3'
/** Works of Lexmark, Xerox, Samsung, Fuji Xerox, Ricoh, Konica Minolta and Kyocera, which others sell under their own name. */
const works = ['641', '253', '236', '297', '367', '18334', '1347', '2435']
const laterVersion = said(/(?:version|Firmware|; ?(?:OS|V))[ :]*V?(\d[\w.]+)/i)
const worksVersions: readonly Source[] = [
  laterVersion,
  scalar('236.11.5.1.1.1.2.0'),
  scalar('1347.43.5.4.1.5.1.1'),
  scalar('18334.1.1.1.1.6.1.0'),
]

/** Printers whose sysObjectID is their works' and whose sysDescr names the firm that sells them. */
export const rebadgedPrinterFamilies: readonly VendorFamily[] = [
  {
    vendor: 'Dell',
    lines: [
      {
        line: 'rebadged printer',
        objectId: works,
        sysDescr: /^Dell /i,
        role: 'printer',
        model: [said(/^Dell (.+?)(?:;|,| version\b| v\d|$)/i)],
        version: worksVersions,
      },
    ],
  },
  {
    vendor: 'HP',
    lines: [
      {
        line: 'rebadged printer',
        objectId: works,
        sysDescr: /^HP /,
        role: 'printer',
        model: [scalar('236.11.5.1.1.1.1.0', /^(?:HP )?(.+)/), said(/^HP ([^;,]+)/)],
        version: worksVersions,
      },
    ],
  },
  {
    vendor: 'Xerox',
    lines: [
      {
        line: 'rebadged printer',
        objectId: ['641', '236', '297', '18334', '2435'],
        sysDescr: /^Xerox /i,
        role: 'printer',
        model: [said(/^Xerox ([^;,]+?)(?:;|,| version\b| v\d|$)/i)],
        version: worksVersions,
      },
    ],
  },
  {
    vendor: 'IBM',
    lines: [
      {
        line: 'Infoprint',
        objectId: works,
        sysDescr: /^IBM /,
        role: 'printer',
        model: [said(/^IBM (.+?)(?:;|,| version\b|$)/)],
        version: worksVersions,
      },
    ],
  },
  {
    vendor: 'Olivetti',
    lines: [
      {
        line: 'd-Copia and d-Color',
        objectId: [...works, '279'],
        sysDescr: /^Olivetti/i,
        role: 'printer',
        model: [said(/^Olivetti (.+?)(?:;|,|$)/i), column('1347.43.5.1.1.1'), column(hrDevice)],
        version: worksVersions,
      },
    ],
  },
  {
    vendor: 'Utax',
    lines: [
      {
        line: 'Utax and TA',
        objectId: works,
        sysDescr: /^UTAX|^TA /i,
        role: 'printer',
        model: [column('1347.43.5.1.1.1'), column(hrDevice)],
        version: worksVersions,
      },
    ],
  },
  {
    vendor: 'Triumph-Adler',
    lines: [
      {
        line: 'Triumph-Adler',
        objectId: works,
        sysDescr: /^TRIUMPH/i,
        role: 'printer',
        model: [column('1347.43.5.1.1.1'), column(hrDevice)],
        version: worksVersions,
      },
    ],
  },
]
