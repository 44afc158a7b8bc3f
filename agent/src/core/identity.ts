import type { DeviceEvidence, EpochMs } from '@proactive/shared'
import { isLocallyAdministered } from '../rules/vendors.ts'

/**
 * Which device a sighting belongs to, when addresses change. Pure; the strongest kind of evidence decides: a serial number is the
 * device itself, a burnt-in MAC nearly so, a DHCP client id outlives made-up MACs, names and places are only hints that must agree.
 */

/** What one sighting tells about who it is. */
export interface Sighted {
  readonly ip: string
  readonly mac: string
  readonly evidence: readonly DeviceEvidence[]
  /** Role, vendor and model as the rules tell them now, for "the same kind of thing in the same place". */
  readonly role: string
  readonly vendor?: string
  readonly model?: string
}

export type TraitKind = 'serial' | 'mac' | 'client' | 'name' | 'port'
/** One thing that tells devices apart; a switch port is a place, no identity. */
export type Trait = `${TraitKind} ${string}`

/** One entry of a device's past. */
export interface PastEvent {
  readonly atMs: EpochMs
  readonly kind:
    | 'seen-first'
    | 'address-changed'
    | 'mac-changed'
    | 'moved-port'
    | 'ip-taken-over'
    /** It stands where another one stood: same place and model, other serial or MAC. */
    | 'replaced'
    /** Another one stands in its place now. */
    | 'replaced-by'
    /** Two that were known apart are one. */
    | 'joined'
    /** One that was known as one are two. */
    | 'split'
    | 'seen-again'
  readonly before?: string
  readonly after?: string
  /** The stamp was made by a clock nobody vouched for. */
  readonly isUnsynced?: true
}

/** A device as identity sees it. */
export interface KnownDevice {
  readonly id: string
  readonly role: string
  readonly vendor?: string
  readonly model?: string
  /** Where it answers, or answered last. */
  readonly ips: readonly string[]
  readonly traits: readonly Trait[]
  /** Others were seen to bear the same name or client id at the same time: neither tells this one apart. */
  readonly sharesName: boolean
}

/** What {@link recognize} made of a sighting. */
export interface Recognition {
  /** The device it is; none = one that was never seen. */
  readonly same?: KnownDevice
  /** The device that held this IP address until now and is another one. */
  readonly displaced?: KnownDevice
  /** The device that a new one stands in for: same place and model, other serial or MAC. */
  readonly replaces?: KnownDevice
}

export interface IdentityRules {
  /** A device silent for this long may have been replaced by one that appears in its place. */
  readonly replacedAfterSilenceMs: number
  /** A name or client id under another MAC is the same device once the old MAC is silent for this long; at the same time it is two. */
  readonly joinedAfterSilenceMs: number
}

/** Two minutes: longer than a terminal's restart (60–90 s), shorter than the swap of a till takes to be noticed. */
export const identityRules: IdentityRules = { replacedAfterSilenceMs: 120_000, joinedAfterSilenceMs: 60_000 }

/** How long a device has been silent, ms; answers from `takenIps` do not count: another one speaks from there. */
export type Silence = (id: string, takenIps?: readonly string[]) => number

/** Finds the device of a sighting among those known, and whom it drives out or stands in for. */
export function recognize(
  known: readonly KnownDevice[],
  sighted: Sighted,
  silenceOf: Silence,
  rules: IdentityRules = identityRules,
): Recognition {
  const traits = traitsOf([sighted.mac], sighted.evidence)
  const same = findSame(known, { id: '', traits, sharesName: false }, silenceOf, rules)
  const displaced = known.find((one) => one.ips.includes(sighted.ip) && one.id !== same?.id)
  const replaces =
    same === undefined
      ? findReplaced(known, { ...sighted, id: '', ips: [sighted.ip], traits }, silenceOf, rules)
      : undefined
  return {
    ...(same === undefined ? {} : { same }),
    ...(displaced === undefined ? {} : { displaced }),
    ...(replaces === undefined ? {} : { replaces }),
  }
}

/** Whose word on a serial number counts: the device when it was asked, and people; not what anybody may announce. */
const serialSources: readonly DeviceEvidence['source'][] = ['technician', 'config', 'snmp']

/** Strongest first: what a device cannot lose, what it seldom changes, what it is called, where it is plugged in. */
export function traitsOf(macs: readonly string[], evidence: readonly DeviceEvidence[]): Trait[] {
  const told = (key: string) => {
    const value = evidence.find((one) => one.key === key)?.value.trim()
    return value === undefined || value === '' ? [] : [value]
  }
  const serials = serialSources.flatMap((source) =>
    evidence.flatMap((one) => (one.source === source && one.key === 'serial' ? [one.value.trim()] : [])),
  )
  return [
    ...serials
      .filter(isTelling)
      .slice(0, 1)
      .map((serial): Trait => `serial ${serial}`),
    ...macs.filter((mac) => !isLocallyAdministered(mac)).map((mac): Trait => `mac ${mac}`),
    ...told('clientId').map((id): Trait => `client ${id}`),
    ...told('hostname').map((name): Trait => `name ${name.toLowerCase()}`),
    ...told('switchPort').map((port): Trait => `port ${port}`),
  ]
}

/** What makers leave in the field when they do not number their devices is no serial number. */
function isTelling(serial: string): boolean {
  const letters = serial.toLowerCase().replace(/[^a-z0-9]/g, '')
  if (letters.length < 3 || new Set(letters).size < 2) return false
  return !/^(?:none|null|unknown|default|notset|na|serial(?:number)?|0?123456789?0?|tobefilledbyoem)$/.test(
    letters,
  )
}

type Bearer = Pick<KnownDevice, 'id' | 'traits' | 'sharesName'>

/**
 * Another known device that is this one: by serial, then burnt-in MAC, then DHCP client id, then name. The last two only where one of both is
 * silent, and names only between devices that make up their MACs: whoever joins a LAN may call himself what he likes.
 */
export function findSame(
  known: readonly KnownDevice[],
  mine: Bearer,
  silenceOf: Silence,
  rules: IdentityRules = identityRules,
): KnownDevice | undefined {
  const others = known.filter((one) => one.id !== mine.id)
  for (const kind of ['serial', 'mac', 'client', 'name'] as const) {
    const own = ofKind(mine.traits, kind)
    const bearers = others.filter((one) => own.some((trait) => one.traits.includes(trait)))
    // Two devices of one name: neither is taken for this one.
    const [same] = bearers
    if (same === undefined || bearers.length > 1 || contradicts(same.traits, mine.traits)) continue
    if (kind === 'serial' || kind === 'mac') return same
    const isOneSilent = [same.id, ...(mine.id === '' ? [] : [mine.id])].some(
      (id) => silenceOf(id) >= rules.joinedAfterSilenceMs,
    )
    if (!isOneSilent || same.sharesName || mine.sharesName) continue
    const areMade = ofKind([...same.traits, ...mine.traits], 'mac').length === 0
    if (kind === 'client' || areMade) return same
  }
  return undefined
}

/** Another serial is another device; so is another burnt-in MAC where no serial says otherwise. */
function contradicts(theirs: readonly Trait[], mine: readonly Trait[]): boolean {
  for (const kind of ['serial', 'mac'] as const) {
    const [a, b] = [ofKind(theirs, kind), ofKind(mine, kind)]
    if (a.length > 0 && b.length > 0) return !a.some((trait) => b.includes(trait))
  }
  return false
}

/** Whether a device whose evidence changed is another unit behind the same address: a terminal swapped on its dock. */
export function isOtherUnit(before: readonly Trait[], after: readonly Trait[]): boolean {
  const [a, b] = [ofKind(before, 'serial'), ofKind(after, 'serial')]
  return a.length > 0 && b.length > 0 && a[0] !== b[0]
}

/**
 * Whom a device stands in for: the same kind of thing, silent by now, in the same place – the same port or name, else the same address – and
 * certainly another unit.
 */
export function findReplaced(
  known: readonly KnownDevice[],
  mine: Pick<KnownDevice, 'id' | 'role' | 'vendor' | 'model' | 'ips' | 'traits'>,
  silenceOf: Silence,
  rules: IdentityRules = identityRules,
): KnownDevice | undefined {
  if (mine.role === 'unknown') return undefined
  const places = mine.traits.filter((trait) => trait.startsWith('port ') || trait.startsWith('name '))
  return known.find((one) => {
    if (one.id === mine.id || one.role !== mine.role) return false
    if (!isNotOther(one.vendor, mine.vendor) || !isNotOther(one.model, mine.model)) return false
    const isSamePlace =
      places.some((place) => one.traits.includes(place)) || one.ips.some((ip) => mine.ips.includes(ip))
    return (
      isSamePlace &&
      silenceOf(one.id, mine.ips) >= rules.replacedAfterSilenceMs &&
      contradicts(one.traits, mine.traits)
    )
  })
}

/** The same, or not known of one of them. */
const isNotOther = (a: string | undefined, b: string | undefined) =>
  a === undefined || b === undefined || a === b

/** What changed of a device's standing between two looks at its evidence. */
export function changesOf(before: readonly Trait[], after: readonly Trait[], atMs: EpochMs): PastEvent[] {
  const events: PastEvent[] = []
  const note = (kind: PastEvent['kind'], of: TraitKind) => {
    const [a, b] = [ofKind(before, of), ofKind(after, of)]
    if (a.length > 0 && b.length > 0 && !b.some((trait) => a.includes(trait)))
      events.push({ atMs, kind, before: valueIn(a[0]), after: valueIn(b[0]) })
  }
  note('mac-changed', 'mac')
  note('moved-port', 'port')
  return events
}

/** What a unit is called in its history: its serial, else its MAC, else its id. */
export function unitName(traits: readonly Trait[], fallback: string): string {
  return traits[0] ?? fallback
}

export function ofKind(traits: readonly Trait[], kind: TraitKind): Trait[] {
  return traits.filter((trait) => trait.startsWith(`${kind} `))
}

const valueIn = (trait: Trait | undefined) => trait?.slice(trait.indexOf(' ') + 1) ?? ''
