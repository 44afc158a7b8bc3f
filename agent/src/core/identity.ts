import type { DeviceEvidence, EpochMs } from '@proactive/shared'
import { isLocallyAdministered } from '../rules/vendors.ts'

/**
 * Which device a sighting belongs to, when addresses change. Pure reducer over what is known; the strongest kind of evidence decides:
 * a serial number is the device itself, a burnt-in MAC nearly so, names and places are only hints that must agree.
 */

/** What one sighting tells about who it is. */
export interface Sighted {
  readonly atMs: EpochMs
  readonly ip: string
  readonly mac: string
  readonly evidence: readonly DeviceEvidence[]
  /** Role and model as the rules tell them now, for "the same kind of thing in the same place". */
  readonly role: string
  readonly model?: string
}

/** Where a device stands: a switch port is a place, an IP address only where it was given by reservation or by hand. */
export type Trait =
  | `serial ${string}`
  | `mac ${string}`
  | `client ${string}`
  | `name ${string}`
  | `port ${string}`

/** One entry of a device's past. */
export interface PastEvent {
  readonly atMs: EpochMs
  readonly kind:
    | 'seen-first'
    | 'address-changed'
    | 'mac-changed'
    | 'moved-port'
    | 'replaced'
    | 'ip-taken-over'
  readonly before?: string
  readonly after?: string
}

/** A device as it is known: its id never changes, everything else may. */
export interface KnownDevice {
  readonly id: string
  readonly role: string
  readonly model?: string
  readonly ip: string
  readonly traits: readonly Trait[]
  readonly lastSeenMs: EpochMs
  readonly history: readonly PastEvent[]
}

/** What {@link recognize} made of a sighting. */
export interface Recognition {
  readonly device: KnownDevice
  readonly isNew: boolean
  /** What happened to this device now; also the last entries of its history. */
  readonly events: readonly PastEvent[]
  /** The device that held this IP address until now and is another one. */
  readonly displaced?: string
  /** The device that this one stands in for: same place and model, other serial or MAC. */
  readonly replaces?: string
}

export interface IdentityRules {
  /** A device silent for this long may have been replaced by one that appears in its place. */
  readonly replacedAfterSilenceMs: number
  /** Entries of history that are kept. */
  readonly historyLength: number
}

/** Two minutes: longer than a terminal's restart (60–90 s), shorter than the swap of a till takes to be noticed. */
export const identityRules: IdentityRules = { replacedAfterSilenceMs: 120_000, historyLength: 32 }

/**
 * Finds the device of a sighting among those known, or makes a new one with `newId`.
 * @param newId a stable id that no device has; used only for a new one
 */
export function recognize(
  known: readonly KnownDevice[],
  sighted: Sighted,
  newId: string,
  rules: IdentityRules = identityRules,
): Recognition {
  const traits = traitsOf(sighted)
  const match = findSame(known, traits)
  const holder = known.find((one) => one.ip === sighted.ip && one.id !== match?.id)
  if (match !== undefined) return update(match, sighted, traits, holder, rules)
  const replaced = findReplaced(known, sighted, traits, rules)
  const first: PastEvent =
    replaced === undefined
      ? { atMs: sighted.atMs, kind: 'seen-first', after: sighted.ip }
      : { atMs: sighted.atMs, kind: 'replaced', before: nameOf(replaced), after: traits[0] ?? sighted.mac }
  return {
    device: {
      id: newId,
      role: sighted.role,
      ...(sighted.model === undefined ? {} : { model: sighted.model }),
      ip: sighted.ip,
      traits,
      lastSeenMs: sighted.atMs,
      history: [first],
    },
    isNew: true,
    events: [first],
    ...(holder === undefined ? {} : { displaced: holder.id }),
    ...(replaced === undefined ? {} : { replaces: replaced.id }),
  }
}

/** Strongest first: what a device cannot lose, what it seldom changes, what it is called, where it is plugged in. */
export function traitsOf({ mac, evidence }: Pick<Sighted, 'mac' | 'evidence'>): Trait[] {
  const told = (key: string) => {
    const value = evidence.find((one) => one.key === key)?.value.trim()
    return value === undefined || value === '' ? [] : [value]
  }
  return [
    ...told('serial').map((serial): Trait => `serial ${serial}`),
    ...(isLocallyAdministered(mac) ? [] : [`mac ${mac}` as const]),
    ...told('clientId').map((id): Trait => `client ${id}`),
    ...[...told('hostname'), ...told('mdnsName')].map((name): Trait => `name ${name.toLowerCase()}`),
    ...told('switchPort').map((port): Trait => `port ${port}`),
  ]
}

/** Serial, then burnt-in MAC, then DHCP client id; a name only while nothing stronger contradicts. A port is a place, no identity. */
function findSame(known: readonly KnownDevice[], traits: readonly Trait[]): KnownDevice | undefined {
  for (const kind of ['serial', 'mac', 'client', 'name']) {
    const mine = traits.filter((trait) => trait.startsWith(`${kind} `))
    const same = known.filter(
      (one) => mine.some((trait) => one.traits.includes(trait)) && !contradicts(one, traits),
    )
    // Two devices of one name: neither is taken for this one.
    if (same.length === 1) return same[0]
  }
  return undefined
}

/** Another serial is another device; so is another burnt-in MAC where no serial says otherwise. */
function contradicts(one: KnownDevice, traits: readonly Trait[]): boolean {
  const differs = (kind: string) => {
    const mine = traits.filter((trait) => trait.startsWith(`${kind} `))
    const theirs = one.traits.filter((trait) => trait.startsWith(`${kind} `))
    return {
      isKnown: mine.length > 0 && theirs.length > 0,
      isOther: !mine.some((trait) => theirs.includes(trait)),
    }
  }
  const serial = differs('serial')
  if (serial.isKnown) return serial.isOther
  const mac = differs('mac')
  return mac.isKnown && mac.isOther
}

function update(
  device: KnownDevice,
  sighted: Sighted,
  traits: readonly Trait[],
  holder: KnownDevice | undefined,
  rules: IdentityRules,
): Recognition {
  const { atMs } = sighted
  const events: PastEvent[] = []
  const changed = (kind: PastEvent['kind'], prefix: string) => {
    const before = device.traits.find((trait) => trait.startsWith(`${prefix} `))
    const after = traits.find((trait) => trait.startsWith(`${prefix} `))
    if (before !== undefined && after !== undefined && before !== after)
      events.push({ atMs, kind, before, after })
  }
  if (device.ip !== sighted.ip)
    events.push({ atMs, kind: 'address-changed', before: device.ip, after: sighted.ip })
  if (holder !== undefined) events.push({ atMs, kind: 'ip-taken-over', before: holder.id, after: device.id })
  changed('mac-changed', 'mac')
  changed('moved-port', 'port')
  const kinds = new Set(traits.map(kindOf))
  return {
    device: {
      ...device,
      role: sighted.role === 'unknown' ? device.role : sighted.role,
      ...(sighted.model === undefined ? {} : { model: sighted.model }),
      ip: sighted.ip,
      traits: [...traits, ...device.traits.filter((trait) => !kinds.has(kindOf(trait)))],
      lastSeenMs: atMs,
      history: [...device.history, ...events].slice(-rules.historyLength),
    },
    isNew: false,
    events,
    ...(holder === undefined ? {} : { displaced: holder.id }),
  }
}

/** The same kind of thing appears where another fell silent: same role and model, same port or name, else same IP address. */
function findReplaced(
  known: readonly KnownDevice[],
  sighted: Sighted,
  traits: readonly Trait[],
  rules: IdentityRules,
): KnownDevice | undefined {
  if (sighted.role === 'unknown') return undefined
  const places = traits.filter((trait) => kindOf(trait) === 'port' || kindOf(trait) === 'name')
  return known.find((one) => {
    const isSilent = sighted.atMs - one.lastSeenMs >= rules.replacedAfterSilenceMs
    const isSameKind = one.role === sighted.role && one.model === sighted.model
    const isSamePlace = places.some((place) => one.traits.includes(place)) || one.ip === sighted.ip
    return isSilent && isSameKind && isSamePlace && contradicts(one, traits)
  })
}

const kindOf = (trait: Trait): string => trait.slice(0, trait.indexOf(' '))

const nameOf = (device: KnownDevice): string => device.traits[0] ?? device.id
