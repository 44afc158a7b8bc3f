import { type DeviceEvidence, deviceEvidenceSchema, macSchema } from '@proactive/shared'
import { z } from 'zod'
import { vendorOf } from '../../agent/src/rules/vendors.ts'
import { makerOfRegistryName } from '../oui/makers.ts'

const text = z.string().max(2_000)

/** One device of an evidence file: what was heard of it, in the agent's own form (`evidence`), in short forms, or both. */
const deviceSchema = z.strictObject({
  recording: text.optional(),
  title: text.optional(),
  mac: z.preprocess((value) => (typeof value === 'string' ? toMac(value) : value), macSchema).optional(),
  isGateway: z.boolean().optional(),
  oui: text.optional(),
  dhcp: z
    .strictObject({
      hostname: text,
      vendorClass: text,
      clientId: text,
      parameterList: z.union([text, z.array(z.int())]),
    })
    .partial()
    .optional(),
  mdns: z
    .array(
      z
        .strictObject({ service: text, name: text, hostname: text, txt: z.union([text, z.array(text)]) })
        .partial(),
    )
    .max(50)
    .optional(),
  ssdp: z
    .array(z.record(z.string().max(40), text))
    .max(50)
    .optional(),
  services: z
    .array(z.union([z.int(), z.strictObject({ port: z.int(), banner: text.optional() })]))
    .max(200)
    .optional(),
  banners: z.record(z.string().max(40), text).optional(),
  snmp: z.record(z.string().max(100), text).optional(),
  evidence: z.array(deviceEvidenceSchema).max(100).optional(),
  expected: z.unknown().optional(),
})
const fileSchema = z.union([z.array(deviceSchema).max(10_000), deviceSchema.transform((one) => [one])])

/** A device of an evidence file, with all its evidence in one list. */
export interface EvidenceCase {
  readonly recording: string
  readonly mac: string | undefined
  readonly isGateway: boolean
  readonly evidence: readonly DeviceEvidence[]
  /** What the file says should come out; for tests. */
  readonly expected: unknown
}

/**
 * Reads an evidence file: one device, or a list.
 * @throws z.ZodError or SyntaxError when it is none
 */
export function parseEvidenceFile(json: string): EvidenceCase[] {
  return fileSchema.parse(JSON.parse(json)).map((one, index) => ({
    recording: one.recording ?? one.title ?? String(index + 1),
    mac: one.mac,
    isGateway: one.isGateway ?? false,
    evidence: collect(one),
    expected: one.expected,
  }))
}

function collect(one: z.infer<typeof deviceSchema>): DeviceEvidence[] {
  const found: DeviceEvidence[] = [...(one.evidence ?? [])]
  const add = (source: DeviceEvidence['source'], key: string, value: string | undefined) => {
    const parsed = deviceEvidenceSchema.safeParse({
      source,
      key: key.slice(0, 40),
      value: value?.slice(0, 200),
    })
    if (parsed.success) found.push(parsed.data)
  }
  add('oui', 'vendor', one.oui === undefined ? undefined : (makerOfRegistryName(one.oui) ?? one.oui))
  for (const [key, value] of Object.entries(one.dhcp ?? {}))
    add('dhcp', key, Array.isArray(value) ? value.join(',') : value)
  for (const record of one.mdns ?? [])
    for (const [key, value] of Object.entries(record)) {
      if (Array.isArray(value)) for (const item of value) add('mdns', key, item)
      else add('mdns', key, value)
    }
  for (const record of one.ssdp ?? [])
    for (const [key, value] of Object.entries(record)) add('ssdp', key, value)
  for (const service of one.services ?? []) {
    const { port, banner } = typeof service === 'number' ? { port: service, banner: undefined } : service
    add('service', 'tcp', String(port))
    add('banner', String(port), banner)
  }
  for (const [key, value] of Object.entries(one.banners ?? {})) add('banner', key, value)
  for (const [key, value] of Object.entries(one.snmp ?? {})) add('snmp', key, value)
  return found
}

/** The case's evidence with the maker of its address block, unless the file names one. */
export function withMaker({ mac, evidence }: EvidenceCase): readonly DeviceEvidence[] {
  const maker = mac === undefined ? undefined : vendorOf(mac)
  const isTold = maker === undefined || evidence.some(({ source }) => source === 'oui')
  return isTold ? evidence : [{ source: 'oui', key: 'vendor', value: maker }, ...evidence]
}

/** `00-0B-4F-12-34-56`, `000b.4f12.3456` and the like in the form of {@link macSchema}. */
function toMac(written: string): string {
  const digits = written.replaceAll(/[^0-9a-f]/gi, '').toLowerCase()
  return digits.length === 12 ? (digits.match(/../g) ?? []).join(':') : written
}
