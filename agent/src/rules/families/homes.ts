import { said, scalar, type VendorFamily } from '../rule.ts'

/** Home routers, cable modems, telephones and cameras. */
export const homeFamilies: readonly VendorFamily[] = [
  {
    vendor: 'Linksys',
    lines: [
      {
        line: 'Linksys',
        objectId: ['3955'],
        role: 'switch',
        roleBy: [
          [/\b(?:WRT|RV|BEF|WRV|EA)/, 'router'],
          [/\b(?:WAP|LAPAC|LAPN)/, 'access-point'],
        ],
        model: [said(/\b((?:SR|SL|LGS|WRT|RV|WAP|LAP|SPS|PAP|BEF)\w*\d\w*)/)],
      },
    ],
  },
  {
    vendor: 'AVM',
    lines: [
      { line: 'FRITZ!', objectId: ['872'], role: 'router', model: [said(/(FRITZ!\S+(?: \w*\d\w*)?)/)] },
    ],
  },
  {
    vendor: 'Arris',
    lines: [
      {
        line: 'cable modem',
        objectId: ['4115', '4998', '1166'],
        role: 'modem',
        model: [said(/MODEL: ([^;>]+)/)],
        version: [said(/SW_REV: ([^;>]+)/)],
      },
    ],
  },
  {
    vendor: 'Technicolor',
    lines: [
      {
        line: 'modem',
        objectId: ['2863'],
        role: 'modem',
        model: [said(/MODEL: ([^;>]+)/)],
        version: [said(/SW_REV: ([^;>]+)/)],
      },
    ],
  },
  { vendor: 'Comtrend', lines: [{ line: 'modem', objectId: ['3136'], role: 'modem' }] },
  {
    vendor: 'OpenWrt',
    lines: [
      {
        line: 'OpenWrt',
        sysDescr: /OpenWrt|LEDE/,
        role: 'router',
        version: [said(/(?:OpenWrt|LEDE) (\d\d\.\d[\w.-]*)/)],
        ownWordsOnly: true,
      },
    ],
  },
  {
    vendor: 'DD-WRT',
    lines: [
      {
        line: 'DD-WRT',
        sysDescr: /\bDD-WRT\b/i,
        role: 'router',
        version: [said(/DD-WRT v?(\d[\w.-]*)/i)],
        ownWordsOnly: true,
      },
    ],
  },
  {
    vendor: 'ASUS',
    lines: [
      {
        line: 'Asuswrt',
        sysDescr: /^Linux (?:RT|GT|TUF|DSL|BRT|ZenWiFi)[-_]A\w+|^Asuswrt/i,
        role: 'router',
        model: [said(/^Linux ([A-Za-z]+[-_]A\w+)/)],
        version: [said(/^Asuswrt-Merlin[ /](\d[\w.]+)/i)],
        ownWordsOnly: true,
      },
    ],
  },
  {
    vendor: 'Yealink',
    lines: [
      {
        line: 'telephone',
        objectId: ['37459'],
        role: 'phone',
        model: [said(/((?:SIP-)?(?:T|W|CP|VP)\d\d\w*)/)],
      },
    ],
  },
  {
    vendor: 'Polycom',
    lines: [
      {
        line: 'telephone',
        objectId: ['13885'],
        role: 'phone',
        model: [said(/((?:SoundPoint IP |VVX |SoundStation )\S+)/)],
        version: [said(/(\d+\.\d+\.\d+[.\d]*)/)],
      },
    ],
  },
  {
    vendor: 'Snom',
    lines: [{ line: 'telephone', objectId: ['7526'], role: 'phone', model: [said(/(?:snom|Snom) ?(\w+)/)] }],
  },
  { vendor: 'Mitel', lines: [{ line: 'telephone', objectId: ['1027'], role: 'phone' }] },
  {
    vendor: 'AudioCodes',
    lines: [
      {
        line: 'Mediant',
        objectId: ['5003'],
        role: 'modem',
        model: [said(/(?:Product:|^) ?([^;,]+)/)],
        version: [said(/(?:SW Version:|SoftwareVersion) ?([\w.]+)/)],
      },
    ],
  },
  {
    vendor: 'Axis',
    lines: [
      {
        line: 'camera',
        objectId: ['368'],
        role: 'camera',
        roleBy: [[/Print|OfficeBasic/, 'printer']],
        model: [said(/AXIS (\S+(?: Mk \w+)?)/i)],
        version: [said(/; (\d+\.\d+[.\d]*)/)],
      },
    ],
  },
  {
    vendor: 'Hikvision',
    lines: [
      {
        line: 'camera',
        objectId: ['39165', '50001'],
        role: 'camera',
        model: [scalar('39165.1.1.0')],
        version: [scalar('39165.1.3.0')],
      },
    ],
  },
]
