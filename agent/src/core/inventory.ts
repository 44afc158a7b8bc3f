import {
  type Device,
  type DeviceEvidence,
  type DeviceOverride,
  deviceSchema,
  type EpochMs,
  fingerprint,
  toShortText,
} from '@proactive/shared'
import { z } from 'zod'
import { isLocallyAdministered, vendorOf } from '../rules/vendors.ts'
import { guessProduct } from './product.ts'

/** What is kept of a device; its {@link Device} is made from it when asked for. */
interface Entry {
  readonly alias: number
  readonly id: string
  readonly firstSeenMs: EpochMs
  macs: string[]
  /** Current address first. */
  ips: string[]
  readonly evidence: Map<string, DeviceEvidence>
  /** When it answered last in this run; 0 = not yet. */
  seenAtMs: EpochMs
}

export interface InventoryDeps {
  /** Gives the next alias and remembers for ever that it was given. */
  readonly nextAlias: () => number
}

/** What seeing an address did to the inventory. */
export type Sighting =
  | { readonly kind: 'known'; readonly device: Device }
  | { readonly kind: 'new'; readonly device: Device }
  | { readonly kind: 'moved'; readonly device: Device; readonly from: string; readonly to: string }

/** The devices of the Location: a MAC (or better evidence) makes the identity, an IP address is an attribute. */
export interface Inventory {
  /** An address answered with this MAC. `isStillUsed` tells whether an older address of the same device answers too. */
  saw(ip: string, mac: string, atMs: EpochMs, isStillUsed: (ip: string) => boolean): Sighting
  /** Notes what is known about a MAC; true when that changed the device's picture. For MACs not seen yet it is kept for when they are. */
  learn(mac: string, evidence: DeviceEvidence): boolean
  /** An address does not answer any more: a device that has another one keeps only that. Its last address is never taken. */
  drop(ip: string): Sighting | undefined
  setGateways(ips: ReadonlySet<string>): void
  override(overrides: readonly DeviceOverride[]): void
  devices(): readonly Device[]
  byId(id: string): Device | undefined
  byIp(ip: string): Device | undefined
  byMac(mac: string): Device | undefined
  serialize(): string
}

const maxDevices = 1_000
const maxIps = 4
const maxMacs = 8
const maxEvidence = 12
const maxUnseen = 512

const savedSchema = z.array(
  deviceSchema.pick({ alias: true, id: true, firstSeenMs: true, macs: true, ips: true, evidence: true }),
)

/** An inventory, taking over what `serialize` gave earlier; text that is none is ignored. */
export function createInventory(deps: InventoryDeps, saved?: string): Inventory {
  const entryById = new Map<string, Entry>()
  const idByMac = new Map<string, string>()
  const idByIp = new Map<string, string>()
  /** Evidence about MACs that did not answer yet (DHCP speaks before ARP). */
  const unseen = new Map<string, DeviceEvidence[]>()
  let overrideById = new Map<string, DeviceOverride>()
  let gatewayIps: ReadonlySet<string> = new Set()
  let cache = new Map<string, Device>()

  for (const item of parseSaved(saved)) {
    const evidence = new Map(item.evidence.map((one) => [`${one.source} ${one.key}`, one]))
    entryById.set(item.id, { ...item, evidence, seenAtMs: 0 })
    for (const mac of item.macs) idByMac.set(mac, item.id)
    for (const ip of item.ips) idByIp.set(ip, item.id)
  }

  function deviceOf(entry: Entry): Device {
    const cached = cache.get(entry.id)
    if (cached !== undefined) return cached
    const device = describe(entry)
    cache.set(entry.id, device)
    return device
  }

  function describe({ alias, id, firstSeenMs, macs, ips, evidence }: Entry): Device {
    const isGateway = ips.some((ip) => gatewayIps.has(ip))
    const all = [...evidence.values()]
    const { role, vendor, model, version, name, serial, confidence } = guessProduct(all, isGateway)
    const told = overrideById.get(id)
    const pick = <K extends 'name' | 'vendor' | 'model'>(key: K, guessed: string | undefined) => {
      const text = told?.[key] ?? guessed
      return text === undefined ? {} : { [key]: toShortText(text, 80) }
    }
    return {
      alias,
      id,
      role: told?.role ?? role,
      ...pick('name', name),
      ...pick('vendor', vendor),
      ...pick('model', model),
      ...(version === undefined ? {} : { version: toShortText(version, 80) }),
      ...(serial === undefined ? {} : { serial: toShortText(serial, 80) }),
      confidence: told?.role === undefined ? confidence : 1,
      ips: [...ips],
      macs: [...macs],
      isSleeper: told?.isSleeper ?? false,
      isGateway,
      firstSeenMs,
      evidence: all,
    }
  }

  function create(ip: string, mac: string, atMs: EpochMs, evidence: readonly DeviceEvidence[]): Entry {
    const entry: Entry = {
      alias: deps.nextAlias(),
      id: identify(mac, evidence),
      firstSeenMs: atMs,
      macs: [mac],
      ips: [ip],
      evidence: new Map(evidence.map((one) => [`${one.source} ${one.key}`, one])),
      seenAtMs: atMs,
    }
    entryById.set(entry.id, entry)
    return entry
  }

  function claimIp(ip: string, entry: Entry): void {
    const holder = entryById.get(idByIp.get(ip) ?? '')
    if (holder !== undefined && holder !== entry) {
      holder.ips = holder.ips.filter((other) => other !== ip)
      cache.delete(holder.id)
    }
    idByIp.set(ip, entry.id)
    cache.delete(entry.id)
  }

  return {
    saw(ip, mac, atMs, isStillUsed) {
      const known = entryById.get(idByMac.get(mac) ?? '')
      if (known !== undefined) {
        known.seenAtMs = atMs
        if (known.ips[0] === ip || (known.ips.includes(ip) && isStillUsed(known.ips[0] ?? ip))) {
          return { kind: 'known', device: deviceOf(known) }
        }
        const from = known.ips[0]
        const kept = known.ips.filter((other) => other !== ip && isStillUsed(other))
        const isMove = from !== undefined && !kept.includes(from)
        for (const gone of known.ips) if (gone !== ip && !kept.includes(gone)) idByIp.delete(gone)
        known.ips = isMove ? [ip, ...kept].slice(0, maxIps) : [...kept, ip].slice(0, maxIps)
        claimIp(ip, known)
        const device = deviceOf(known)
        return isMove ? { kind: 'moved', device, from, to: ip } : { kind: 'known', device }
      }
      const evidence = [...(unseen.get(mac) ?? []), ...registryEvidence(mac)]
      unseen.delete(mac)
      const twin = entryById.get(identify(mac, evidence))
      if (twin !== undefined) {
        // The same device under another made-up MAC.
        twin.seenAtMs = atMs
        twin.macs = [mac, ...twin.macs.filter((other) => other !== mac)].slice(0, maxMacs)
        idByMac.set(mac, twin.id)
        const from = twin.ips[0] ?? ip
        twin.ips = [ip]
        claimIp(ip, twin)
        const device = deviceOf(twin)
        return from === ip ? { kind: 'known', device } : { kind: 'moved', device, from, to: ip }
      }
      if (entryById.size >= maxDevices) forgetLongestUnseen()
      const entry = create(ip, mac, atMs, evidence)
      idByMac.set(mac, entry.id)
      claimIp(ip, entry)
      return { kind: 'new', device: deviceOf(entry) }
    },
    learn(mac, raw) {
      const evidence = { ...raw, key: toShortText(raw.key, 40), value: toShortText(raw.value, 200) }
      const entry = entryById.get(idByMac.get(mac) ?? '')
      if (entry === undefined) {
        if (unseen.size < maxUnseen || unseen.has(mac)) {
          const others = (unseen.get(mac) ?? []).filter(
            ({ source, key }) => source !== evidence.source || key !== evidence.key,
          )
          unseen.set(mac, [...others, evidence].slice(-maxEvidence))
        }
        return false
      }
      const slot = `${evidence.source} ${evidence.key}`
      if (entry.evidence.get(slot)?.value === evidence.value) return false
      if (!entry.evidence.has(slot) && entry.evidence.size >= maxEvidence) return false
      entry.evidence.set(slot, evidence)
      cache.delete(entry.id)
      return true
    },
    drop(ip) {
      const entry = entryById.get(idByIp.get(ip) ?? '')
      if (entry === undefined || entry.ips.length < 2) return undefined
      const [first] = entry.ips
      entry.ips = entry.ips.filter((other) => other !== ip)
      idByIp.delete(ip)
      cache.delete(entry.id)
      const device = deviceOf(entry)
      const to = entry.ips[0]
      return first === ip && to !== undefined
        ? { kind: 'moved', device, from: ip, to }
        : { kind: 'known', device }
    },
    setGateways(ips) {
      gatewayIps = ips
      cache = new Map()
    },
    override(overrides) {
      overrideById = new Map(overrides.map((one) => [one.deviceId, one]))
      cache = new Map()
    },
    devices: () => [...entryById.values()].map(deviceOf),
    byId: (id) => optional(entryById.get(id)),
    byIp: (ip) => optional(entryById.get(idByIp.get(ip) ?? '')),
    byMac: (mac) => optional(entryById.get(idByMac.get(mac) ?? '')),
    serialize: () =>
      JSON.stringify(
        [...entryById.values()].map(({ alias, id, firstSeenMs, macs, ips, evidence }) => ({
          alias,
          id,
          firstSeenMs,
          macs,
          ips,
          evidence: [...evidence.values()],
        })),
      ),
  }

  function optional(entry: Entry | undefined): Device | undefined {
    return entry === undefined ? undefined : deviceOf(entry)
  }

  /** Makes room; never at the cost of a gateway: phones that change their MAC come and go, the router was there first. */
  function forgetLongestUnseen(): void {
    let oldest: Entry | undefined
    for (const entry of entryById.values()) {
      if (entry.ips.some((ip) => gatewayIps.has(ip))) continue
      if (oldest === undefined || entry.seenAtMs < oldest.seenAtMs) oldest = entry
    }
    if (oldest === undefined) return
    entryById.delete(oldest.id)
    for (const mac of oldest.macs) idByMac.delete(mac)
    for (const ip of oldest.ips) idByIp.delete(ip)
    cache.delete(oldest.id)
  }
}

/** The stable id: the MAC, unless it is made up and something steadier is known (design §4). */
function identify(mac: string, evidence: readonly DeviceEvidence[]): string {
  if (isLocallyAdministered(mac)) {
    const steady =
      evidence.find(({ key }) => key === 'clientId') ?? evidence.find(({ key }) => key === 'hostname')
    if (steady !== undefined && steady.value !== '')
      return `dhcp-${fingerprint([steady.key, steady.value], 16)}`
  }
  return `mac-${mac.replaceAll(':', '')}`
}

function registryEvidence(mac: string): DeviceEvidence[] {
  const vendor = vendorOf(mac)
  return vendor === undefined ? [] : [{ source: 'oui', key: 'vendor', value: vendor }]
}

function parseSaved(saved: string | undefined) {
  if (saved === undefined) return []
  try {
    const parsed = savedSchema.safeParse(JSON.parse(saved))
    return parsed.success ? parsed.data : []
  } catch {
    return []
  }
}
