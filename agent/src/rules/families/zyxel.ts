import { column, said, scalar, type VendorFamily } from '../rule.ts'

/** ZYXEL-ES (890.1.5.8), ZLD (890.1.15.3.1: version 6, model 11, serial 12) and sysDescr, which is the model. */
export const zyxelFamilies: readonly VendorFamily[] = [
  {
    vendor: 'Zyxel',
    lines: [
      {
        line: 'ZyNOS switch',
        objectId: ['890.1.5'],
        role: 'switch',
        roleBy: [
          [/\bIES|\bVES|OLT|DSLAM/, 'modem'],
          [/^P-|\bPrestige|\bVMG|\bAMG|\bSBG|\bP-\d/, 'modem'],
          [/\bNWA|\bWAC|\bWAX/, 'access-point'],
          [/ZyWALL|USG/, 'firewall'],
        ],
        model: [said(/^(?:ZyXEL )?([A-Z]+-?\d[\w-]*)/i), said(/^(\S+)/)],
        version: [
          column('890.1.15.3.80.1.7'),
          scalar('890.1.15.3.1.6.0', /(V?\d\S+)/),
          column('1.3.6.1.2.1.47.1.1.1.1.10'),
        ],
        serial: [scalar('890.1.15.3.82.2.10.0'), scalar('890.1.15.3.1.12.0')],
      },
      {
        line: 'ZLD firewall',
        objectId: ['890.1.15', '890.1.6'],
        role: 'firewall',
        roleBy: [
          [/^(?:GS|XGS|XS|ES|MGS|XMG)\d/, 'switch'],
          [/^(?:NWA|WAC|WAX|NXC|NAP)/, 'access-point'],
          [/^(?:VMG|AMG|NR|LTE|SBG)/, 'router'],
        ],
        model: [scalar('890.1.15.3.1.11.0'), said(/^(?:ZyXEL )?(\S*\d.*?)(?: V?\d+\.\d+\(|$)/i)],
        version: [scalar('890.1.15.3.1.6.0'), said(/(V?\d+\.\d+\(\w+\.\d+\))/)],
        serial: [scalar('890.1.15.3.1.12.0')],
      },
      {
        line: 'NWA access point',
        objectId: ['890.1.9'],
        role: 'access-point',
        model: [scalar('890.1.15.3.1.11.0'), said(/((?:NWA|WAC|WAX|NXC)[\w-]*\d[\w-]*(?: ?v\d)?)/)],
        version: [scalar('890.1.15.3.1.6.0')],
        serial: [scalar('890.1.15.3.1.12.0')],
      },
      {
        line: 'Prestige and VMG',
        objectId: ['890.1.2', '890.1.1', '890.1.3'],
        role: 'modem',
        model: [said(/^(?:ZyXEL )?(\S+)/i)],
      },
      {
        line: 'Zyxel',
        isFallback: true,
        sysDescr: /^Zy(?:XEL|WALL)/i,
        role: 'firewall',
        roleBy: [
          [/NWA|WAC|WAX/, 'access-point'],
          [/\bG?X?[EGX]S\d/, 'switch'],
        ],
        model: [said(/^ZyXEL (\S+)/i), said(/^(ZyWALL \S+)/i)],
      },
    ],
  },
]
