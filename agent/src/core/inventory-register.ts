import type { Device, DeviceEvidence, DeviceOverride, EpochMs } from '@proactive/shared'
import { pickVictim } from './forgetting.ts'
import { type KnownDevice, type PastEvent, type Trait, traitsOf } from './identity.ts'
import type { InventoryDeps } from './inventory.ts'
import {
  describeEntry,
  type Entry,
  idFor,
  inventoryText,
  limits,
  type PastDevice,
  parseInventory,
  slotOf,
} from './inventory-entry.ts'
import { createMarks } from './marks.ts'

/** Who is known, by id, MAC and address; keeps its indexes right and its bounds. What belongs together is decided elsewhere. */
export interface Register {
  entries(): Iterable<Entry>
  byId(id: string | undefined): Entry | undefined
  byMac(mac: string): Entry | undefined
  byIp(ip: string): Entry | undefined
  pastById(id: string | undefined): PastDevice | undefined
  deviceOf(entry: Entry): Device
  /** Everybody who bears one of these traits or addresses, as identity sees them; devices of the past, which have no address, come last. */
  alike(traits: readonly Trait[], ips: readonly string[]): KnownDevice[]
  knownOf(entry: Entry): KnownDevice
  isGateway(entry: Entry): boolean
  isNamed(entry: Entry): boolean
  /** How long a device was not seen, while the agent ran. */
  missedMs(entry: Entry): number
  /** The same as far as anybody knows: 0 while it answers whoever watches it, endless for the past. */
  silenceOf(id: string, takenIps?: readonly string[]): number
  /** Takes in a device, or one that comes back; undefined where there is no room or number for it. */
  create(
    ip: string,
    mac: string,
    atMs: EpochMs,
    evidence: readonly DeviceEvidence[],
    past?: PastDevice,
  ): Entry | undefined
  /** Whether one more stranger may be taken in now; where not, that is counted. */
  hasRoomForStrangers(): boolean
  forget(entry: Entry): Device
  /** Keeps what makes a forgotten device known again; one-day phones without a name leave nothing. */
  remember(entry: Entry): void
  happened(entry: Entry, event: Omit<PastEvent, 'isUnsynced'>): void
  changed(entry: Entry): void
  /** Whether this address stands for this device now. */
  holds(entry: Entry, ip: string): boolean
  /** Gives an address to a device as its first; whoever had it loses it. */
  claimIp(ip: string, entry: Entry, atMs: EpochMs): void
  /** Replaces a device's addresses without a claim on others'. */
  setIps(entry: Entry, ips: readonly string[]): void
  setMacs(entry: Entry, macs: readonly string[]): void
  /** How long ago the device was taken in; undefined for one that a run before took in. */
  ageMs(entry: Entry): number | undefined
  setGateways(ips: ReadonlySet<string>): void
  override(overrides: readonly DeviceOverride[]): void
  vouch(shiftMs: number): void
  refused(): number
  pastCount(): number
  serialize(): string
}

/** A first inventory of four /22 at once; later as many as a busy restaurant's guest network brings. */
const newcomersAtOnce = 1_100
const newcomersPerMinute = 20

export function createRegister(deps: InventoryDeps, saved: string | undefined): Register {
  const nowMono = deps.nowMono ?? (() => 0)
  const isUnsynced = () => deps.clock?.() === 'unsynced'
  const startedAtMono = nowMono()
  const entryById = new Map<string, Entry>()
  /** Longest gone first. */
  const pastById = new Map<string, PastDevice>()
  const idByMac = new Map<string, string>()
  const idByIp = new Map<string, string>()
  /** When devices of this run were taken in. */
  const bornAtMono = new Map<string, number>()
  /** Events of this run with a stamp that nobody vouched for. */
  const unvouched = new WeakSet<PastEvent>()
  let overrideById = new Map<string, DeviceOverride>()
  let gatewayIps: ReadonlySet<string> = new Set()
  let cache = new Map<string, Device>()
  const knownCache = new Map<string, KnownDevice>()
  const marks = createMarks()
  /** Those whose marks may be others now. */
  const unmarked = new Set<string>()
  let refused = 0
  const newcomers = { left: newcomersAtOnce, atMono: startedAtMono }

  const restored = parseInventory(saved)
  for (const entry of restored.devices.slice(0, limits.devices)) {
    entryById.set(entry.id, entry)
    for (const mac of entry.macs) idByMac.set(mac, entry.id)
    for (const ip of entry.ips) idByIp.set(ip, entry.id)
    unmarked.add(entry.id)
  }
  for (const past of restored.past) {
    pastById.set(past.id, past)
    unmarked.add(past.id)
  }

  const byId = (id: string | undefined) => (id === undefined ? undefined : entryById.get(id))
  const isGateway = ({ ips }: Entry) => ips.some((ip) => gatewayIps.has(ip))
  const isNamed = ({ id }: Entry) => overrideById.has(id)
  const holds = ({ id }: Entry, ip: string) => idByIp.get(ip) === id
  const missedMs = ({ seenAtMono, missedBeforeMs }: Entry) =>
    seenAtMono === undefined ? missedBeforeMs + nowMono() - startedAtMono : nowMono() - seenAtMono

  function deviceOf(entry: Entry): Device {
    const cached = cache.get(entry.id)
    if (cached !== undefined) return cached
    const device = describeEntry(entry, isGateway(entry), overrideById.get(entry.id))
    cache.set(entry.id, device)
    return device
  }

  function changed({ id }: Entry): void {
    cache.delete(id)
    knownCache.delete(id)
    unmarked.add(id)
  }

  function knownOf(entry: Entry): KnownDevice {
    const cached = knownCache.get(entry.id)
    if (cached !== undefined) return cached
    const known = look(entry)
    knownCache.set(entry.id, known)
    return known
  }

  /** Where it answers, or answered last. */
  const placesOf = ({ ips, lastIp }: Entry) => (ips.length > 0 || lastIp === undefined ? ips : [lastIp])

  function look(entry: Entry): KnownDevice {
    // As evidence tells it: what a person said about one unit says nothing about another.
    const { role, vendor, model } = describeEntry(entry, false, undefined)
    const { id, traits, sharesName } = entry
    return {
      ...{ id, traits, sharesName, role },
      ips: placesOf(entry),
      ...(vendor === undefined ? {} : { vendor }),
      ...(model === undefined ? {} : { model }),
    }
  }

  /** An id is a device's, or one's of the past while it is forgotten. */
  function alike(traits: readonly Trait[], ips: readonly string[]): KnownDevice[] {
    for (const id of unmarked) {
      const entry = entryById.get(id)
      const own = entry === undefined ? [] : [...entry.traits, ...placesOf(entry).map((ip) => `ip ${ip}`)]
      marks.set(id, [...own, ...(pastById.get(id)?.traits ?? [])])
    }
    unmarked.clear()
    const ids = [...marks.bearersOf([...traits, ...ips.map((ip) => `ip ${ip}`)])]
    const past = ids.flatMap((id) => pastById.get(id) ?? [])
    return [
      ...ids.flatMap((id) => entryById.get(id) ?? []).map(knownOf),
      ...past.map(({ id, traits: own, sharesName }) => ({
        ...{ id, traits: own, sharesName, ips: [], role: 'unknown' },
      })),
    ]
  }

  function happened(entry: Entry, event: Omit<PastEvent, 'isUnsynced'>): void {
    const marked: PastEvent = isUnsynced() ? { ...event, isUnsynced: true } : event
    if (isUnsynced()) unvouched.add(marked)
    entry.history = [...entry.history, marked].slice(-limits.history)
  }

  function setIps(entry: Entry, ips: readonly string[]): void {
    for (const ip of entry.ips) if (holds(entry, ip) && !ips.includes(ip)) idByIp.delete(ip)
    entry.ips = ips.slice(0, limits.ips)
    for (const ip of entry.ips) idByIp.set(ip, entry.id)
    changed(entry)
  }

  function setMacs(entry: Entry, macs: readonly string[]): void {
    for (const mac of entry.macs) if (idByMac.get(mac) === entry.id) idByMac.delete(mac)
    entry.macs = [...new Set(macs)].slice(0, limits.macs)
    for (const mac of entry.macs) idByMac.set(mac, entry.id)
    changed(entry)
  }

  function claimIp(ip: string, entry: Entry, atMs: EpochMs): void {
    const holder = byId(idByIp.get(ip))
    if (holder !== undefined && holder !== entry) {
      happened(holder, { atMs, kind: 'ip-taken-over', before: ip, after: entry.id })
      if (holder.ips.length === 1) holder.lastIp = ip
      setIps(
        holder,
        holder.ips.filter((other) => other !== ip),
      )
    }
    setIps(entry, [ip, ...entry.ips.filter((other) => other !== ip)])
    entry.lastIp = undefined
  }

  function forget(entry: Entry): Device {
    const device = deviceOf(entry)
    entryById.delete(entry.id)
    for (const mac of entry.macs) if (idByMac.get(mac) === entry.id) idByMac.delete(mac)
    for (const ip of entry.ips) if (holds(entry, ip)) idByIp.delete(ip)
    changed(entry)
    bornAtMono.delete(entry.id)
    deps.retireAlias?.(entry.alias, device)
    return device
  }

  function remember(entry: Entry): void {
    const { id, firstSeenMs, macs, sharesName, history } = entry
    const traits = entry.traits.filter((trait) => !trait.startsWith('port '))
    if (traits.length === 0) return
    pastById.delete(id)
    pastById.set(id, { id, firstSeenMs, macs, traits, sharesName, history })
    unmarked.add(id)
    const [oldest] = pastById.keys()
    if (pastById.size <= limits.past || oldest === undefined) return
    pastById.delete(oldest)
    unmarked.add(oldest)
  }

  /** Somebody who makes up MACs by the thousand neither drives out who was there nor wears out the card. */
  function refill(): void {
    const now = nowMono()
    const gained = ((now - newcomers.atMono) / 60_000) * newcomersPerMinute
    newcomers.left = Math.min(newcomersAtOnce, newcomers.left + gained)
    newcomers.atMono = now
  }

  function makeRoom(): void {
    const roleOf = (entry: Entry) => deviceOf(entry).role
    const victim = pickVictim(entryById.values(), { isGateway, isTold: isNamed, roleOf, missedMs })
    if (victim === undefined) return
    remember(victim)
    forget(victim)
  }

  /** Times nobody vouched for: those of this run are moved; of those of runs before only "not later than now" is known. */
  function vouch(shiftMs: number): void {
    const moved = (atMs: EpochMs) => Math.max(0, Math.round(atMs + shiftMs))
    for (const entry of entryById.values()) {
      if (entry.isUnsynced) {
        entry.firstSeenMs = bornAtMono.has(entry.id)
          ? moved(entry.firstSeenMs)
          : (deps.wall?.() ?? entry.firstSeenMs)
        entry.isUnsynced = false
        changed(entry)
      }
      entry.history = entry.history.map((event) => {
        if (!unvouched.has(event)) return event
        const { isUnsynced: _, ...rest } = event
        return { ...rest, atMs: moved(event.atMs) }
      })
    }
  }

  if (!isUnsynced()) vouch(0)

  return {
    entries: () => entryById.values(),
    byId,
    byMac: (mac) => byId(idByMac.get(mac)),
    byIp: (ip) => byId(idByIp.get(ip)),
    pastById: (id) => (id === undefined ? undefined : pastById.get(id)),
    deviceOf,
    knownOf,
    alike,
    isGateway,
    isNamed,
    missedMs,
    silenceOf(id, takenIps = []) {
      const entry = entryById.get(id)
      if (entry === undefined) return Number.POSITIVE_INFINITY
      const isElsewhere = entry.ips.some((ip) => !takenIps.includes(ip))
      return isElsewhere && deps.isPresent?.(id) === true ? 0 : missedMs(entry)
    },
    create(ip, mac, atMs, evidence, past) {
      refill()
      const isDue = newcomers.left >= 1
      if (isDue && entryById.size >= limits.devices) makeRoom()
      const alias = isDue && entryById.size < limits.devices ? deps.nextAlias() : undefined
      if (alias === undefined) {
        refused++
        return undefined
      }
      newcomers.left--
      const isTaken = (id: string) => entryById.has(id) || pastById.has(id)
      const older = (past?.macs ?? []).filter((other) => other !== mac && !idByMac.has(other))
      const entry: Entry = {
        alias,
        id: past?.id ?? idFor(mac, evidence, isTaken),
        firstSeenMs: past?.firstSeenMs ?? atMs,
        macs: [],
        ips: [],
        lastIp: undefined,
        ips6: [],
        evidence: new Map(evidence.slice(0, limits.evidence).map((one) => [slotOf(one), one])),
        traits: [],
        sharesName: past?.sharesName ?? false,
        history: past?.history ?? [],
        seenAtMono: nowMono(),
        missedBeforeMs: 0,
        isUnsynced: past === undefined && isUnsynced(),
      }
      if (past !== undefined) pastById.delete(past.id)
      entryById.set(entry.id, entry)
      bornAtMono.set(entry.id, nowMono())
      setMacs(entry, [mac, ...older])
      entry.traits = traitsOf(entry.macs, evidence)
      happened(entry, { atMs, kind: past === undefined ? 'seen-first' : 'seen-again', after: ip })
      claimIp(ip, entry, atMs)
      return entry
    },
    hasRoomForStrangers() {
      refill()
      if (newcomers.left < 1) refused++
      return newcomers.left >= 1
    },
    forget,
    remember,
    happened,
    changed,
    holds,
    claimIp,
    setIps,
    setMacs,
    ageMs({ id }) {
      const born = bornAtMono.get(id)
      return born === undefined ? undefined : nowMono() - born
    },
    setGateways(ips) {
      // Said again at each change of the LAN: what every device looks like is not made anew for that.
      if (ips.size === gatewayIps.size && [...ips].every((ip) => gatewayIps.has(ip))) return
      gatewayIps = ips
      cache = new Map()
    },
    override(overrides) {
      overrideById = new Map(overrides.map((one) => [one.deviceId, one]))
      cache = new Map()
    },
    vouch,
    refused: () => refused,
    pastCount: () => pastById.size,
    serialize: () => inventoryText(entryById.values(), pastById.values(), missedMs),
  }
}
