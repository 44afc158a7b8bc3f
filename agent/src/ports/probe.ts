import type { Stop } from './time.ts'

/** How one echo request ended; null = no answer in time. */
export interface EchoOutcome {
  readonly ip: string
  readonly rttMs: number | null
}

/** Targets that are asked at the same pace from the same address. */
export interface EchoPlan {
  readonly ips: readonly string[]
  readonly periodMs: number
  readonly timeoutMs: number
  /** Source address, so that the question leaves by the uplink that owns it. */
  readonly localAddress?: string
}

/** Port: ICMP echo, timed outside the event loop. Silence is an outcome. */
export interface Echo {
  /** False where this machine cannot send echo requests (no tool): then nothing here ever calls back with a reply. */
  isAvailable(): boolean
  /** Asks for ever, one outcome per target and period. */
  monitor(plan: EchoPlan, onOutcome: (outcome: EchoOutcome) => void): Stop
  /** Asks each target `count` times now; resolves with every outcome, within `count` × (`timeoutMs` + 1 ms for each target) and a little. */
  ask(
    ips: readonly string[],
    options: { readonly count: number; readonly timeoutMs: number; readonly localAddress?: string },
  ): Promise<readonly EchoOutcome[]>
  /** The router that lets the packet die after `hops` hops on the way to `ip`; the target itself where it is nearer; undefined = silence. */
  hop(
    ip: string,
    options: { readonly hops: number; readonly timeoutMs: number; readonly localAddress?: string },
  ): Promise<string | undefined>
}

/** Who answered an ARP request. Two MACs for one address are a conflict. */
export interface ArpAnswer {
  readonly ip: string
  readonly mac: string
}

/** Port: directed ARP requests past the kernel's neighbor table. */
export interface Arp {
  /** False without the tool or the right to send raw frames: then presence falls back on the neighbor table. */
  isAvailable(): boolean
  /** Resolves in about a second with every answer, duplicates of the same pair removed. Silence is no entry. */
  ask(interfaceName: string, ips: readonly string[]): Promise<readonly ArpAnswer[]>
  /** For sweeps: up to `tries` requests to each address until it answers, a fifth of a second each. Absent where sweeps use the neighbor table. */
  sweep?(interfaceName: string, ips: readonly string[], tries: number): Promise<readonly ArpAnswer[]>
}

/** How one question to a resolver ended. An answer "no such name" still proves that the resolver lives. */
export type LookupOutcome =
  | { readonly kind: 'answer'; readonly addresses: readonly string[]; readonly tookMs: number }
  | { readonly kind: 'no-such-name'; readonly tookMs: number }
  | { readonly kind: 'refused' | 'timeout' | 'error'; readonly tookMs: number; readonly detail: string }

/** Port: DNS questions to one named server. */
export interface Resolver {
  lookup(
    name: string,
    options: { readonly server: string; readonly timeoutMs: number; readonly localAddress?: string },
  ): Promise<LookupOutcome>
  /** Names behind an address (PTR); empty where there are none or nobody answers. */
  reverse(
    ip: string,
    options: { readonly server: string; readonly timeoutMs: number },
  ): Promise<readonly string[]>
}

/** How an attempt to connect ended. */
export type ConnectOutcome =
  | { readonly kind: 'connected'; readonly tookMs: number }
  | {
      readonly kind: 'refused' | 'timeout' | 'unreachable' | 'error'
      readonly tookMs: number
      readonly detail: string
    }

/** How a TLS handshake ended; `certificateDays` until the server's certificate ends, negative when it has. */
export type HandshakeOutcome =
  | {
      readonly kind: 'connected'
      readonly tcpMs: number
      readonly tlsMs: number
      readonly certificateDays: number
    }
  | { readonly kind: 'tcp-failed'; readonly outcome: Exclude<ConnectOutcome, { kind: 'connected' }> }
  | { readonly kind: 'tls-failed'; readonly tcpMs: number; readonly detail: string }

/** Port: opens a connection, then hangs up; never writes application data. */
export interface Connector {
  connect(
    ip: string,
    port: number,
    options: { readonly timeoutMs: number; readonly localAddress?: string },
  ): Promise<ConnectOutcome>
  handshake(
    ip: string,
    port: number,
    options: { readonly timeoutMs: number; readonly serverName: string; readonly localAddress?: string },
  ): Promise<HandshakeOutcome>
}

/** OID → value; 64-bit counters and octets already decoded. What a device does not have is absent. */
export type SnmpValues = ReadonlyMap<string, number | string>

export type SnmpOutcome =
  | { readonly kind: 'values'; readonly values: SnmpValues }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'error'; readonly detail: string }
  /** A datagram that it took was not allowed; see `maySend`. */
  | { readonly kind: 'refused' }

/** Port: reads SNMP v2c and v3. There is no way to write through it. */
export interface Snmp {
  get(ip: string, oids: readonly string[], options: SnmpOptions): Promise<SnmpOutcome>
  /** One column or subtree, at most `maxRows` values; all of it or none. */
  walk(ip: string, oid: string, options: SnmpOptions & { readonly maxRows: number }): Promise<SnmpOutcome>
}

/** A user of SNMP v3 with authentication and privacy (RFC 3414, RFC 3826, RFC 7860). */
export interface SnmpV3User {
  readonly user: string
  readonly authProtocol: 'md5' | 'sha' | 'sha256' | 'sha512'
  readonly authKey: string
  readonly privProtocol: 'des' | 'aes'
  readonly privKey: string
}

/** What opens SNMP agents for reading; with `v3` the community is not used. */
export interface SnmpAccess {
  readonly community: string
  readonly v3?: SnmpV3User
}

export interface SnmpOptions extends SnmpAccess {
  /** Octet strings as lower-case hexadecimal instead of text: MAC addresses are no text. */
  readonly octets?: 'hex'
  /** Asked before each datagram: the question, each step of a walk, v3's discovery, each retry. False ends the question as refused. */
  readonly maySend: () => boolean
  readonly timeoutMs: number
  readonly retries: number
}

/** What a DHCP client broadcast (RFC 2131); all text is the client's own and may lie. */
export interface DhcpHeard {
  readonly mac: string
  readonly messageType: 'discover' | 'request' | 'decline' | 'release' | 'inform'
  readonly hostname?: string
  readonly vendorClass?: string
  /** Options it asks for, in its order, e.g. `1,3,6,15`: tells operating systems apart. */
  readonly parameterList?: string
  readonly requestedIp?: string
  readonly serverId?: string
  readonly clientId?: string
}

/** Port: hears DHCP clients on the link. Receives only, never answers. */
export interface DhcpListener {
  /** Resolves once listening. @throws ProbeUnavailableError where the port cannot be had. */
  listen(onHeard: (heard: DhcpHeard) => void): Promise<Stop>
}

/** Port: a technician's single "ping now". */
export interface PingNow {
  /** Round-trip times in order, null where no answer came. */
  ping(
    ip: string,
    options: { readonly count: number; readonly timeoutMs: number },
  ): Promise<readonly (number | null)[]>
}
