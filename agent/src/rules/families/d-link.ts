import { column, said, scalar, type VendorFamily } from '../rule.ts'

/** RMON probe configuration (RFC 2021): software and hardware revision, told by D-Link's managed switches. */
const probeSoftware = '1.3.6.1.2.1.16.19.2.0'
const ifDescr = '1.3.6.1.2.1.2.2.1.2'

export const dlinkFamilies: readonly VendorFamily[] = [
  {
    vendor: 'D-Link',
    lines: [
      {
        line: 'managed switch',
        objectId: ['171'],
        role: 'switch',
        roleBy: [
          [/\b(?:DAP|DWL|DWS)-/, 'access-point'],
          [/\b(?:DSR|DIR|DWR|DVG|DI)-/, 'router'],
          [/\bDFL-/, 'firewall'],
          [/\b(?:DSL|DPN|DAS)-/, 'modem'],
        ],
        model: [said(/((?:WS6-)?D(?:ES|GS|XS|AP|WL|WS|SR|IR|WR|FL|SL|AS|I|VG|MC|HS|QS)-[\w/-]*[\w])/)],
        version: [
          scalar(probeSoftware),
          column(ifDescr, / R(\d\.\d+[\w.]*) /),
          column(ifDescr, /firmware (\d[\w.]+)/),
          said(/ V?(\d+\.\d+\.\w+)/),
        ],
        serial: [column('171.12.11.1.9.4.1.17')],
      },
      {
        line: 'D-Link',
        isFallback: true,
        sysDescr: /^(?:D-?Link|D[EGX]S-\d)/i,
        role: 'switch',
        roleBy: [
          [/\b(?:DAP|DWL|DWS)-/, 'access-point'],
          [/\b(?:DSR|DIR)-/, 'router'],
          [/\bDFL-/, 'firewall'],
        ],
        model: [said(/(D\w{1,2}-[\w/-]+)/)],
        version: [scalar(probeSoftware)],
      },
    ],
  },
]
