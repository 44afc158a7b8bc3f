import type { DeviceRole } from '@proactive/shared'

/** How a kind of device is probed. The numbers are what docs/what-we-send-on-your-lan.md promises. */
export interface ProbeProfile {
  readonly class: ProbeClass
  readonly periodMs: number
  readonly timeoutMs: number
  /** Packets the agent may send to one device of this class per minute, all probers together, and at once. */
  readonly packetsPerMinute: number
  readonly burst: number
  /** TCP ports a technician may try; empty = only the configured service port. */
  readonly ports: readonly number[]
  /** Whether it may be asked by SNMP. */
  readonly mayAskSnmp: boolean
}

/** Budgets are kept per class. */
export const probeClasses = ['gateway', 'payment', 'network', 'other', 'discovery', 'outside'] as const
export type ProbeClass = (typeof probeClasses)[number]

const profiles: Readonly<Record<ProbeClass, ProbeProfile>> = {
  gateway: {
    class: 'gateway',
    periodMs: 2_000,
    timeoutMs: 800,
    packetsPerMinute: 240,
    burst: 120,
    ports: [22, 53, 80, 443, 8080, 8443],
    mayAskSnmp: true,
  },
  // Terminals are fragile: unicast echo and ARP only, never a port of theirs unless it was configured.
  payment: {
    class: 'payment',
    periodMs: 10_000,
    timeoutMs: 1_000,
    packetsPerMinute: 30,
    burst: 20,
    ports: [],
    mayAskSnmp: false,
  },
  network: {
    class: 'network',
    periodMs: 10_000,
    timeoutMs: 1_000,
    packetsPerMinute: 60,
    burst: 40,
    ports: [22, 80, 443],
    mayAskSnmp: true,
  },
  other: {
    class: 'other',
    periodMs: 30_000,
    timeoutMs: 1_000,
    packetsPerMinute: 60,
    burst: 40,
    ports: [80, 443, 515, 631, 9100],
    mayAskSnmp: true,
  },
  // No device's class: the sweep's datagrams to addresses nobody is known at. Three rounds over four /22, every five minutes.
  discovery: {
    class: 'discovery',
    periodMs: 300_000,
    timeoutMs: 1_000,
    packetsPerMinute: 2_600,
    burst: 13_000,
    ports: [],
    mayAskSnmp: false,
  },
  // No device's class either: internet targets, the provider's first hop, resolvers out there, payment processors; counted per host.
  outside: {
    class: 'outside',
    periodMs: 2_000,
    timeoutMs: 800,
    packetsPerMinute: 240,
    burst: 120,
    ports: [],
    mayAskSnmp: false,
  },
}

const networkRoles: ReadonlySet<DeviceRole> = new Set([
  'router',
  'firewall',
  'switch',
  'access-point',
  'modem',
])

/** Roles that are managed by SNMP as a rule. */
const managedRoles: ReadonlySet<DeviceRole> = new Set([
  ...networkRoles,
  'printer',
  'ups',
  'pdu',
  'environment',
])

/**
 * Whether the agent asks a device by SNMP on its own: the community travels in clear text (RFC 3584), so it is not shown to whoever joins the LAN,
 * only to the gateway and to what other evidence already takes for managed equipment.
 */
export function isAskedBySnmp(device: { readonly role: DeviceRole; readonly isGateway: boolean }): boolean {
  return profileOf(device).mayAskSnmp && (device.isGateway || managedRoles.has(device.role))
}

export function profileOf(device: { readonly role: DeviceRole; readonly isGateway: boolean }): ProbeProfile {
  if (device.isGateway) return profiles.gateway
  if (device.role === 'pos-terminal') return profiles.payment
  return networkRoles.has(device.role) ? profiles.network : profiles.other
}

export function profileOfClass(name: ProbeClass): ProbeProfile {
  return profiles[name]
}
