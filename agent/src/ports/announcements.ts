import type { Stop } from './time.ts'

/** A packet that a host of the LAN sent to everybody, as it came; whatever is in it is the sender's own. */
export interface Announcement {
  readonly protocol: 'mdns' | 'ssdp'
  readonly ip: string
  readonly packet: Uint8Array
}

/** Port: hears what hosts announce to multicast groups (mDNS, SSDP). Never answers and never asks. */
export interface AnnouncementListener {
  /** Resolves once listening. @throws ProbeUnavailableError where neither port can be had. */
  listen(onHeard: (announcement: Announcement) => void): Promise<AnnouncementEars>
}

export interface AnnouncementEars {
  /** Listens on the interfaces with these addresses and no others; may be told again at any time. */
  join(localAddresses: readonly string[]): void
  readonly stop: Stop
}

/** Port: reads a document of a device of the LAN over HTTP, once, with bounds; undefined where there is none to be had. */
export type DocumentReader = (from: {
  readonly ip: string
  readonly port: number
  readonly path: string
  readonly timeoutMs: number
  readonly maxBytes: number
}) => Promise<string | undefined>
