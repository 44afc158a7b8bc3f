import { column, said, scalar, type VendorFamily } from '../rule.ts'

const sonicwall = {
  role: 'firewall',
  model: [scalar('8741.2.1.1.1.0'), said(/^SonicWALL ([^(]+?) \(/i)],
  version: [scalar('8741.2.1.1.3.0', /(\d+\.[\w.-]+)/), said(/\(SonicOS (?:Enhanced |Standard )?([\w.-]+)/)],
  serial: [scalar('8741.2.1.1.2.0')],
} as const

/** Firewalls of their makers' own MIBs, and those on net-snmp or bsnmpd that only sysDescr tells. */
export const firewallFamilies: readonly VendorFamily[] = [
  {
    vendor: 'SonicWall',
    lines: [
      {
        line: 'SonicOS',
        objectId: ['8741'],
        roleBy: [
          [/SonicPoint|SonicWave/, 'access-point'],
          [/SWS\d/, 'switch'],
        ],
        ...sonicwall,
      },
      { line: 'SonicOS', sysDescr: /^SonicWALL /i, ...sonicwall },
    ],
  },
  {
    vendor: 'Palo Alto Networks',
    lines: [
      {
        line: 'PAN-OS',
        objectId: ['25461'],
        role: 'firewall',
        model: [scalar('25461.2.1.2.2.1.0')],
        version: [scalar('25461.2.1.2.1.1.0')],
        serial: [scalar('25461.2.1.2.1.3.0')],
      },
    ],
  },
  {
    vendor: 'Check Point',
    lines: [
      {
        line: 'Gaia',
        objectId: ['2620'],
        role: 'firewall',
        model: [scalar('2620.1.6.16.7.0')],
        version: [scalar('2620.1.6.4.1.0'), scalar('2620.1.6.1.0')],
        serial: [scalar('2620.1.6.16.3.0')],
      },
      {
        line: 'Gaia',
        has: ['2620.1.6', '2620.1.1'],
        role: 'firewall',
        model: [scalar('2620.1.6.16.7.0')],
        version: [scalar('2620.1.6.4.1.0')],
        serial: [scalar('2620.1.6.16.3.0')],
      },
    ],
  },
  {
    vendor: 'Sophos',
    lines: [
      {
        line: 'Sophos Firewall',
        objectId: ['2604.5', '2604'],
        role: 'firewall',
        roleBy: [
          [/Access Point|\bAPX|\bAP6/, 'access-point'],
          [/\bCS\d{3}/, 'switch'],
        ],
        model: [scalar('2604.5.1.1.2.0')],
        version: [scalar('2604.5.1.1.3.0')],
        serial: [scalar('2604.5.1.1.4.0')],
      },
      {
        line: 'Sophos Firewall',
        has: ['2604.5.1'],
        role: 'firewall',
        model: [scalar('2604.5.1.1.2.0')],
        version: [scalar('2604.5.1.1.3.0')],
      },
      {
        line: 'Cyberoam',
        vendor: 'Cyberoam',
        objectId: ['21067'],
        role: 'firewall',
        model: [scalar('21067.2.1.2.2.0'), scalar('21067.2.1.1.2.0')],
        version: [scalar('21067.2.1.2.3.0'), scalar('21067.2.1.1.3.0')],
        serial: [scalar('21067.2.1.2.1.0')],
      },
      {
        line: 'UTM',
        sysDescr: /^Linux \S+ \d\S+-\d+\.g\w+(?:\.rb\d+)?-smp(?:64)? /,
        role: 'firewall',
        ownWordsOnly: true,
      },
      {
        line: 'Astaro',
        vendor: 'Astaro',
        objectId: ['9789'],
        role: 'firewall',
        version: [scalar('9789.1500.1.1.0')],
      },
    ],
  },
  {
    vendor: 'WatchGuard',
    lines: [
      {
        line: 'Fireware',
        objectId: ['3097'],
        role: 'firewall',
        roleBy: [[/^AP\d/, 'access-point']],
        model: [said(/^(?:WatchGuard )?((?:Firebox )?[\w-]+)/)],
        version: [scalar('3097.6.3.1.0')],
        serial: [scalar('3097.6.3.2.0')],
      },
    ],
  },
  {
    vendor: 'pfSense',
    lines: [
      {
        line: 'pfSense',
        sysDescr: /pfSense/,
        role: 'firewall',
        model: [said(/ (amd64|i386|arm\w*|aarch64)\s*$/)],
        version: [said(/^pfSense \S+ (\d[\w.-]+)/)],
        ownWordsOnly: true,
      },
      {
        line: 'pfSense',
        has: ['12325.1.200'],
        role: 'firewall',
        sysDescr: /FreeBSD .*pfSense/,
        ownWordsOnly: true,
      },
    ],
  },
  {
    vendor: 'OPNsense',
    lines: [
      {
        line: 'OPNsense',
        sysDescr: /OPNsense/,
        role: 'firewall',
        model: [said(/ (amd64|i386|arm\w*|aarch64)\s*$/)],
        version: [said(/OPNsense (?:\S+ )?(\d\d\.\d[\w.-]*)/)],
        ownWordsOnly: true,
      },
    ],
  },
  {
    vendor: 'VyOS',
    lines: [
      {
        line: 'VyOS',
        objectId: ['44641', '30803'],
        role: 'router',
        sysDescr: /VyOS/i,
        version: [said(/VyOS (?:version )?(\S+)/i)],
        ownWordsOnly: true,
      },
      {
        line: 'VyOS',
        sysDescr: /VyOS/i,
        role: 'router',
        version: [said(/VyOS (?:version )?(\S+)/i)],
        ownWordsOnly: true,
      },
      { line: 'VyOS', objectId: ['44641'], role: 'router', version: [said(/(\d+\.\d+\S*)/)] },
      {
        line: 'Vyatta',
        vendor: 'Vyatta',
        objectId: ['30803'],
        role: 'router',
        version: [said(/(?:Vyatta |VC|version )(\d\S+)/i)],
      },
    ],
  },
  {
    vendor: 'Barracuda',
    lines: [
      {
        line: 'Barracuda',
        sysDescr: /^Barracuda /,
        role: 'firewall',
        version: [said(/(?:Firmware|Version)[ v:]*(\d\S+)/i)],
        model: [said(/Barracuda .*?Model:? ?(\S+)/)],
      },
      { line: 'Barracuda', objectId: ['20632', '10704'], role: 'firewall' },
      {
        line: 'CloudGen Firewall',
        has: ['10704.1'],
        role: 'firewall',
        model: [scalar('10704.1.12.0')],
        version: [scalar('10704.1.9.0')],
        serial: [scalar('10704.1.10.0')],
      },
    ],
  },
  {
    vendor: 'Stormshield',
    lines: [
      {
        line: 'SNS',
        objectId: ['11256', '8072.3.2.8'],
        has: ['11256.1'],
        role: 'firewall',
        model: [scalar('11256.1.0.1.0')],
        version: [scalar('11256.1.0.2.0')],
        serial: [scalar('11256.1.0.3.0')],
      },
    ],
  },
  {
    vendor: 'Clavister',
    lines: [
      {
        line: 'cOS',
        objectId: ['5089'],
        role: 'firewall',
        version: [said(/(?:Version|cOS Core) ?([\d.]+)/)],
      },
    ],
  },
  {
    vendor: 'Hillstone',
    lines: [
      {
        line: 'StoneOS',
        objectId: ['28557'],
        role: 'firewall',
        model: [said(/(SG-\S+)/)],
        serial: [scalar('28557.2.2.1.1.0')],
        version: [scalar('28557.2.2.1.2.0')],
      },
    ],
  },
  { vendor: 'Smoothwall', lines: [{ line: 'Smoothwall', sysDescr: /smoothwall/i, role: 'firewall' }] },
  { vendor: 'Gateprotect', lines: [{ line: 'gateprotect', objectId: ['29577'], role: 'firewall' }] },
  {
    vendor: 'IPFire',
    lines: [
      { line: 'IPFire', sysDescr: /ipfire/i, role: 'firewall', version: [said(/IPFire ([\w. -]+?) /)] },
    ],
  },
  {
    vendor: 'Blue Coat',
    lines: [
      {
        line: 'ProxySG',
        objectId: ['3417'],
        role: 'firewall',
        model: [said(/Blue Coat (\S+(?: Series)?)/), said(/(SG\S+)/)],
        version: [said(/(?:SGOS|Version:?) (?:SGOS )?(\d\S+)/)],
        serial: [scalar('3417.2.11.1.4.0')],
      },
    ],
  },
  {
    vendor: 'F5',
    lines: [
      {
        line: 'BIG-IP',
        objectId: ['3375'],
        role: 'firewall',
        model: [scalar('3375.2.1.3.5.2.0')],
        version: [scalar('3375.2.1.4.2.0')],
        serial: [scalar('3375.2.1.3.3.3.0')],
      },
    ],
  },
  {
    vendor: 'Radware',
    lines: [
      {
        line: 'DefensePro and LinkProof',
        objectId: ['89'],
        sysDescr: /DefensePro|LinkProof|AppDirector|AppXcel|Alteon/,
        role: 'firewall',
        model: [said(/^(?:Radware )?(\S+)/)],
      },
    ],
  },
  {
    vendor: 'Arbor',
    lines: [
      {
        line: 'Peakflow and Pravail',
        objectId: ['9694'],
        role: 'firewall',
        model: [said(/System Board Model: (.+?)(?: Serial|$)/)],
        version: [said(/(?:SP|TMS|Pravail|APS|AED)\D* (\d+\.[\d.]+)/)],
      },
    ],
  },
  {
    vendor: 'Infoblox',
    lines: [
      {
        line: 'NIOS',
        objectId: ['7779'],
        role: 'firewall',
        model: [scalar('7779.3.1.1.2.1.4.0')],
        version: [scalar('7779.3.1.1.2.1.7.0')],
        serial: [scalar('7779.3.1.1.2.1.6.0')],
      },
    ],
  },
  { vendor: 'McAfee', lines: [{ line: 'McAfee', objectId: ['1230'], role: 'firewall' }] },
  {
    vendor: 'Forcepoint',
    lines: [
      {
        line: 'Stonesoft',
        vendor: 'Stonesoft',
        objectId: ['1369'],
        sysDescr: /stonesoft/i,
        role: 'firewall',
        model: [column('1369.5.2.1.16'), said(/Appliance ([\w-]+)/)],
        version: [scalar('1369.5.2.1.15.0'), said(/(\d+\.\d+\.\d+[\w.]*)/)],
      },
      {
        line: 'NGFW',
        objectId: ['1369'],
        role: 'firewall',
        model: [column('1369.5.2.1.16')],
        version: [scalar('1369.5.2.1.15.0')],
      },
    ],
  },
]
