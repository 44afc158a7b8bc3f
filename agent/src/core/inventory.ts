import {
  type ClockState,
  type Device,
  type DeviceEvidence,
  type DeviceOverride,
  type EpochMs,
  type MonotonicMs,
  toShortText,
} from '@proactive/shared'
import { isLocallyAdministered } from '../rules/vendors.ts'
import { createAddressTurnover } from './address-turnover.ts'
import { type Forgetting, forgettingRules, isDue } from './forgetting.ts'
import { identityRules, type PastEvent, recognize, type Recognition, traitsOf } from './identity.ts'
import { type Entry, limits, registryEvidence, slotOf } from './inventory-entry.ts'
import { createLately } from './lately.ts'
import { createRegister } from './inventory-register.ts'
import { looksOf, setEvidence, settle, splitOff, standIn } from './inventory-settle.ts'

export interface InventoryDeps {
  /** Gives the next alias and remembers that it was given; undefined where none is free. */
  readonly nextAlias: () => number | undefined
  /** The device of this alias is forgotten. */
  readonly retireAlias?: (alias: number, device: Pick<Device, 'id' | 'role'>) => void
  readonly nowMono?: () => MonotonicMs
  readonly clock?: () => ClockState
  readonly wall?: () => EpochMs
  /** Whether a device answers at the moment, by whoever watches it. */
  readonly isPresent?: (id: string) => boolean
  readonly forgetting?: Forgetting
}

/** What happened to the inventory. */
export type Sighting =
  | { readonly kind: 'known' | 'new' | 'forgotten'; readonly device: Device }
  | { readonly kind: 'moved'; readonly device: Device; readonly from: string; readonly to: string }
  /** `device` stands where `before` stood: same place and model, other serial or MAC. `before` is forgotten. */
  | { readonly kind: 'replaced'; readonly device: Device; readonly before: Device }
  /** `gone` was this device all along and is forgotten. */
  | { readonly kind: 'merged'; readonly device: Device; readonly gone: Device }
  /** `device` was taken for `from` until both were seen at the same time. */
  | { readonly kind: 'split'; readonly device: Device; readonly from: Device }
  /** No room, too many at once, or no alias is free: counted; it is looked at again when it is seen again. */
  | { readonly kind: 'refused' }

/** The devices of the Location: evidence makes the identity (see `identity.ts`), an IP address is an attribute. */
export interface Inventory {
  /** An address answered with this MAC. `isStillUsed` tells whether an older address of the same device answers too. */
  saw(ip: string, mac: string, atMs: EpochMs, isStillUsed: (ip: string) => boolean): Sighting
  /** A MAC speaks from this IPv6 address; true when that is new, and not too much. It alone makes no device. */
  saw6(ip: string, mac: string): boolean
  /** Notes what is known about a MAC; true when that changed the device's picture. For MACs not seen yet it is kept for when they are. */
  learn(mac: string, evidence: DeviceEvidence): boolean
  /** An address does not answer any more: a device that has another one keeps only that. Its last address is never taken. */
  drop(ip: string): Sighting | undefined
  /** Whether this MAC left the address so lately that a table of neighbors may hold it there still. */
  hasLeft(ip: string, mac: string): boolean
  /** What newer evidence makes of identities: moves, merges, replacements. With `isAll` everybody is looked at, and who is long gone is forgotten. */
  reconcile(atMs: EpochMs, isAll?: boolean): readonly Sighting[]
  setGateways(ips: ReadonlySet<string>): void
  override(overrides: readonly DeviceOverride[]): void
  /** The clock became right and moved by so much: times made before in this run move along. */
  rebase(shiftMs: number): void
  devices(): readonly Device[]
  byId(id: string): Device | undefined
  byIp(ip: string): Device | undefined
  byMac(mac: string): Device | undefined
  /** What happened to a device, oldest first. */
  historyOf(id: string): readonly PastEvent[]
  figures(): {
    readonly devices: number
    readonly past: number
    readonly refused: number
    /** New MAC and IPv6 addresses above the pace of one device, or of one place. */
    readonly ignoredAddresses: number
  }
  serialize(): string
}

/** For this long after it was first seen a device may turn out to stand in for one that falls silent only now. */
const youngMs = 10 * 60_000

/** Linux believes in a neighbor for up to 45 s after it was heard (base_reachable_time 30 s, spread over half to one and a half times of it). */
const leftFor = { forMs: 45_000, most: 1_024 }

/** An inventory, taking over what `serialize` gave earlier; text that is none is ignored. */
export function createInventory(deps: InventoryDeps, saved?: string): Inventory {
  const nowMono = deps.nowMono ?? (() => 0)
  const forgetting = deps.forgetting ?? forgettingRules
  const register = createRegister(deps, saved)
  const { deviceOf } = register
  const turnover = createAddressTurnover(nowMono)
  /** `MAC address` of those that answer elsewhere now. */
  const left = createLately(leftFor, nowMono)
  /** Evidence about MACs that did not answer yet (DHCP speaks before ARP). */
  const unseen = new Map<string, DeviceEvidence[]>()
  /** Those whose evidence changed since identity looked last. */
  const unsettled = new Set([...register.entries()].map(({ id }) => id))

  /** A known device speaks from another address. */
  function moveTo(entry: Entry, ip: string, atMs: EpochMs, isStillUsed: (ip: string) => boolean): Sighting {
    const from = entry.ips[0] ?? entry.lastIp
    const kept = entry.ips.filter((other) => other !== ip && isStillUsed(other))
    const isMove = from !== undefined && from !== ip && !kept.includes(from)
    register.claimIp(ip, entry, atMs)
    register.setIps(entry, isMove || kept.length === 0 ? [ip, ...kept] : [...kept, ip])
    if (!isMove) return { kind: 'known', device: deviceOf(entry) }
    register.happened(entry, { atMs, kind: 'address-changed', before: from, after: ip })
    return { kind: 'moved', device: deviceOf(entry), from, to: ip }
  }

  /** A known device under a MAC it did not have before. */
  function takeMac(entry: Entry, mac: string, ip: string, atMs: EpochMs): Sighting {
    const [before] = entry.macs
    register.setMacs(entry, [mac, ...entry.macs])
    register.happened(entry, {
      ...{ atMs, kind: 'mac-changed', after: mac },
      ...(before === undefined ? {} : { before }),
    })
    for (const one of unseen.get(mac) ?? []) setEvidence(entry, one)
    unseen.delete(mac)
    entry.seenAtMono = nowMono()
    entry.traits = traitsOf(entry.macs, [...entry.evidence.values()])
    register.changed(entry)
    return moveTo(entry, ip, atMs, () => false)
  }

  function sawStranger(ip: string, mac: string, atMs: EpochMs): Sighting {
    // In a flood of made-up MACs only who was spoken of is looked at closely.
    if (!unseen.has(mac) && !register.hasRoomForStrangers()) return { kind: 'refused' }
    const evidence = [...(unseen.get(mac) ?? []), ...registryEvidence(mac)]
    // Most strangers are like nobody: what they look like needs no closer look then.
    const alike = register.alike(traitsOf([mac], evidence), [ip])
    const { same, replaces }: Recognition =
      alike.length === 0 ? {} : recognize(alike, looksOf(ip, mac, evidence), register.silenceOf)
    const twin = register.byId(same?.id)
    if (twin !== undefined)
      return turnover.mayTakeMac(twin) ? takeMac(twin, mac, ip, atMs) : { kind: 'refused' }
    if (!turnover.mayBear(ip)) return { kind: 'refused' }
    const entry = register.create(ip, mac, atMs, evidence, register.pastById(same?.id))
    if (entry === undefined) return { kind: 'refused' }
    unseen.delete(mac)
    // Asked for after the newcomer was taken in: making room may have taken the old one away.
    const gone = register.byId(replaces?.id)
    return gone === undefined || register.isGateway(gone)
      ? { kind: 'new', device: deviceOf(entry) }
      : standIn(register, entry, gone, atMs)
  }

  function isSecondOfItsName(entry: Entry, ip: string, mac: string, isStillUsed: (ip: string) => boolean) {
    const [first] = entry.macs
    const [home] = entry.ips
    return (
      first !== undefined &&
      first !== mac &&
      home !== undefined &&
      home !== ip &&
      isLocallyAdministered(first) &&
      isLocallyAdministered(mac) &&
      isStillUsed(home)
    )
  }

  const isYoung = (entry: Entry) => (register.ageMs(entry) ?? youngMs) < youngMs
  const isMadeUp = ({ macs }: Entry) => macs.every(isLocallyAdministered)

  function forgetLongGone(): Sighting[] {
    const gone = [...register.entries()].filter((entry) => {
      if (register.isGateway(entry) || register.isNamed(entry) || deps.isPresent?.(entry.id) === true)
        return false
      return isDue(entry, deviceOf(entry).role, register.missedMs(entry), forgetting)
    })
    return gone.map((entry) => {
      register.remember(entry)
      return { kind: 'forgotten', device: register.forget(entry) }
    })
  }

  /** The next birth and the next save carry it; for that alone there is none. */
  function ageIps6(): void {
    for (const entry of register.entries()) {
      const kept = turnover.aged6(entry, entry.ips6)
      if (kept.length === entry.ips6.length) continue
      entry.ips6 = [...kept]
      register.changed(entry)
    }
  }

  const optional = (entry: Entry | undefined) => (entry === undefined ? undefined : deviceOf(entry))

  return {
    saw(ip, mac, atMs, isStillUsed) {
      const known = register.byMac(mac)
      if (known === undefined) return sawStranger(ip, mac, atMs)
      known.seenAtMono = nowMono()
      left.forget(`${mac} ${ip}`)
      if (isSecondOfItsName(known, ip, mac, isStillUsed)) return splitOff(register, known, mac, ip, atMs)
      const [home] = known.ips
      if (home === ip || (known.ips.includes(ip) && isStillUsed(home ?? ip)))
        return { kind: 'known', device: deviceOf(known) }
      if (known.macs[0] !== mac) register.setMacs(known, [mac, ...known.macs])
      return moveTo(known, ip, atMs, isStillUsed)
    },
    saw6(ip, mac) {
      const entry = register.byMac(mac)
      const ips6 = entry && turnover.heard6(entry, entry.ips6, ip)
      if (entry === undefined || ips6 === undefined) return false
      entry.ips6 = [...ips6]
      register.changed(entry)
      return true
    },
    learn(mac, raw) {
      const evidence = { ...raw, key: toShortText(raw.key, 40), value: toShortText(raw.value, 200) }
      const entry = register.byMac(mac)
      if (entry === undefined) {
        const others = (unseen.get(mac) ?? []).filter((one) => slotOf(one) !== slotOf(evidence))
        // Who never comes (guests of another network whose DHCP is heard here) makes room for who may come now.
        unseen.delete(mac)
        unseen.set(mac, [...others, evidence].slice(-limits.evidence))
        const [oldest] = unseen.keys()
        if (unseen.size > limits.unseen && oldest !== undefined) unseen.delete(oldest)
        return false
      }
      if (entry.evidence.get(slotOf(evidence))?.value === evidence.value) return false
      if (!setEvidence(entry, evidence)) return false
      unsettled.add(entry.id)
      register.changed(entry)
      return true
    },
    drop(ip) {
      const entry = register.byIp(ip)
      if (entry === undefined || entry.ips.length < 2) return undefined
      const [first] = entry.ips
      for (const mac of entry.macs) left.note(`${mac} ${ip}`)
      register.setIps(
        entry,
        entry.ips.filter((other) => other !== ip),
      )
      const device = deviceOf(entry)
      const [to] = entry.ips
      return first === ip && to !== undefined
        ? { kind: 'moved', device, from: ip, to }
        : { kind: 'known', device }
    },
    hasLeft: (ip, mac) => left.has(`${mac} ${ip}`),
    reconcile(atMs, isAll = false) {
      if (isAll) ageIps6()
      // Beside what is new: silence alone decides about made-up MACs and, for a while, about newcomers.
      const isAnySilent = [...register.entries()].some(
        ({ id }) => register.silenceOf(id) >= identityRules.joinedAfterSilenceMs,
      )
      const ids = [...register.entries()].flatMap((entry) =>
        unsettled.has(entry.id) || (isAnySilent && (isYoung(entry) || (isAll && isMadeUp(entry))))
          ? [entry.id]
          : [],
      )
      unsettled.clear()
      const sightings = isAll ? forgetLongGone() : []
      for (const id of ids) {
        const entry = register.byId(id)
        if (entry !== undefined) sightings.push(...settle(register, entry, atMs))
      }
      return sightings
    },
    setGateways: register.setGateways,
    override: register.override,
    rebase: register.vouch,
    devices: () => [...register.entries()].map(deviceOf),
    byId: (id) => optional(register.byId(id)),
    byIp: (ip) => optional(register.byIp(ip)),
    byMac: (mac) => optional(register.byMac(mac)),
    historyOf: (id) => register.byId(id)?.history ?? register.pastById(id)?.history ?? [],
    figures: () => ({
      devices: [...register.entries()].length,
      past: register.pastCount(),
      refused: register.refused(),
      ignoredAddresses: turnover.ignored(),
    }),
    serialize: register.serialize,
  }
}
