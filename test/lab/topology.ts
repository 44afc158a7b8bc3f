import { conflictNode } from './effects.ts'

/** How a node gets its address: asks by DHCP, or was told. */
export type Addressing =
  | {
      readonly kind: 'dhcp'
      readonly interface: string
      readonly vendorClass: string
      readonly address?: string
    }
  | { readonly kind: 'static'; readonly interface: string; readonly address: string }

/** One machine of the virtual Location, or of the world behind it: a network namespace. */
export interface LabNode {
  readonly name: string
  /** A device role of the contract, or `appliance`, `provider`, `internet`. */
  readonly role: string
  /** MAC of the interface in `addressing`; vendor prefixes from the IEEE registry. */
  readonly mac: string
  readonly addressing: Addressing
  readonly isForwarding: boolean
  readonly ignoresPing?: true
  /** Bridge with these ports, made once. */
  readonly bridge?: { readonly name: string; readonly ports: readonly string[] }
  /** Lines for `ip -batch`, run once when the node is made. */
  readonly setup: readonly string[]
  /** Lines for `ip -batch`, run at every boot; each may be repeated. */
  readonly boot: readonly string[]
}

export interface CableEnd {
  readonly node: string
  readonly interface: string
  readonly mac: string
}

/**
 * A cable is a veth pair. It has carrier when both ends are up. A pulled cable is the far end taken down, so that the
 * near end sees what a real one sees: still set up, but no carrier.
 */
export interface Cable {
  /** The node at the customer's end; one cable per name. */
  readonly name: string
  readonly near: CableEnd
  readonly far: CableEnd
}

export interface Topology {
  readonly nodes: readonly LabNode[]
  readonly cables: readonly Cable[]
}

/** Addresses of the world; documentation ranges (RFC 5737) and one private /24, seen only inside the lab. */
export const addresses = {
  lan: '192.168.77.0/24',
  router: '192.168.77.1',
  appliance: '192.168.77.2',
  routerWan: '203.0.113.2',
  provider: '203.0.113.1',
  targets: ['198.51.100.10', '198.51.100.11'],
  processor: '198.51.100.20',
  cloud: '198.51.100.30',
  dns: '198.51.100.53',
  backup: '192.0.2.1',
  applianceBackup: '192.0.2.2',
} as const

/** Names that the provider's DNS knows. */
export const names = {
  processor: 'processor.example.net',
  cloud: 'cloud.example.net',
  targets: ['target-1.example.net', 'target-2.example.net'],
} as const

/** Routing tables of the appliance: what is sent from this uplink's address leaves by this uplink or not at all. */
export const uplinkTables = { router: 100, backup: 200 } as const

interface DeviceSpec {
  readonly name: string
  readonly role: string
  readonly mac: string
  readonly address?: string
  readonly vendorClass?: string
  readonly ignoresPing?: true
}

const deviceSpecs: readonly DeviceSpec[] = [
  { name: 'pos-1', role: 'pos-terminal', mac: '00:0b:4f:11:52:01', address: '192.168.77.21' },
  {
    name: 'pos-2',
    role: 'pos-terminal',
    mac: '00:0b:4f:11:52:02',
    address: '192.168.77.22',
    ignoresPing: true,
  },
  { name: 'pos-3', role: 'pos-terminal', mac: '00:17:6f:a9:20:03', address: '192.168.77.23' },
  { name: 'printer-1', role: 'printer', mac: '00:26:ab:7e:88:01', address: '192.168.77.41' },
  {
    name: 'office-1',
    role: 'workstation',
    mac: '14:18:77:c3:40:11',
    address: '192.168.77.51',
    vendorClass: 'MSFT 5.0',
  },
]

/** The Location as it stands before any fault. */
export function createTopology(options: { hasBackupUplink: boolean }): Topology {
  const { hasBackupUplink } = options
  const nodes = [
    router,
    createSwitch(),
    ...deviceSpecs.map(deviceNode),
    createAppliance(hasBackupUplink),
    provider,
  ]
  const cables = [
    cable('router', ['router', 'wan0', '18:fd:74:5a:10:00'], ['provider', 'cust0', '02:00:5e:10:00:01']),
    cable('appliance', ['appliance', 'eth0', 'dc:a6:32:0f:41:02'], ['router', 'lan1', '18:fd:74:5a:10:02']),
    cable('switch', ['switch', 'port1', '00:31:92:4d:20:02'], ['router', 'lan2', '18:fd:74:5a:10:03']),
    ...deviceSpecs.map((spec, index) => switchCable(spec.name, spec.mac, index + 2)),
    cable('provider', ['provider', 'net0', '02:00:5e:10:00:02'], ['internet', 'isp0', '02:00:5e:10:00:03']),
  ]
  if (hasBackupUplink) {
    nodes.push(backup)
    cables.push(
      cable('backup', ['appliance', 'wan1', 'dc:a6:32:0f:41:03'], ['backup', 'cust0', '02:00:5e:20:00:01']),
      cable(
        'backup-transit',
        ['backup', 'net0', '02:00:5e:20:00:02'],
        ['internet', 'isp1', '02:00:5e:20:00:03'],
      ),
    )
  }
  nodes.push(createInternet(hasBackupUplink))
  return { nodes, cables }
}

/** The machine that claims a device's address: same IP, other MAC, no DHCP. */
export function conflictDevice(device: string): { node: LabNode; cable: Cable } {
  const index = deviceSpecs.findIndex((spec) => spec.name === device)
  const mac = `78:48:59:0d:66:${hex(index + 1)}`
  const name = conflictNode(device)
  const address = `${deviceSpecs[index]?.address}/24`
  return {
    node: {
      ...deviceNode({ name, role: 'unknown', mac }),
      addressing: { kind: 'static', interface: 'eth0', address },
      boot: [`addr replace ${address} dev eth0`],
    },
    cable: switchCable(name, mac, 40 + index),
  }
}

/** A machine that joins by DHCP and gets an address from the pool. */
export function newDevice(name: string): { node: LabNode; cable: Cable } {
  const number = Number(name.split('-')[1])
  const mac = `64:31:50:9e:07:${hex(number)}`
  return { node: deviceNode({ name, role: 'unknown', mac }), cable: switchCable(name, mac, 50 + number) }
}

const router: LabNode = {
  name: 'router',
  role: 'router',
  mac: '18:fd:74:5a:10:01',
  addressing: { kind: 'static', interface: 'br-lan', address: `${addresses.router}/24` },
  isForwarding: true,
  bridge: { name: 'br-lan', ports: ['lan1', 'lan2'] },
  setup: [],
  boot: [
    `addr replace ${addresses.router}/24 brd + dev br-lan`,
    `addr replace ${addresses.routerWan}/24 brd + dev wan0`,
    `route replace default via ${addresses.provider}`,
  ],
}

const provider: LabNode = {
  name: 'provider',
  role: 'provider',
  mac: '02:00:5e:10:00:01',
  addressing: { kind: 'static', interface: 'cust0', address: `${addresses.provider}/24` },
  isForwarding: true,
  setup: [],
  boot: [`addr replace ${addresses.provider}/24 dev cust0`, 'addr replace 198.51.100.1/24 dev net0'],
}

const backup: LabNode = {
  name: 'backup',
  role: 'provider',
  mac: '02:00:5e:20:00:01',
  addressing: { kind: 'static', interface: 'cust0', address: `${addresses.backup}/25` },
  isForwarding: true,
  setup: [],
  boot: [
    `addr replace ${addresses.backup}/25 dev cust0`,
    'addr replace 192.0.2.129/30 dev net0',
    'route replace 198.51.100.0/24 via 192.0.2.130',
  ],
}

function createInternet(hasBackupUplink: boolean): LabNode {
  const own = [...addresses.targets, addresses.processor, addresses.cloud, addresses.dns]
  return {
    name: 'internet',
    role: 'internet',
    mac: '02:00:5e:10:00:03',
    addressing: { kind: 'static', interface: 'isp0', address: `${addresses.targets[0]}/24` },
    isForwarding: false,
    setup: [],
    boot: [
      ...own.map((address) => `addr replace ${address}/24 dev isp0`),
      `route replace 203.0.113.0/24 via 198.51.100.1`,
      ...(hasBackupUplink
        ? ['addr replace 192.0.2.130/30 dev isp1', 'route replace 192.0.2.0/25 via 192.0.2.129']
        : []),
    ],
  }
}

function createSwitch(): LabNode {
  const ports = ['port1', ...deviceSpecs.map((_, index) => `port${index + 2}`)]
  return {
    name: 'switch',
    role: 'switch',
    mac: '00:31:92:4d:20:01',
    addressing: { kind: 'dhcp', interface: 'br0', vendorClass: '', address: '192.168.77.10' },
    isForwarding: false,
    bridge: { name: 'br0', ports },
    setup: [],
    boot: [],
  }
}

function createAppliance(hasBackupUplink: boolean): LabNode {
  const table = uplinkTables.backup
  return {
    name: 'appliance',
    role: 'appliance',
    mac: 'dc:a6:32:0f:41:02',
    addressing: { kind: 'dhcp', interface: 'eth0', vendorClass: '', address: addresses.appliance },
    isForwarding: false,
    setup: [
      // Neighbors are reached by the main table whatever the source address; only the default route depends on it.
      'rule add lookup main suppress_prefixlength 0 pref 50',
      `rule add from ${addresses.appliance} lookup ${uplinkTables.router} pref 100`,
      `route add unreachable default table ${uplinkTables.router} metric 4000`,
      ...(hasBackupUplink
        ? [
            `rule add from ${addresses.applianceBackup} lookup ${table} pref 200`,
            `route add unreachable default table ${table} metric 4000`,
          ]
        : []),
    ],
    boot: hasBackupUplink
      ? [
          `addr replace ${addresses.applianceBackup}/25 dev wan1`,
          `route replace default via ${addresses.backup} dev wan1 metric 500`,
          `route replace default via ${addresses.backup} dev wan1 table ${table} metric 100`,
        ]
      : [],
  }
}

function deviceNode(spec: DeviceSpec): LabNode {
  return {
    name: spec.name,
    role: spec.role,
    mac: spec.mac,
    addressing: {
      kind: 'dhcp',
      interface: 'eth0',
      vendorClass: spec.vendorClass ?? '',
      ...(spec.address === undefined ? {} : { address: spec.address }),
    },
    isForwarding: false,
    ...(spec.ignoresPing === undefined ? {} : { ignoresPing: spec.ignoresPing }),
    setup: [],
    boot: [],
  }
}

function cable(name: string, near: [string, string, string], far: [string, string, string]): Cable {
  const end = ([node, iface, mac]: [string, string, string]) => ({ node, interface: iface, mac })
  return { name, near: end(near), far: end(far) }
}

function switchCable(name: string, mac: string, port: number): Cable {
  return cable(name, [name, 'eth0', mac], ['switch', `port${port}`, `00:31:92:4d:20:${hex(port + 1)}`])
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0')
}
