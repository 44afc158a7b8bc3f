import { joined, said, scalar, type VendorFamily } from '../rule.ts'

/** Storage, servers and workstations. A plain net-snmp host names no maker: its role is all that is told. */
export const hostFamilies: readonly VendorFamily[] = [
  {
    vendor: 'Synology',
    lines: [
      {
        line: 'DSM',
        has: ['6574.1'],
        role: 'storage',
        model: [scalar('6574.1.5.1.0')],
        version: [scalar('6574.1.5.3.0', /(?:DSM )?(.+)/)],
        serial: [scalar('6574.1.5.2.0')],
      },
    ],
  },
  {
    vendor: 'QNAP',
    lines: [
      {
        line: 'QTS',
        objectId: ['24681', '55062'],
        role: 'storage',
        model: [scalar('24681.1.2.12.0')],
        version: [scalar('24681.1.2.14.0')],
      },
      {
        line: 'QTS',
        has: ['24681.1', '55062.1'],
        role: 'storage',
        model: [scalar('24681.1.2.12.0'), scalar('55062.1.12.3.0')],
      },
    ],
  },
  {
    vendor: 'NetApp',
    lines: [{ line: 'ONTAP', objectId: ['789'], role: 'storage', version: [said(/Release (\S+?):/)] }],
  },
  {
    vendor: 'TrueNAS',
    lines: [
      {
        line: 'TrueNAS',
        sysDescr: /TrueNAS|FreeNAS/i,
        role: 'storage',
        version: [said(/(?:True|Free)NAS-(\S+)/)],
      },
    ],
  },
  {
    vendor: 'Microsoft',
    lines: [
      {
        line: 'Windows',
        objectId: ['311.1.1.3.1.1'],
        role: 'workstation',
        version: [said(/Windows (?:Version|2000 Version|NT Version) (\d[\d.]*)/)],
        ownWordsOnly: true,
      },
      {
        line: 'Windows Server',
        objectId: ['311.1.1.3.1.2', '311.1.1.3.1.3'],
        role: 'server',
        version: [said(/Windows (?:Version|2000 Version|NT Version) (\d[\d.]*)/)],
        ownWordsOnly: true,
      },
    ],
  },
  {
    vendor: 'VMware',
    lines: [
      {
        line: 'ESXi',
        objectId: ['6876.4'],
        role: 'server',
        model: [said(/(ESXi?)/)],
        version: [scalar('6876.1.2.0'), said(/ESXi? ([\d.]+)/)],
        ownWordsOnly: true,
      },
      { line: 'vCenter', objectId: ['6876'], role: 'server', version: [said(/([\d.]{5,})/)] },
    ],
  },
  {
    vendor: 'Proxmox',
    lines: [
      {
        line: 'Proxmox VE',
        sysDescr: /-pve /,
        role: 'server',
        version: [said(/ (\S+-pve)/)],
        ownWordsOnly: true,
      },
    ],
  },
  {
    vendor: 'Supermicro',
    lines: [{ line: 'IPMI', objectId: ['10876'], role: 'server', model: [joined('10876.2.1.1.1.1.2.1')] }],
  },
  {
    vendor: undefined,
    lines: [
      {
        line: 'net-snmp on Linux',
        objectId: ['8072.3.2.10', '2021.250.10'],
        role: 'server',
        ownWordsOnly: true,
      },
    ],
  },
  {
    vendor: undefined,
    lines: [
      {
        line: 'FreeBSD',
        objectId: ['8072.3.2.8', '12325.1.1.2.1.1'],
        role: 'server',
        version: [said(/FreeBSD (?:\S+ )?(\d+\.\d+-\w+(?:-p\d+)?)/)],
        ownWordsOnly: true,
      },
    ],
  },
  {
    vendor: 'Apple',
    lines: [
      {
        line: 'macOS',
        objectId: ['8072.3.2.255', '8072.3.2.16'],
        sysDescr: /^Darwin/,
        role: 'workstation',
        ownWordsOnly: true,
      },
      {
        line: 'AirPort',
        sysDescr: /AirPort|Base Station V/,
        role: 'access-point',
        version: [said(/V([\d.]+)/)],
      },
    ],
  },
]
