import { join } from 'node:path'
import { UsageError } from '@proactive/shared'
import { z } from 'zod'

const environmentSchema = z.object({
  /** Folder for everything that must survive a restart. */
  PROACTIVE_DATA: z.string().min(1).max(1_000).default('./.proactive'),
  /** Loopback port; 0 lets the system choose, the line `listening` tells which. */
  PROACTIVE_HELPDESK_PORT: z.coerce.number().int().min(0).max(65_535).default(8_090),
  /** PEM (SPKI) of the Ed25519 key that ingest signs actor tokens with; ingest writes it at its first start. */
  PROACTIVE_ACTOR_PUBLIC_KEY_FILE: z.string().min(1).max(1_000).optional(),
  /** Hosts (`name`, `address` or `host:port`, by commas) that webhooks may reach although they are private or without TLS. */
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
  PROACTIVE_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
})

/** What the helpdesk runs with. There is no bind address: it listens on loopback always, ingest is its only door (ADR 014). */
export interface HelpdeskConfig {
  readonly databaseFile: string
  readonly port: number
  readonly actorPublicKeyFile: string
  /** Absent = none. */
  readonly webhookAllow?: readonly string[]
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
}

/** Reads the environment. @throws UsageError that names every fault at once. */
export function loadConfig(env: NodeJS.ProcessEnv): HelpdeskConfig {
  const parsed = environmentSchema.safeParse(env)
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new UsageError(`The configuration cannot be used: ${faults.join('; ')}.`)
  }
  const { PROACTIVE_DATA: data, PROACTIVE_ACTOR_PUBLIC_KEY_FILE: keyFile } = parsed.data
  return Object.freeze({
    databaseFile: join(data, 'helpdesk.sqlite'),
    port: parsed.data.PROACTIVE_HELPDESK_PORT,
    actorPublicKeyFile: keyFile ?? join(data, 'keys', 'actor.pub.pem'),
    webhookAllow: parsed.data.PROACTIVE_WEBHOOK_ALLOW,
    logLevel: parsed.data.PROACTIVE_LOG_LEVEL,
  })
}
