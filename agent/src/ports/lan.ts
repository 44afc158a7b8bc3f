import type { Stop } from './time.ts'

/** What the kernel believes about one address on the link (RFC 4861 §7.3.2 names, as Linux tells them). */
export type NeighborState =
  | 'reachable'
  | 'stale'
  | 'delay'
  | 'probe'
  | 'failed'
  | 'incomplete'
  | 'permanent'
  | 'none'

export interface Neighbor {
  readonly ip: string
  readonly interface: string
  readonly mac?: string
  readonly state: NeighborState
}

/** One of the appliance's own interfaces. */
export interface LanInterface {
  readonly name: string
  readonly mac?: string
  /** Up and with carrier. */
  readonly hasCarrier: boolean
  /** IPv4 addresses in CIDR form, e.g. `192.0.2.7/24`. */
  readonly addresses: readonly string[]
  /** Next hop of the default route over this interface. */
  readonly gateway?: string
  /** For how long its first lent address is still lent (RFC 2131 §3.3), in seconds; absent = none is, or its DHCP client does not tell the kernel. */
  readonly leaseSeconds?: number
}

/** Port: the appliance's own interfaces and its kernel's neighbor table. */
export interface Lan {
  interfaces(): Promise<readonly LanInterface[]>
  /** The whole table; an entry alone is no presence: only `reachable` and `permanent` say that it answered lately. */
  neighbors(): Promise<readonly Neighbor[]>
  /**
   * Makes the kernel ask for these addresses: one empty UDP datagram each to the discard port, 16 per 5 ms.
   * Resolves when all are sent. Needs no privilege; sends nothing else.
   */
  poke(ips: readonly string[]): Promise<void>
  /** Tells table changes and, without naming what, that interfaces changed (carrier, address, route). */
  watch(listener: LanListener): Stop
}

export interface LanListener {
  onNeighbor(neighbor: Neighbor): void
  onInterfaces(): void
}
