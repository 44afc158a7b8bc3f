import { existsSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UsageError } from '@proactive/shared'
import { z } from 'zod'
import { type HelpdeskConfig, loadHelpdeskConfig } from './issues/helpdesk-config.ts'

const port = (standard: number) => z.coerce.number().int().min(0).max(65_535).default(standard)
const path = z.string().min(1).max(1_000)
const flag = z.enum(['0', '1']).default('0')
const webUrl = z
  .url({ protocol: /^https?$/, error: 'must be an address like http://127.0.0.1:8086' })
  .max(500)
const hostPattern = /^[A-Za-z0-9]([A-Za-z0-9.:-]{0,252})$/

/** Every setting, by its environment variable; empty counts as not set. */
const environmentSchema = z.object({
  /** Folder for everything that must survive a restart. */
  PROACTIVE_DATA: path.default('./.proactive'),
  /** Address that web, MQTT and enrolment listen on. */
  PROACTIVE_BIND: z
    .string()
    .refine((text) => isIP(text) !== 0, 'must be an IP address, e.g. 127.0.0.1 or 0.0.0.0')
    .default('127.0.0.1'),
  /** Ports; 0 lets the system choose, the line `listening` tells which. */
  PROACTIVE_WEB_PORT: port(8_080),
  PROACTIVE_MQTT_PORT: port(8_883),
  PROACTIVE_ENROLL_PORT: port(8_443),
  /** Names and addresses that appliances reach this machine by; the first one goes into claims. */
  PROACTIVE_PUBLIC_HOSTS: z
    .string()
    .default('localhost,127.0.0.1')
    .transform((text) => text.split(',').map((host) => host.trim()))
    .refine(
      (hosts) => hosts.length <= 32 && hosts.every((host) => hostPattern.test(host)),
      'must be host names or IP addresses, separated by commas',
    ),
  /** Where appliances enrol and connect, when it is not the first public host with our own ports. */
  PROACTIVE_ENROLL_URL: z
    .url({ protocol: /^https$/, error: 'must be an address like https://cloud.example.com:8443' })
    .optional(),
  PROACTIVE_MQTT_URL: z
    .url({ protocol: /^mqtts$/, error: 'must be an address like mqtts://cloud.example.com:8883' })
    .optional(),
  PROACTIVE_INFLUX_URL: webUrl.optional(),
  PROACTIVE_INFLUX_TOKEN: z.string().max(500).optional(),
  PROACTIVE_INFLUX_ORG: z.string().max(200).optional(),
  PROACTIVE_INFLUX_BUCKET: z.string().max(200).optional(),
  PROACTIVE_POSTGRES_URL: z
    .url({
      protocol: /^postgres(ql)?$/,
      error: 'must be an address like postgres://user:password@host/proactive',
    })
    .optional(),
  /** Name of this deployment in every incident's key; keeps test and production apart on one tracker. */
  PROACTIVE_ENV: z
    .string()
    .regex(/^[a-z0-9]{1,12}$/, 'must be 1 to 12 of a-z 0-9')
    .default('dev'),
  /** `lab` = short waits, as the demo and the tests need them. */
  PROACTIVE_PROFILE: z.enum(['production', 'lab']).default('production'),
  /** PEM files for the web's own TLS. */
  PROACTIVE_TLS_CERT: path.optional(),
  PROACTIVE_TLS_KEY: path.optional(),
  /** `1` = a reverse proxy in front speaks TLS. */
  PROACTIVE_BEHIND_PROXY: flag,
  /** Where browsers open the console, when it is not a public host with our own port: for links in messages and for log-in by OpenID Connect. */
  PROACTIVE_WEB_URL: webUrl.optional(),
  /** Mail server for notifications, `smtp://user:password@host:587` or `smtps://…`, and who they come from. */
  PROACTIVE_SMTP_URL: z
    .url({ protocol: /^smtps?$/, error: 'must be an address like smtp://user:password@mail.example.com:587' })
    .max(500)
    .optional(),
  PROACTIVE_MAIL_FROM: z.email().max(200).optional(),
  /** Hosts (`name`, `address` or `host:port`, by commas) that addresses given by users may lead to although they are private or without TLS. */
  PROACTIVE_WEBHOOK_ALLOW: z
    .string()
    .max(4_000)
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((host) => host.trim())
        .filter((host) => host !== ''),
    ),
  /** CSV of who owns which addresses (`prefix,AS number,name`): Locations of one provider are then known by it, not only by prefix and first hop. */
  PROACTIVE_PROVIDER_TABLE: path.optional(),
  /** Folder of the built console. */
  PROACTIVE_CONSOLE_DIST: path.optional(),
  /** Megabytes of the ingest log that its consumers may be behind; a full log gives no PUBACK. */
  PROACTIVE_LOG_MAX_MB: z.coerce.number().int().min(16).max(1_000_000).default(2_048),
  /** Days that an incident is kept once it is over; its Issue and what exactly-once needs stay. */
  PROACTIVE_INCIDENT_DAYS: z.coerce.number().int().min(30).max(36_500).default(730),
  PROACTIVE_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
})

/** What the ingest runs with; frozen. */
export interface Config {
  readonly dataDir: string
  readonly bind: string
  readonly webPort: number
  readonly mqttPort: number
  readonly enrollPort: number
  readonly publicHosts: readonly string[]
  readonly enrollUrl: string | undefined
  readonly mqttUrl: string | undefined
  readonly helpdesk: HelpdeskConfig
  readonly influx: {
    readonly url: string | undefined
    readonly token: string | undefined
    readonly org: string | undefined
    readonly bucket: string | undefined
  }
  readonly postgresUrl: string | undefined
  readonly env: string
  readonly profile: 'production' | 'lab'
  readonly tls: { readonly cert: string; readonly key: string } | undefined
  readonly isBehindProxy: boolean
  readonly webUrl: string | undefined
  /** Undefined = no mail is sent. */
  readonly mail: { readonly url: string; readonly from: string } | undefined
  readonly outgoingAllow: readonly string[]
  readonly consoleDist: string | undefined
  readonly providerTable: string | undefined
  readonly logMaxBytes: number
  /** How long an incident is kept once it is over. */
  readonly incidentKeptMs: number
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
}

/** Reads the environment. @throws UsageError that names every fault at once, each with the variable to change. */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const set = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => name.startsWith('PROACTIVE_') && value !== ''),
  )
  const parsed = environmentSchema.safeParse(set)
  const faults = parsed.success
    ? contradictions(parsed.data)
    : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  if (!parsed.success || faults.length > 0) {
    throw new UsageError(
      `The configuration cannot be used:\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
    )
  }
  return Object.freeze({ ...toConfig(parsed.data), helpdesk: loadHelpdeskConfig(env) })
}

type Environment = z.infer<typeof environmentSchema>

function contradictions(set: Environment): string[] {
  const faults: string[] = []
  const { PROACTIVE_TLS_CERT: cert, PROACTIVE_TLS_KEY: key } = set
  if ((cert === undefined) !== (key === undefined))
    faults.push('PROACTIVE_TLS_CERT and PROACTIVE_TLS_KEY belong together: set both or none')
  const { PROACTIVE_PROVIDER_TABLE: table } = set
  const files = { PROACTIVE_TLS_CERT: cert, PROACTIVE_TLS_KEY: key, PROACTIVE_PROVIDER_TABLE: table }
  for (const [name, file] of Object.entries(files)) {
    const fault = file === undefined ? undefined : unreadable(file)
    if (fault !== undefined) faults.push(`${name}: ${fault}`)
  }
  if ((set.PROACTIVE_SMTP_URL === undefined) !== (set.PROACTIVE_MAIL_FROM === undefined))
    faults.push('PROACTIVE_SMTP_URL and PROACTIVE_MAIL_FROM belong together: set both or none')
  const isProtected = cert !== undefined || set.PROACTIVE_BEHIND_PROXY === '1'
  if (!isLoopback(set.PROACTIVE_BIND) && !isProtected) {
    faults.push(
      `PROACTIVE_BIND: the web would leave this machine (${set.PROACTIVE_BIND}) without TLS; set PROACTIVE_TLS_CERT and PROACTIVE_TLS_KEY, or PROACTIVE_BEHIND_PROXY=1 behind a proxy that speaks TLS`,
    )
  }
  const ports = [set.PROACTIVE_WEB_PORT, set.PROACTIVE_MQTT_PORT, set.PROACTIVE_ENROLL_PORT].filter(
    (each) => each !== 0,
  )
  if (new Set(ports).size < ports.length)
    faults.push('PROACTIVE_WEB_PORT, PROACTIVE_MQTT_PORT and PROACTIVE_ENROLL_PORT must differ')
  return faults
}

function toConfig(set: Environment): Omit<Config, 'helpdesk'> {
  const { PROACTIVE_TLS_CERT: cert, PROACTIVE_TLS_KEY: key } = set
  return {
    dataDir: resolve(set.PROACTIVE_DATA),
    bind: set.PROACTIVE_BIND,
    webPort: set.PROACTIVE_WEB_PORT,
    mqttPort: set.PROACTIVE_MQTT_PORT,
    enrollPort: set.PROACTIVE_ENROLL_PORT,
    publicHosts: set.PROACTIVE_PUBLIC_HOSTS,
    enrollUrl: set.PROACTIVE_ENROLL_URL,
    mqttUrl: set.PROACTIVE_MQTT_URL,
    influx: {
      url: set.PROACTIVE_INFLUX_URL,
      token: set.PROACTIVE_INFLUX_TOKEN,
      org: set.PROACTIVE_INFLUX_ORG,
      bucket: set.PROACTIVE_INFLUX_BUCKET,
    },
    postgresUrl: set.PROACTIVE_POSTGRES_URL,
    env: set.PROACTIVE_ENV,
    profile: set.PROACTIVE_PROFILE,
    tls:
      cert === undefined || key === undefined
        ? undefined
        : { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') },
    isBehindProxy: set.PROACTIVE_BEHIND_PROXY === '1',
    webUrl: set.PROACTIVE_WEB_URL === undefined ? undefined : new URL(set.PROACTIVE_WEB_URL).origin,
    mail:
      set.PROACTIVE_SMTP_URL === undefined || set.PROACTIVE_MAIL_FROM === undefined
        ? undefined
        : { url: set.PROACTIVE_SMTP_URL, from: set.PROACTIVE_MAIL_FROM },
    outgoingAllow: set.PROACTIVE_WEBHOOK_ALLOW,
    consoleDist: set.PROACTIVE_CONSOLE_DIST ?? builtConsole(),
    providerTable: set.PROACTIVE_PROVIDER_TABLE,
    logMaxBytes: set.PROACTIVE_LOG_MAX_MB * 1024 ** 2,
    incidentKeptMs: set.PROACTIVE_INCIDENT_DAYS * 24 * 3_600_000,
    logLevel: set.PROACTIVE_LOG_LEVEL,
  }
}

function unreadable(file: string): string | undefined {
  try {
    readFileSync(file)
    return undefined
  } catch (error) {
    return `${file} cannot be read (${error instanceof Error && 'code' in error ? error.code : error})`
  }
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.')
}

function builtConsole(): string | undefined {
  const folder = fileURLToPath(new URL('../../console/dist', import.meta.url))
  return existsSync(folder) ? folder : undefined
}
