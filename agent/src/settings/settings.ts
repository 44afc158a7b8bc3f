import {
  deviceOverrideSchema,
  hostSchema,
  ipSchema,
  networkSchema,
  payPathSchema,
  shortText,
  topicToken,
  UsageError,
} from '@proactive/shared'
import { z } from 'zod'

/** A way out of the Location; the first in the list is preferred. */
const uplinkSettingsSchema = z.strictObject({
  id: topicToken,
  kind: z.enum(['primary', 'backup']).default('primary'),
  interface: shortText(32).min(1),
  /** Source address for what leaves by this way; default: the interface's own. */
  localAddress: ipSchema.optional(),
  /** Next hop; default: the interface's default route. */
  gateway: ipSchema.optional(),
  /** Resolvers to ask on this way; default: the gateway. */
  resolvers: z.array(ipSchema).max(4).optional(),
  /** The provider's first hop behind the gateway; default: learned. */
  firstHop: ipSchema.optional(),
})
export type UplinkSettings = z.infer<typeof uplinkSettingsSchema>

/** `agent.json`. Without `networks` the agent sends nothing on any LAN. */
export const settingsSchema = z.strictObject({
  /** Subnets to look at, each /22 or smaller. */
  networks: z.array(networkSchema).max(16).default([]),
  uplinks: z.array(uplinkSettingsSchema).max(8).default([]),
  /** HTTP proxy that every connection to the cloud takes: `http://host:port`. */
  proxy: z
    .url({ protocol: /^http$/, error: 'must look like http://proxy.example.net:3128' })
    .max(300)
    .optional(),
  /** SNMP v2c community for reading; better in a file of its own or in PROACTIVE_SNMP_COMMUNITY. */
  snmpCommunity: shortText(64).min(1).optional(),
  /** A user of SNMP v3 (authentication and privacy), used instead of a community; then this file must be readable by its owner only. */
  snmpV3: z
    .strictObject({
      user: shortText(32).min(1),
      authProtocol: z.enum(['md5', 'sha', 'sha256', 'sha512']).default('sha'),
      authKey: z.string().min(8).max(128),
      privProtocol: z.enum(['des', 'aes']).default('aes'),
      privKey: z.string().min(8).max(128),
    })
    .optional(),
  /** Where a technician's speed test moves bytes to and from; without it there is none. */
  speedUrl: z
    .url({ protocol: /^https?$/, error: 'must look like https://speed.example.net/file' })
    .max(300)
    .optional(),
  /** File with the community, mode 0600. */
  snmpCommunityFile: z.string().max(400).optional(),
  /** Hosts that answer ICMP when the internet works. */
  internetTargets: z.array(hostSchema).max(8).default([]),
  /** Names a resolver must resolve when it works. */
  dnsNames: z.array(hostSchema).max(4).default([]),
  /** Resolvers to compare the router's with. */
  alternativeResolvers: z.array(ipSchema).max(4).default([]),
  payPaths: z.array(payPathSchema).max(8).default([]),
  /** How often each payment path is tried while it works; with a TLS handshake once a minute at most. */
  payPathSeconds: z.int().min(5).max(3_600).default(15),
  /** The provider's first hop behind the first uplink; default: learned. */
  firstHop: ipSchema.optional(),
  /** Name of the router's WAN interface as its SNMP agent tells it (ifName or ifDescr); default: found by its routes. */
  routerWanInterface: shortText(64).optional(),
  /** What is known on site about devices; the cloud's word outranks it. */
  devices: z.array(deviceOverrideSchema).max(1_100).default([]),
  telemetrySeconds: z.int().min(10).max(300).default(30),
  /** The wall clock is right without proof (a lab, a machine with a battery clock). */
  isClockTrusted: z.boolean().default(false),
  /** Bytes the spool may take before the oldest telemetry is given up. */
  spoolBytes: z
    .int()
    .min(1_000_000)
    .max(4_000_000_000)
    .default(256 * 1024 * 1024),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
})
export type Settings = z.infer<typeof settingsSchema>

/**
 * Reads the text of a settings file.
 * @throws UsageError with one sentence: the first wrong field and how to mend it.
 */
export function parseSettings(text: string, file: string): Settings {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new UsageError(
      `${file} is not JSON (${why}): correct it, or remove the file to start without settings.`,
      {
        cause,
      },
    )
  }
  const parsed = settingsSchema.safeParse(value)
  if (!parsed.success) throw new UsageError(`${file}: ${sentence(parsed.error)}`)
  const settings = parsed.data
  const ids = settings.uplinks.map(({ id }) => id)
  const double = ids.find((id, index) => ids.indexOf(id) !== index)
  if (double !== undefined)
    throw new UsageError(`${file}: uplinks: "${double}" stands twice; give each uplink an id of its own.`)
  return settings
}

function sentence(error: z.ZodError): string {
  const issue = error.issues[0]
  if (issue === undefined)
    return 'the settings are not understood; compare them with the example in the documentation.'
  const path = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    const where = path === '' ? '' : `${path}: `
    return `${where}there is no setting "${issue.keys[0] ?? ''}"; remove it or correct its name.`
  }
  return `${path || 'settings'}: ${issue.message.replace(/\.$/, '')}; correct this field.`
}
