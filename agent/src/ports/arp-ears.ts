import type { Stop } from './time.ts'

/** Somebody spoke to the whole link by ARP (RFC 826, RFC 5227); all of it is the sender's own word. */
export interface ArpHeard {
  readonly mac: string
  /** The address it speaks from; of a probe the one it is about to take. */
  readonly ip: string
  /** It does not have the address yet (RFC 5227 §2.1.1): it answers there in some seconds at the earliest. */
  readonly isProbe: boolean
}

/** Port: hears what hosts ask and tell everybody on the link by ARP. Never asks and never answers; sees no other frame. */
export interface ArpListener {
  listen(onHeard: (heard: ArpHeard) => void): ArpEars
}

export interface ArpEars {
  /** Listens on these interfaces and no others; may be told again at any time. */
  join(interfaceNames: readonly string[]): void
  /** Whether anything would be heard: the tool is there, and nobody has refused it so far. */
  isHearing(): boolean
  readonly stop: Stop
}
