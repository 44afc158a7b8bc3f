import { fastpath, said, scalar, type VendorFamily } from '../rule.ts'

/** Dell-Vendor-MIB: productIdentification 674.10895.3000.1.2.100. */
const dellProduct = '674.10895.3000.1.2.100'

export const dellFamilies: readonly VendorFamily[] = [
  {
    vendor: 'Dell',
    lines: [
      {
        line: 'PowerConnect and Networking N',
        objectId: ['674.10895', '674.10895.3000'],
        role: 'switch',
        ...fastpath('674.10895.5000.2.6132.1.1.1.1.1'),
        model: [
          said(/^((?:Dell(?: EMC)? )?(?:PowerConnect|Networking|Embedded)[^,]*?)(?:,|$)/i),
          scalar(`${dellProduct}.1.0`),
          said(/^(\d+G) Ethernet Switch/),
          said(/^(?:Dell )?(\d{4}[A-Z]*|[NXMP]\w*\d{4}\w*)/),
        ],
        version: [said(/^[^,]+, v?(\d[\d.]+\w*)/), scalar(`${dellProduct}.4.0`)],
        serial: [scalar(`${dellProduct}.8.1.4.1`), scalar(`${dellProduct}.8.1.2.1`)],
      },
      {
        line: 'Force10 and OS9',
        objectId: ['6027'],
        role: 'switch',
        model: [said(/Series: *(\S+)/), said(/System Type: *(\S+)/)],
        version: [said(/Application Software Version: *(\S+)/), said(/Version: *(\d\S+)/)],
      },
      {
        line: 'OS10',
        objectId: ['674.11000.5000.100'],
        role: 'switch',
        model: [said(/System Type: *(\S+)/)],
        version: [said(/OS Version: *(\S+)/)],
      },
      { line: 'UPS', objectId: ['674.10902'], role: 'ups' },
      { line: 'rack PDU', objectId: ['674.10903'], role: 'pdu' },
      {
        line: 'iDRAC',
        objectId: ['674.10892'],
        role: 'server',
        model: [scalar('674.10892.5.1.3.12.0'), scalar('674.10892.2.1.1.2.0')],
        version: [scalar('674.10892.5.1.1.8.0'), scalar('674.10892.2.1.1.5.0')],
        serial: [scalar('674.10892.5.1.3.2.0'), scalar('674.10892.2.1.1.11.0')],
      },
      {
        line: 'laser printer',
        objectId: ['674.10898'],
        role: 'printer',
        model: [said(/^Dell (.+?)(?:;|,| MFP\b|$)/)],
        version: [said(/(?:Engine|System Software|Firmware)(?: Version)?:? ?(\d\S+)/)],
      },
      {
        line: 'laser printer',
        isFallback: true,
        sysDescr: /^Dell .*(?:Laser|Printer|MFP|dn|cdn)\b/i,
        role: 'printer',
        model: [said(/^Dell ([^;,]+)/)],
      },
    ],
  },
]
