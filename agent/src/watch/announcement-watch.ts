import type { Device, DeviceEvidence, MonotonicMs } from '@proactive/shared'
import { type MdnsHeard, parseMdnsResponse } from '../core/mdns-packet.ts'
import { isInsideAny } from '../core/networks.ts'
import {
  maxDescriptionBytes,
  parseDescription,
  parseSsdpMessage,
  type SsdpHeard,
} from '../core/ssdp-message.ts'
import type {
  Announcement,
  AnnouncementEars,
  AnnouncementListener,
  DocumentReader,
  Stop,
} from '../ports/index.ts'
import { profileOf } from '../rules/profiles.ts'
import type { WatchContext } from './context.ts'
import type { Links } from './links.ts'

/** Learns what devices announce to everybody (mDNS, SSDP) and reads the UPnP description that an announcement names. */
export interface AnnouncementWatch {
  start(): Promise<Stop>
  /** The networks or the interfaces changed: others are listened to. */
  arrange(): void
  /** A device is known now: what it said before is learned. */
  deviceKnown(ip: string): void
  figures(): AnnouncementFigures
}

export interface AnnouncementFigures {
  readonly isHeard: boolean
  readonly packets: number
  /** Packets from other networks, unreadable, or above the pace that is listened to. */
  readonly ignored: number
  readonly documents: number
}

export interface AnnouncementWatchDeps {
  readonly listener: AnnouncementListener | undefined
  readonly readDocument: DocumentReader | undefined
  readonly links: Links
  /** Somebody spoke from an address that nobody is known at. */
  readonly onStranger: (ip: string) => void
  readonly onLearned: () => void
}

/** Packets of one second that are looked at: a loud LAN must not cost the appliance its processor. */
const maxPacketsPerSecond = 100
/** Strangers whose words are kept until they are known, and for how long. */
const maxWaiting = 128
const waitingMs = 60_000
/** Facts that one device may change by announcements in an hour: who makes up a new name each second is not followed. */
const maxChangesPerHour = 40
const documentAgainMs = 6 * 3_600_000
const documentTimeoutMs = 3_000
/** TCP handshake, question, answer of some packets, end. */
const documentPackets = 10
const maxDocumentsUnderWay = 2

interface Words {
  readonly evidence: readonly DeviceEvidence[]
  readonly ips6: readonly string[]
  readonly location?: SsdpHeard['location']
}

export function createAnnouncementWatch(
  context: WatchContext,
  deps: AnnouncementWatchDeps,
): AnnouncementWatch {
  const { scheduler, inventory, log } = context
  const { links } = deps
  const waiting = new Map<string, { words: Words[]; atMono: MonotonicMs }>()
  const changes = new Map<string, { sinceMono: MonotonicMs; count: number }>()
  const documentAtMono = new Map<string, MonotonicMs>()
  let ears: AnnouncementEars | undefined
  let isStopped = false
  let second = { startMono: 0, packets: 0 }
  let documentsUnderWay = 0
  const figures = { packets: 0, ignored: 0, documents: 0 }

  const isWatched = (ip: string) => isInsideAny(context.plan().networks, ip) && !links.isOwnAddress(ip)

  function heard({ protocol, ip, packet }: Announcement): void {
    figures.packets++
    const nowMono = scheduler.monotonicMs()
    if (nowMono - second.startMono >= 1_000) second = { startMono: nowMono, packets: 0 }
    if (++second.packets > maxPacketsPerSecond || !isWatched(ip)) {
      figures.ignored++
      return
    }
    if (inventory.byIp(ip) === undefined) deps.onStranger(ip)
    const found =
      protocol === 'mdns' ? fromMdns(ip, parseMdnsResponse(packet)) : fromSsdp(ip, parseSsdpMessage(packet))
    if (found === undefined) figures.ignored++
    else if (inventory.byIp(found.ip) === undefined) keep(found.ip, found, nowMono)
    else learn(found.ip, found)
  }

  /** A reflector repeats what others said: then the packet's own A records tell whose words they are. */
  function fromMdns(ip: string, said: MdnsHeard | undefined): (Words & { ip: string }) | undefined {
    if (said === undefined) return undefined
    const owner = said.ips.length === 0 || said.ips.includes(ip) ? ip : said.ips.find(isWatched)
    if (owner === undefined) return undefined
    const evidence = [
      ...(said.hostname === undefined ? [] : [{ key: 'hostname', value: said.hostname }]),
      ...(said.name === undefined ? [] : [{ key: 'name', value: said.name }]),
      ...said.services.map((value) => ({ key: 'service', value })),
      ...said.txt.map((value) => ({ key: 'txt', value })),
    ].map((one): DeviceEvidence => ({ source: 'mdns', ...one }))
    return { ip: owner, evidence, ips6: said.ips6 }
  }

  function fromSsdp(ip: string, said: SsdpHeard | undefined): (Words & { ip: string }) | undefined {
    if (said === undefined) return undefined
    const { st, server, location } = said
    const evidence: DeviceEvidence[] = [
      ...(st?.includes(':device:') ? [{ source: 'ssdp' as const, key: 'st', value: st }] : []),
      ...(server === undefined ? [] : [{ source: 'ssdp' as const, key: 'server', value: server }]),
    ]
    return { ip, evidence, ips6: [], ...(location?.host === ip ? { location } : {}) }
  }

  function keep(ip: string, words: Words, nowMono: MonotonicMs): void {
    for (const [other, { atMono }] of waiting) if (nowMono - atMono > waitingMs) waiting.delete(other)
    const kept = waiting.get(ip)
    if (kept === undefined && waiting.size >= maxWaiting) {
      figures.ignored++
      return
    }
    waiting.set(ip, { words: [...(kept?.words ?? []), words].slice(-4), atMono: nowMono })
  }

  function learn(ip: string, words: Words): void {
    const device = inventory.byIp(ip)
    const mac = device?.macs[0]
    if (device === undefined || mac === undefined) return
    let isChanged = false
    for (const one of words.evidence) {
      if (!mayChange(device.id)) break
      if (!inventory.learn(mac, one)) continue
      isChanged = true
      noteChange(device.id)
    }
    for (const ip6 of words.ips6) isChanged = inventory.saw6(ip6, mac) || isChanged
    if (isChanged) deps.onLearned()
    if (words.location !== undefined)
      readDescription(inventory.byId(device.id) ?? device, mac, words.location)
  }

  function mayChange(id: string): boolean {
    const own = changes.get(id)
    if (own === undefined || scheduler.monotonicMs() - own.sinceMono >= 3_600_000) return true
    if (own.count >= maxChangesPerHour) figures.ignored++
    return own.count < maxChangesPerHour
  }

  function noteChange(id: string): void {
    const nowMono = scheduler.monotonicMs()
    const own = changes.get(id)
    if (own !== undefined && nowMono - own.sinceMono < 3_600_000) own.count++
    else changes.set(id, { sinceMono: nowMono, count: 1 })
  }

  /** Of the device itself, on its own address, once in a long while; never of a payment terminal. */
  function readDescription(device: Device, mac: string, location: NonNullable<SsdpHeard['location']>): void {
    const { readDocument } = deps
    const probeClass = profileOf(device).class
    if (readDocument === undefined || probeClass === 'payment' || documentsUnderWay >= maxDocumentsUnderWay)
      return
    const nowMono = scheduler.monotonicMs()
    const before = documentAtMono.get(device.id)
    if (before !== undefined && nowMono - before < documentAgainMs) return
    if (!context.budget.take(probeClass, documentPackets)) return
    documentAtMono.set(device.id, nowMono)
    documentsUnderWay++
    figures.documents++
    const { host, port, path } = location
    readDocument({ ip: host, port, path, timeoutMs: documentTimeoutMs, maxBytes: maxDescriptionBytes })
      .then((text) => {
        if (text !== undefined && !isStopped) takeDescription(mac, text)
      })
      .catch((err: unknown) => log.debug({ err, ip: host }, 'a description could not be read'))
      .finally(() => {
        documentsUnderWay--
      })
  }

  function takeDescription(mac: string, text: string): void {
    let isChanged = false
    for (const [key, value] of Object.entries(parseDescription(text)))
      isChanged = inventory.learn(mac, { source: 'ssdp', key, value }) || isChanged
    if (isChanged) deps.onLearned()
  }

  /** What is known of devices that were forgotten goes with them. */
  function forgetGone(): void {
    for (const known of [changes, documentAtMono])
      for (const id of known.keys()) if (inventory.byId(id) === undefined) known.delete(id)
  }

  function arrange(): void {
    const { networks } = context.plan()
    ears?.join(links.localAddresses().filter((ip) => isInsideAny(networks, ip)))
    forgetGone()
  }

  return {
    async start() {
      try {
        ears = await deps.listener?.listen(heard)
      } catch (err) {
        log.warn({ err }, 'announcements (mDNS, SSDP) cannot be heard; devices are identified by other means')
      }
      arrange()
      return () => {
        isStopped = true
        ears?.stop()
        waiting.clear()
      }
    },
    arrange,
    deviceKnown(ip) {
      const kept = waiting.get(ip)
      if (kept === undefined) return
      waiting.delete(ip)
      for (const words of kept.words) learn(ip, words)
    },
    figures: () => ({ isHeard: ears !== undefined, ...figures }),
  }
}
