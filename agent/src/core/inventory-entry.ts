import {
  type Device,
  type DeviceEvidence,
  type DeviceOverride,
  deviceSchema,
  type EpochMs,
  fingerprint,
  type MonotonicMs,
  toShortText,
} from '@proactive/shared'
import { z } from 'zod'
import { isLocallyAdministered, vendorOf } from '../rules/vendors.ts'
import { mostIps6 } from './address-turnover.ts'
import { attachmentKey, readAttachment } from './attachments.ts'
import { type PastEvent, type Trait, traitsOf } from './identity.ts'
import { guessProduct } from './product.ts'

/** What is kept of a device; its {@link Device} is made from it when asked for. */
export interface Entry {
  readonly alias: number
  readonly id: string
  firstSeenMs: EpochMs
  /** Latest first. */
  macs: string[]
  /** Current address first. */
  ips: string[]
  /** Where it was, while another device has its only address. */
  lastIp: string | undefined
  /** IPv6 addresses of the same MAC, latest first. */
  ips6: string[]
  readonly evidence: Map<string, DeviceEvidence>
  /** As identity knew it when it last looked. */
  traits: readonly Trait[]
  sharesName: boolean
  history: readonly PastEvent[]
  /** When it answered last in this run. */
  seenAtMono: MonotonicMs | undefined
  /** How long runs before this one missed it, since it was last seen. */
  readonly missedBeforeMs: number
  /** `firstSeenMs` was made by a clock nobody vouched for. */
  isUnsynced: boolean
}

/** What is kept of a device that is not there any more, so that it is known again when it comes back. */
export type PastDevice = Pick<Entry, 'id' | 'firstSeenMs' | 'macs' | 'traits' | 'sharesName' | 'history'>

export const limits = {
  devices: 1_000,
  ips: 4,
  ips6: mostIps6,
  macs: 8,
  evidence: 24,
  /** Of one source, so that who announces much leaves room for what others tell. */
  evidenceOfSource: 10,
  history: 32,
  past: 200,
  /** MACs that were spoken of and did not answer yet. */
  unseen: 512,
} as const

const pastEventSchema = z.object({
  atMs: z.int(),
  kind: z.enum([
    'seen-first',
    'address-changed',
    'mac-changed',
    'moved-port',
    'ip-taken-over',
    'replaced',
    'replaced-by',
    'joined',
    'split',
    'seen-again',
  ]),
  before: z.string().max(300).optional(),
  after: z.string().max(300).optional(),
  isUnsynced: z.literal(true).optional(),
})
const traitSchema = z.templateLiteral([
  z.enum(['serial', 'mac', 'client', 'name', 'port']),
  z.literal(' '),
  z.string(),
])
const pastSchema = deviceSchema.pick({ id: true, firstSeenMs: true, macs: true }).extend({
  traits: z.array(traitSchema).max(32).default([]),
  sharesName: z.boolean().default(false),
  history: z.array(pastEventSchema).max(limits.history).default([]),
})
const entrySchema = pastSchema.extend({
  alias: deviceSchema.shape.alias,
  ips: deviceSchema.shape.ips,
  lastIp: z.string().max(45).optional(),
  evidence: deviceSchema.shape.evidence,
  ips6: z.array(z.string().max(45)).max(limits.ips6).default([]),
  missedMs: z.number().min(0).default(0),
  isUnsynced: z.boolean().default(false),
})
/** Version 1 was the list of devices alone. */
const savedSchema = z.union([
  z.array(entrySchema).transform((devices) => ({ devices, past: [] })),
  z.object({ devices: z.array(entrySchema), past: z.array(pastSchema) }),
])

/** What `inventoryText` gave earlier; text that is none gives nothing. */
export function parseInventory(text: string | undefined): { devices: Entry[]; past: PastDevice[] } {
  if (text === undefined) return { devices: [], past: [] }
  try {
    const { devices, past } = savedSchema.parse(JSON.parse(text))
    return {
      devices: devices.map(({ missedMs, evidence, history, traits, lastIp, ...rest }) => ({
        ...rest,
        lastIp,
        evidence: new Map(evidence.map((one) => [slotOf(one), one])),
        history: history as PastEvent[],
        traits: traits.length > 0 ? traits : traitsOf(rest.macs, evidence),
        seenAtMono: undefined,
        missedBeforeMs: missedMs,
      })),
      past: past.map((one) => ({ ...one, history: one.history as PastEvent[] })),
    }
  } catch {
    return { devices: [], past: [] }
  }
}

/** Coarse, so that time alone seldom changes what is written: cards wear out. */
const missedStepMs = 6 * 3_600_000

export function inventoryText(
  devices: Iterable<Entry>,
  past: Iterable<PastDevice>,
  missedMs: (entry: Entry) => number,
): string {
  return JSON.stringify({
    devices: [...devices].map((entry) => {
      const { alias, id, firstSeenMs, macs, ips, lastIp, ips6, evidence, traits, sharesName } = entry
      return {
        ...{ alias, id, firstSeenMs, macs, ips, lastIp, ips6, traits, sharesName },
        history: entry.history,
        isUnsynced: entry.isUnsynced,
        evidence: [...evidence.values()],
        missedMs: Math.floor(missedMs(entry) / missedStepMs) * missedStepMs,
      }
    }),
    past: [...past].map(({ id, firstSeenMs, macs, traits, sharesName, history }) => ({
      ...{ id, firstSeenMs, macs, traits, sharesName, history },
    })),
  })
}

/** The device that the contract speaks of, by its evidence and by what people said about it. */
export function describeEntry(entry: Entry, isGateway: boolean, told: DeviceOverride | undefined): Device {
  const { alias, id, firstSeenMs, macs, ips, ips6, evidence } = entry
  const all = [...evidence.values()]
  const attachedTo = readAttachment(evidence.get(`lldp ${attachmentKey}`)?.value)
  const { role, vendor, model, version, name, serial, confidence } = guessProduct(all, isGateway)
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
    ips: [...ips, ...ips6],
    macs: [...macs],
    isSleeper: told?.isSleeper ?? false,
    isGateway,
    firstSeenMs,
    ...(attachedTo === undefined ? {} : { attachedTo }),
    evidence: all,
  }
}

/** What a newer fact replaces: the same kind from the same source; announced services and product entries stand side by side. */
export function slotOf({ source, key, value }: DeviceEvidence): string {
  if (source !== 'mdns') return `${source} ${key}`
  if (key === 'service') return `mdns service ${value}`
  return key === 'txt' ? `mdns txt ${value.split('=', 1)[0]}` : `mdns ${key}`
}

/** The stable id: the MAC, unless it is made up and something steadier is known (ADR 041). */
export function idFor(
  mac: string,
  evidence: readonly DeviceEvidence[],
  isTaken: (id: string) => boolean,
): string {
  const plain = plainId(mac, evidence)
  // The same MAC with another unit behind it, or a second device of that name: a number tells them apart.
  for (let number = 1; ; number++) {
    const id = number === 1 ? plain : `${plain}-${number}`
    if (!isTaken(id)) return id
  }
}

function plainId(mac: string, evidence: readonly DeviceEvidence[]): string {
  if (isLocallyAdministered(mac)) {
    const steady =
      evidence.find(({ key }) => key === 'clientId') ?? evidence.find(({ key }) => key === 'hostname')
    if (steady !== undefined && steady.value !== '')
      return `dhcp-${fingerprint([steady.key, steady.value], 16)}`
  }
  return `mac-${mac.replaceAll(':', '')}`
}

export function registryEvidence(mac: string): DeviceEvidence[] {
  const vendor = vendorOf(mac)
  return vendor === undefined ? [] : [{ source: 'oui', key: 'vendor', value: vendor }]
}
