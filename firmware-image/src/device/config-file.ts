import { claimBundleSchema } from '@proactive/shared/http'
import { z } from 'zod'
import { settingsSchema } from '../../../agent/src/settings/settings.ts'

/** What stands in place of a secret once the appliance keeps it itself. */
export const USED_CLAIM = 'used'
export const STORED_PASSWORD = 'stored on the appliance'
export const MAX_CONFIG_BYTES = 64 * 1024

const plainText = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^\P{Cc}*$/u, 'control characters are not allowed')

/** Without it the appliance asks the Location's router (DHCP). */
const networkSchema = z.strictObject({
  address: z.cidrv4('must be an address with its prefix length, such as 192.168.1.50/24'),
  gateway: z.ipv4('must be the address of the router, such as 192.168.1.1'),
  dns: z
    .array(z.ipv4('must be a list of addresses, such as ["192.168.1.1"]'))
    .min(1, 'must name one to three servers, such as ["192.168.1.1"]')
    .max(3, 'must name one to three servers'),
})

const wifiSchema = z.strictObject({
  ssid: plainText(32),
  /** WPA passphrase (IEEE 802.11i, Annex H.4: 8 to 63 characters). */
  password: z
    .string()
    .regex(/^[ -~]*$/, 'only characters of a plain keyboard (ASCII) are possible')
    .min(8, 'must have at least 8 characters')
    .max(63, 'must have at most 63 characters'),
  country: z.string().regex(/^[A-Z]{2}$/, 'must be the two letters of the country, such as DE'),
})

const claimMessage = 'must be the claim exactly as the cloud showed it'

/** The claim as text (base64url of its JSON, what the cloud shows), as its JSON, or the word that stands there after its use. */
const claimSchema = z.union(
  [
    z.literal(USED_CLAIM),
    claimBundleSchema,
    z
      .string()
      .max(4_000)
      .regex(/^[A-Za-z0-9_-]{40,}$/)
      .transform((text, context) => {
        const parsed = claimBundleSchema.safeParse(safeJson(Buffer.from(text, 'base64url').toString('utf8')))
        if (parsed.success) return parsed.data
        context.addIssue({ code: 'custom', message: claimMessage })
        return z.NEVER
      }),
  ],
  { error: claimMessage },
)

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** `proactive.json` on the FAT partition. */
export const configSchema = z.strictObject({
  /** What the cloud shows for a Location: its address, the fingerprint of its CA, a token for one use. */
  claim: claimSchema.optional(),
  network: networkSchema.optional(),
  wifi: wifiSchema.optional(),
  /** HTTP proxy that every connection to the cloud has to take. */
  proxy: z
    .url({ protocol: /^http$/, error: 'must look like http://proxy.example.net:3128' })
    .max(300)
    .optional(),
  /** Time servers; default: those the router names, else Debian's. */
  ntp: z.array(z.hostname().or(z.ipv4())).max(4).optional(),
  /** The agent's own settings. Without `networks` it looks at nothing. */
  agent: settingsSchema.optional(),
})
export type BoxConfig = z.infer<typeof configSchema>

export type ParsedConfig =
  | { readonly kind: 'good'; readonly config: BoxConfig }
  /** One line per mistake, each with its place in the file. */
  | { readonly kind: 'bad'; readonly problems: readonly string[] }

/** Reads the text of `proactive.json`; mistakes come back as lines for the person who wrote it. */
export function parseConfig(text: string): ParsedConfig {
  if (Buffer.byteLength(text) > MAX_CONFIG_BYTES)
    return bad(`The file is longer than ${MAX_CONFIG_BYTES / 1024} KiB; it cannot be meant.`)
  let value: unknown
  try {
    // Windows editors put a mark in front.
    value = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    return bad(
      `The file is not JSON: ${error instanceof Error ? error.message : error}. Check quotes and commas.`,
    )
  }
  const parsed = configSchema.safeParse(value)
  if (parsed.success) return checkNetwork(parsed.data)
  return { kind: 'bad', problems: parsed.error.issues.slice(0, 12).map(explain) }
}

const bad = (problem: string): ParsedConfig => ({ kind: 'bad', problems: [problem] })

function explain(issue: z.core.$ZodIssue): string {
  const place = issue.path.map(String).join('.')
  if (issue.path[0] === 'claim') return `claim: ${claimMessage}.`
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.map((key) => JSON.stringify(key.slice(0, 40))).join(', ')
    return `${place === '' ? 'The file' : place}: there is no setting ${names}; remove it or correct its name.`
  }
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined'))
    return `${place}: is missing.`
  return `${place === '' ? 'The file' : place}: ${issue.message.replace(/\.$/, '')}.`
}

/** Mistakes that only two settings together show. */
function checkNetwork(config: BoxConfig): ParsedConfig {
  const network = config.network
  if (network === undefined) return { kind: 'good', config }
  const [address = '', length = '0'] = network.address.split('/')
  const prefix = Number(length)
  if (prefix < 8 || prefix > 30)
    return bad(`network.address: a prefix of /${prefix} cannot hold this appliance and its router.`)
  if (maskOff(address, prefix) !== maskOff(network.gateway, prefix))
    return bad(`network.gateway: ${network.gateway} is not in the network of ${network.address}.`)
  if (address === network.gateway)
    return bad('network.gateway: is the appliance’s own address; it must be the router’s.')
  return { kind: 'good', config }
}

const maskOff = (ip: string, prefix: number): number => {
  const bits = ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  return Math.floor(bits / 2 ** (32 - prefix))
}

/**
 * Puts back the secrets that an earlier start blanked in the file.
 * @param saved the appliance's own copy
 */
export function withSavedSecrets(config: BoxConfig, saved: BoxConfig | undefined): BoxConfig {
  const password = saved?.wifi?.ssid === config.wifi?.ssid ? saved?.wifi?.password : undefined
  if (config.wifi?.password !== STORED_PASSWORD || password === undefined) return config
  return { ...config, wifi: { ...config.wifi, password } }
}

/** The person's own text with the secrets taken out; everything else, spacing aside, stays as it was written. */
export function blankSecrets(
  text: string,
  what: { readonly claim: boolean; readonly password: boolean },
): string {
  const value = JSON.parse(text.replace(/^\uFEFF/, '')) as {
    claim?: unknown
    wifi?: { password?: string }
  }
  if (what.claim && value.claim !== undefined) value.claim = USED_CLAIM
  if (what.password && value.wifi !== undefined) value.wifi.password = STORED_PASSWORD
  return `${JSON.stringify(value, null, 2)}\n`
}
