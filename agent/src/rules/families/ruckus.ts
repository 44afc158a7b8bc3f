import { column, said, scalar, type VendorFamily } from '../rule.ts'

const ironware = {
  version: [said(/(?:IronWare|Ver(?:sion)?) (?:Version )?V?(\d[\w.]+)/), scalar('1991.1.1.2.1.11.0')],
  serial: [scalar('1991.1.1.1.1.2.0')],
}

/** RUCKUS-ZD-SYSTEM-MIB (1.2), -SZ- (1.4, 1.8), -HWINFO and -SWINFO of the access points (1.1.2, 1.1.3), Unleashed (1.15); FOUNDRY-SN-AGENT. */
export const ruckusFamilies: readonly VendorFamily[] = [
  {
    vendor: 'Ruckus',
    lines: [
      {
        line: 'ZoneDirector',
        objectId: ['25053.3.1.5'],
        role: 'access-point',
        model: [scalar('25053.1.2.1.1.1.1.9.0'), said(/Wireless (ZD\S+)/)],
        version: [scalar('25053.1.2.1.1.1.1.18.0')],
        serial: [scalar('25053.1.2.1.1.1.1.15.0')],
      },
      {
        line: 'SmartZone',
        objectId: ['25053.3.1.11', '25053.3.1.10', '25053.3.1.13'],
        role: 'access-point',
        model: [column('25053.1.8.1.1.1.1.1.1.3'), column('25053.1.4.1.1.1.15.1')],
        version: [column('25053.1.8.1.1.1.1.1.1.9'), column('25053.1.4.1.1.1.15.2')],
        serial: [scalar('25053.1.4.1.1.1.15.13.0')],
      },
      {
        line: 'Unleashed',
        has: ['25053.1.15'],
        role: 'access-point',
        model: [scalar('25053.1.15.1.1.1.1.9.0'), scalar('25053.1.1.2.1.1.1.1.0')],
        version: [scalar('25053.1.15.1.1.1.1.18.0')],
        serial: [scalar('25053.1.15.1.1.1.1.15.0')],
      },
      {
        line: 'access point',
        objectId: ['25053.3.1.4', '25053.3.1', '25053'],
        role: 'access-point',
        model: [
          scalar('25053.1.1.2.1.1.1.1.0'),
          said(/(?:Ruckus Wireless|RUCKUS)[, ](?:Inc )?(?:AP )?(\S*\d\S*)/),
        ],
        version: [scalar('25053.1.1.3.1.1.1.1.1.3.1'), column('25053.1.1.3.1.1.1.1.1.3')],
        serial: [scalar('25053.1.1.2.1.1.1.2.0')],
      },
      {
        line: 'ICX',
        objectId: ['1991'],
        sysDescr: /Ruckus/,
        role: 'switch',
        model: [said(/Inc\. (?:Stacking System )?(ICX\S+?),/), said(/(ICX[\w-]+)/)],
        ...ironware,
      },
    ],
  },
  {
    vendor: 'Brocade',
    lines: [
      {
        line: 'IronWare',
        objectId: ['1991'],
        role: 'switch',
        roleBy: [[/\b(?:MLX|XMR|CER|NetIron)/i, 'router']],
        model: [said(/Inc\. (?:Stacking System )?([^,]+?),/), said(/(ICX[\w-]+|FastIron[^,]+)/)],
        ...ironware,
      },
      {
        line: 'Fabric OS',
        objectId: ['1588.2.1'],
        role: 'switch',
        version: [scalar('1588.2.1.1.1.1.6.0')],
        serial: [scalar('1588.2.1.1.1.1.10.0')],
      },
      {
        line: 'NOS and SLX',
        objectId: ['1588.3'],
        role: 'switch',
        model: [said(/^(?:Brocade )?(\S+)/)],
        version: [said(/(?:Version|Firmware) ?:? ?v?(\d\S+)/i)],
      },
      {
        line: 'Vyatta',
        objectId: ['30803'],
        sysDescr: /vRouter|Brocade/,
        role: 'router',
        model: [said(/(vRouter \d+|VC\w*|Vyatta)/)],
        version: [said(/(\d+\.\d+\S*)/)],
      },
    ],
  },
]
