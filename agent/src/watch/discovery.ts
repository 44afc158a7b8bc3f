import type { MonotonicMs } from '@proactive/shared'
import { createAllowance } from '../core/allowance.ts'
import { createLately } from '../core/lately.ts'
import { hostAddresses, isInsideAny } from '../core/networks.ts'
import type { Sighting } from '../core/inventory.ts'
import type { DhcpHeard, Neighbor, Stop } from '../ports/index.ts'
import { arpRound, mayAskByArp } from './arp-round.ts'
import type { WallClock, WatchContext } from './context.ts'
import type { Links } from './links.ts'
import { type ToldSighting, tellSighting } from './tell-sighting.ts'

/** Finds devices: by a sweep now and then, by what the kernel notices, by what DHCP clients say. */
export interface Discovery {
  /** Takes over what the kernel knows already; then sweeps. */
  start(): Promise<Stop>
  /** Sweeps all networks now; a running sweep is joined. Resolves with the number of addresses that answered. */
  sweep(): Promise<number>
  /** The kernel's table changed. */
  neighborChanged(neighbor: Neighbor): void
  /** A DHCP client spoke: learn its words, look at the address it wants. */
  heardDhcp(heard: DhcpHeard): void
  /** The interfaces changed: where a link is back, somebody may have moved that nobody here could hear, and it is swept soon. */
  arrange(): void
  /** Called for every neighbor that just proved to be there. */
  onAlive(listener: (ip: string) => void): void
  /** Somebody may be at this address: it is asked for now, where it is watched. */
  look(ip: string): void
  /** Somebody else has seen this MAC at an address: a device of another subnet. Whether it answers is asked like of any other. */
  seenElsewhere(ip: string, mac: string, isStillUsed: (ip: string) => boolean): void
  /** Something was learned about devices: it is kept and told. */
  learned(): void
  onNew(listener: (sighting: ToldSighting) => void): void
  /** Another MAC than the known one answers for an address. */
  onTakenOver(listener: (ip: string) => void): void
  /** What the kernel believed last about an address. */
  neighborOf(ip: string): Neighbor | undefined
}

const sweepEveryMs = 5 * 60_000
const rounds = 3
/** Four /22 take half a minute. */
const mostSweepMs = 10 * 60_000
/** A link that is back carries packets within this time as a rule; one that comes and goes is swept once a minute. */
const sweepBackMs = { afterMs: 3_000, leastApartMs: 60_000 } as const
const saveGatherMs = 500
/** Bytes of the inventory's text that may be written: the card takes 100 MB a day (design), and this is less than half of it. */
const savedBytes = { most: 8_000_000, perSecond: 500 } as const
/** Raw ARP is answered or lost within a quarter of a second. Who answers is told after the first try; the others share one child, which asks on. */
const arpTries = [1, 3] as const
/** The kernel asks three times, a second apart; an answer comes within the first round unless packets are lost. */
const roundMs = 1_200
/** A network that has no carrier yet, or an address that comes later by DHCP, is tried again soon. */
const firstRetryMs = 5_000
/** How soon newer evidence is held against what devices were taken for. */
const reconcileEveryMs = 30_000
/** One address is looked at by such hints at most this often; so many are remembered. */
const lookedFor = { forMs: 5_000, most: 1_024 }
/** After a DHCP request the client takes its address within a moment. */
const afterDhcpMs = [500, 2_000, 6_000] as const

export function createDiscovery(context: WatchContext, links: Links, wall: WallClock): Discovery {
  const { scheduler, lan, inventory, log } = context
  const table = new Map<string, Neighbor>()
  const aliveListeners: ((ip: string) => void)[] = []
  const newListeners: ((sighting: ToldSighting) => void)[] = []
  const takenOverListeners: ((ip: string) => void)[] = []
  const looked = createLately(lookedFor, () => scheduler.monotonicMs())
  let running: Promise<number> | undefined
  let isStopped = false
  let inventoryText = ''
  let stopSave: Stop | undefined
  let stopLateSave: Stop | undefined
  let linked: readonly string[] | undefined
  let stopSweepBack: Stop | undefined
  let sweptAtMono: MonotonicMs = Number.NEGATIVE_INFINITY
  const writable = createAllowance(savedBytes, () => scheduler.monotonicMs())

  const isWatched = (ip: string) => isInsideAny(context.plan().networks, ip) && !links.isOwnAddress(ip)
  const isStillUsed = (ip: string) => {
    const entry = table.get(ip)
    return entry?.state === 'reachable' && inventory.byIp(ip)?.macs.includes(entry.mac ?? '') === true
  }

  function take(neighbor: Neighbor): void {
    const { ip, mac, state } = neighbor
    if (ip.includes(':')) {
      takeIp6(neighbor)
      return
    }
    if (!isWatched(ip)) return
    if (table.size < 4_096 || table.has(ip)) table.set(ip, neighbor)
    if (mac === undefined) return
    if (state !== 'reachable' && state !== 'permanent') {
      // It spoke to this machine and was never asked: one question settles who it is.
      if (state !== 'none' && inventory.byMac(mac) === undefined) look(ip)
      return
    }
    const holder = inventory.byIp(ip)
    if (holder !== undefined && !holder.macs.includes(mac))
      for (const listener of takenOverListeners) listener(ip)
    tell(inventory.saw(ip, mac, wall(), isStillUsed))
    for (const listener of aliveListeners) listener(ip)
  }

  /** An address of IPv6 is joined to the device of its MAC, on links that are watched. */
  function takeIp6({ ip, mac, interface: name, state }: Neighbor): void {
    if (mac === undefined || state === 'failed' || state === 'none' || !links.isWatched(name)) return
    if (inventory.saw6(ip, mac)) learned()
  }

  function look(ip: string): void {
    if (isStopped || !isWatched(ip) || looked.has(ip) || !context.budget.take('discovery', 1)) return
    looked.note(ip)
    lan.poke([ip]).catch((err: unknown) => log.debug({ err }, 'a poke failed'))
  }

  function learned(): void {
    context.announce()
    save()
  }

  function tell(sighting: Sighting): void {
    if (sighting.kind === 'known' || sighting.kind === 'refused') return
    tellSighting(context, sighting, wall())
    context.announce()
    // New devices come in crowds; the text of all of them is made once.
    stopSave ??= scheduler.after(saveGatherMs, () => {
      stopSave = undefined
      save()
    })
    for (const listener of newListeners) listener(sighting)
  }

  /** Kept soon; where somebody makes the picture change all the time, later, and at the end in any case. */
  function save(): void {
    if (stopLateSave !== undefined && !isStopped) return
    const text = inventory.serialize()
    if (text === inventoryText) return
    const waitMs = writable.waitMs(text.length)
    if (waitMs > 0 && !isStopped) {
      stopLateSave = scheduler.after(waitMs, () => {
        stopLateSave = undefined
        save()
      })
      return
    }
    writable.take(text.length)
    inventoryText = text
    context.remember('inventory', text)
  }

  async function sweep(): Promise<number> {
    running ??= context.pulse.watch('sweep', mostSweepMs, sweepAll()).finally(() => {
      running = undefined
    })
    return running
  }

  async function sweepAll(): Promise<number> {
    sweptAtMono = scheduler.monotonicMs()
    const targets = context
      .plan()
      .networks.flatMap(hostAddresses)
      .filter((ip) => !links.isOwnAddress(ip) && links.interfaceOf(ip)?.hasCarrier === true)
    const found = new Set<string>()
    if (mayAskByArp(context)) await sweepByArp(targets, found)
    // The first refusal turns raw ARP off.
    if (!mayAskByArp(context)) await sweepByTable(targets, found)
    for (const sighting of inventory.reconcile(wall(), true)) tell(sighting)
    for (const { ips } of inventory.devices()) {
      if (ips.length < 2) continue
      for (const ip of ips) {
        if (found.has(ip) || links.interfaceOf(ip)?.hasCarrier !== true) continue
        const sighting = inventory.drop(ip)
        if (sighting !== undefined) tell(sighting)
      }
    }
    save()
    log.debug({ asked: targets.length, found: found.size }, 'sweep done')
    return found.size
  }

  async function sweepByArp(targets: readonly string[], found: Set<string>): Promise<void> {
    for (const wanted of arpTries) {
      const open = targets.filter((ip) => !found.has(ip))
      let tries: number = wanted
      // Large networks are asked less often where nobody lives.
      while (tries > 0 && !context.budget.take('discovery', open.length * tries)) tries--
      if (open.length === 0 || isStopped || tries === 0) return
      for (const neighbor of await arpRound(context, links, open, tries)) {
        found.add(neighbor.ip)
        take(neighbor)
      }
    }
  }

  async function sweepByTable(targets: readonly string[], found: Set<string>): Promise<void> {
    let open = targets
    for (let round = 0; round < rounds; round++) {
      if (open.length === 0 || isStopped || !context.budget.take('discovery', open.length)) return
      await lan.poke(open)
      await new Promise<void>((resolve) => void scheduler.after(roundMs, resolve))
      const failed = await readTable(found)
      // Failed ones first: the kernel has given them up and will ask again only when told to.
      const unresolved = targets.filter((ip) => !found.has(ip))
      open = [...unresolved.filter((ip) => failed.has(ip)), ...unresolved.filter((ip) => !failed.has(ip))]
    }
  }

  /** Nobody asked since the device was found to answer elsewhere only: the kernel tells by itself when it hears it there again. */
  function isOutdated({ ip, mac, state }: Neighbor): boolean {
    return state === 'reachable' && mac !== undefined && inventory.hasLeft(ip, mac)
  }

  async function readTable(found: Set<string>): Promise<ReadonlySet<string>> {
    const failed = new Set<string>()
    try {
      for (const neighbor of await lan.neighbors()) {
        if (!isWatched(neighbor.ip) || isOutdated(neighbor)) continue
        if (neighbor.state === 'failed') failed.add(neighbor.ip)
        if (['reachable', 'delay', 'probe', 'permanent'].includes(neighbor.state)) found.add(neighbor.ip)
        take(neighbor)
      }
    } catch (err) {
      log.warn({ err }, 'the neighbor table cannot be read')
    }
    return failed
  }

  const sweepQuietly = () => {
    sweep().catch((err: unknown) => log.warn({ err }, 'a sweep did not end well'))
  }

  const linkedAddresses = () =>
    links.localAddresses().filter((ip) => isInsideAny(context.plan().networks, ip))

  function arrange(): void {
    const before = linked
    if (before === undefined || isStopped) return
    linked = linkedAddresses()
    if (linked.every((ip) => before.includes(ip))) return
    const waitMs = sweptAtMono + sweepBackMs.leastApartMs - scheduler.monotonicMs()
    stopSweepBack ??= scheduler.after(Math.max(sweepBackMs.afterMs, waitMs), () => {
      stopSweepBack = undefined
      sweepQuietly()
    })
  }

  return {
    async start() {
      linked = linkedAddresses()
      await readTable(new Set())
      const stopEvery = scheduler.every(sweepEveryMs, sweepQuietly)
      const stopReconcile = scheduler.every(reconcileEveryMs, () => {
        for (const sighting of inventory.reconcile(wall())) tell(sighting)
      })
      const stopFirst = scheduler.after(firstRetryMs, () => {
        if (inventory.devices().length === 0) sweepQuietly()
      })
      sweepQuietly()
      return () => {
        isStopped = true
        stopSave?.()
        stopLateSave?.()
        stopSweepBack?.()
        save()
        stopEvery()
        stopReconcile()
        stopFirst()
      }
    },
    sweep,
    arrange,
    neighborChanged: take,
    heardDhcp(heard) {
      const words: [string, string | undefined][] = [
        ['hostname', heard.hostname],
        ['vendorClass', heard.vendorClass],
        // With an address already set a client asks for other things (RFC 2131 §3.4): that would change to and fro.
        ['parameterList', heard.messageType === 'inform' ? undefined : heard.parameterList],
        ['clientId', heard.clientId],
      ]
      let isChanged = false
      for (const [key, value] of words) {
        if (value === undefined || value === '') continue
        isChanged = inventory.learn(heard.mac, { source: 'dhcp', key, value }) || isChanged
      }
      if (isChanged) learned()
      const ip = heard.requestedIp ?? inventory.byMac(heard.mac)?.ips[0]
      if (ip === undefined || !isWatched(ip)) return
      for (const delayMs of afterDhcpMs) {
        scheduler.after(delayMs, () => {
          if (isStopped || !context.budget.take('discovery', 1)) return
          lan.poke([ip]).catch((err: unknown) => log.debug({ err }, 'a poke failed'))
        })
      }
    },
    look,
    learned,
    seenElsewhere(ip, mac, isStillUsed) {
      if (isWatched(ip)) tell(inventory.saw(ip, mac, wall(), isStillUsed))
    },
    onAlive: (listener) => void aliveListeners.push(listener),
    onNew: (listener) => void newListeners.push(listener),
    onTakenOver: (listener) => void takenOverListeners.push(listener),
    neighborOf: (ip) => table.get(ip),
  }
}
