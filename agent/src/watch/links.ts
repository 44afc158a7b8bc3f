import type { MonotonicMs } from '@proactive/shared'
import { addressOf, isInside, isInsideAny } from '../core/networks.ts'
import type { LanInterface, Stop } from '../ports/index.ts'
import type { UplinkSettings } from '../settings/settings.ts'
import { evidenceOf, type WallClock, type WatchContext } from './context.ts'

/** One way out as its interface stands now. What is gone with the carrier (address, route) is remembered. */
export interface UplinkLink {
  readonly id: string
  readonly kind: 'primary' | 'backup'
  readonly interface: string
  readonly hasCarrier: boolean
  readonly gateway?: string
  readonly localAddress?: string
  readonly resolvers: readonly string[]
}

/** Knows the appliance's own interfaces; tells carrier changes at once. */
export interface Links {
  /** Reads the interfaces for the first time. */
  start(): Promise<Stop>
  uplinks(): readonly UplinkLink[]
  /** Subnets the appliance is attached to, as CIDR. */
  attachedNetworks(): readonly string[]
  isOwnAddress(ip: string): boolean
  /** The appliance's own addresses on interfaces with carrier. */
  localAddresses(): readonly string[]
  /** Whether a watched network is on this interface. */
  isWatched(interfaceName: string): boolean
  /** Interfaces with a watched network on them. */
  watchedInterfaces(): readonly string[]
  /** The interface that leads to a neighbor. */
  interfaceOf(ip: string): LanInterface | undefined
  /** Something about the interfaces changed: they are read again in a moment. */
  changed(): void
  onChange(listener: () => void): void
  /** The DHCP server lent the appliance its own address on the primary way out, anew or again. */
  onLent(listener: () => void): void
  /** When the carrier of an uplink was lost last, while it is lost. */
  carrierLostSince(uplinkId: string): MonotonicMs | undefined
}

const rereadMs = 60_000
/** Several lines of one change come together. */
const gatherMs = 20
/** A lease that ends so much later than it did was renewed; less is rounding. */
const renewedByMs = 30_000

export function createLinks(
  context: WatchContext,
  settings: readonly UplinkSettings[],
  wall: WallClock,
): Links {
  const { scheduler, lan, log } = context
  let interfaces: readonly LanInterface[] = []
  /** Asked for each packet and each neighbor. */
  let ownAddresses: ReadonlySet<string> = new Set()
  let isRead = false
  let gathering: Stop | undefined
  let refreshing: Promise<void> | undefined
  let isRefreshDue = false
  let isStopped = false
  const listeners: (() => void)[] = []
  const lentListeners: (() => void)[] = []
  let leaseEndMono: MonotonicMs | undefined
  const lostSince = new Map<string, MonotonicMs>()
  const lastKnown = new Map<string, { gateway?: string; localAddress?: string }>(
    parseKnown(context.recall('uplinks')),
  )

  /** One reading at a time: two at once may end in the wrong order, and the older one would have the last word. */
  function refresh(): Promise<void> {
    if (refreshing !== undefined) {
      isRefreshDue = true
      return refreshing
    }
    isRefreshDue = false
    refreshing = readOnce().finally(() => {
      refreshing = undefined
      if (isRefreshDue && !isStopped) void refresh()
    })
    return refreshing
  }

  async function readOnce(): Promise<void> {
    let read: readonly LanInterface[]
    try {
      read = await lan.interfaces()
    } catch (err) {
      log.error({ err }, 'the interfaces cannot be read; is iproute2 installed?')
      return
    }
    const before = interfaces
    noteLease(read)
    // What is left of a lease changes all the time.
    interfaces = read.map(({ leaseSeconds: _, ...rest }) => rest)
    ownAddresses = new Set(read.flatMap(({ addresses }) => addresses.map(addressOf)))
    noteUplinks()
    for (const now of interfaces) {
      const then = before.find(({ name }) => name === now.name)
      if (then?.hasCarrier !== now.hasCarrier) tellCarrier(now.name, now.hasCarrier)
    }
    for (const then of before) {
      if (then.hasCarrier && !interfaces.some(({ name }) => name === then.name)) tellCarrier(then.name, false)
    }
    if (!isRead || JSON.stringify(before) !== JSON.stringify(interfaces))
      for (const listener of listeners) listener()
    isRead = true
  }

  function noteUplinks(): void {
    for (const uplink of settings) {
      const own = interfaces.find(({ name }) => name === uplink.interface)
      const known = lastKnown.get(uplink.id) ?? {}
      const gateway = uplink.gateway ?? own?.gateway ?? known.gateway
      const firstAddress = own?.addresses[0]
      const localAddress =
        uplink.localAddress ?? (firstAddress === undefined ? known.localAddress : addressOf(firstAddress))
      const next = {
        ...(gateway === undefined ? {} : { gateway }),
        ...(localAddress === undefined ? {} : { localAddress }),
      }
      if (JSON.stringify(next) === JSON.stringify(known)) continue
      lastKnown.set(uplink.id, next)
      context.remember('uplinks', JSON.stringify([...lastKnown]))
    }
  }

  function noteLease(read: readonly LanInterface[]): void {
    const primary = (settings.find(({ kind }) => kind === 'primary') ?? settings[0])?.interface
    const leftSeconds = read.find(({ name }) => name === primary)?.leaseSeconds
    const endMono = leftSeconds === undefined ? undefined : scheduler.monotonicMs() + leftSeconds * 1_000
    const isLent = endMono !== undefined && endMono - (leaseEndMono ?? 0) > renewedByMs
    leaseEndMono = endMono
    if (isLent && isRead) for (const listener of lentListeners) listener()
  }

  const isWatched = (name: string) =>
    interfaces
      .find((one) => one.name === name)
      ?.addresses.some((cidr) => isInsideAny(context.plan().networks, addressOf(cidr))) === true

  /** Interfaces nobody configured are no business of the cloud; those of an uplink or a watched network are. */
  function tellCarrier(name: string, hasCarrier: boolean): void {
    const uplink = settings.find((one) => one.interface === name)
    if (uplink !== undefined) {
      if (hasCarrier) lostSince.delete(uplink.id)
      else lostSince.set(uplink.id, scheduler.monotonicMs())
    }
    if (uplink === undefined && !isWatched(name)) return
    const atMs = wall()
    log.info({ interface: name, hasCarrier }, 'carrier changed')
    context.observe({
      type: 'link-changed',
      interface: name,
      ...(uplink === undefined ? {} : { uplinkId: uplink.id }),
      hasCarrier,
      sinceMs: atMs,
      evidence: [evidenceOf('carrier', name, hasCarrier ? 'up' : 'down', atMs)],
    })
    if (isRead) context.announce()
  }

  return {
    async start() {
      await refresh()
      const stopReread = scheduler.every(rereadMs, () => void refresh())
      return () => {
        isStopped = true
        gathering?.()
        stopReread()
      }
    },
    changed() {
      gathering ??= scheduler.after(gatherMs, () => {
        gathering = undefined
        void refresh()
      })
    },
    uplinks: () =>
      settings.map(({ id, kind, interface: name, resolvers }) => {
        const { gateway, localAddress } = lastKnown.get(id) ?? {}
        return {
          id,
          kind,
          interface: name,
          hasCarrier: interfaces.find((one) => one.name === name)?.hasCarrier ?? false,
          ...(gateway === undefined ? {} : { gateway }),
          ...(localAddress === undefined ? {} : { localAddress }),
          resolvers: resolvers ?? (gateway === undefined ? [] : [gateway]),
        }
      }),
    attachedNetworks: () => interfaces.flatMap(({ addresses }) => addresses),
    isWatched,
    watchedInterfaces: () => interfaces.map(({ name }) => name).filter(isWatched),
    isOwnAddress: (ip) => ownAddresses.has(ip),
    localAddresses: () =>
      interfaces.flatMap(({ hasCarrier, addresses }) => (hasCarrier ? addresses.map(addressOf) : [])),
    interfaceOf: (ip) => interfaces.find(({ addresses }) => addresses.some((cidr) => isInside(cidr, ip))),
    onChange: (listener) => void listeners.push(listener),
    onLent: (listener) => void lentListeners.push(listener),
    carrierLostSince: (uplinkId) => lostSince.get(uplinkId),
  }
}

function parseKnown(text: string | undefined): [string, { gateway?: string; localAddress?: string }][] {
  if (text === undefined) return []
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value.filter(isKnown) : []
  } catch {
    return []
  }
}

function isKnown(item: unknown): item is [string, { gateway?: string; localAddress?: string }] {
  return Array.isArray(item) && typeof item[0] === 'string' && typeof item[1] === 'object' && item[1] !== null
}
