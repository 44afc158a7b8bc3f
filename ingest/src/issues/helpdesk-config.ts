import { UsageError } from '@proactive/shared'
import { z } from 'zod'
import { createEmbeddedHelpdesk } from './embedded-helpdesk.ts'
import type { Helpdesk, ServiceTokenSource } from './helpdesk.ts'
import { createPagerDuty } from './trackers/pagerduty.ts'
import { createRedmine } from './trackers/redmine.ts'
import { createRequestTracker } from './trackers/request-tracker.ts'
import type { IssueContext } from './trackers/tracker.ts'
import { createWebhookHelpdesk } from './trackers/webhook.ts'

export const helpdeskKinds = ['embedded', 'request-tracker', 'redmine', 'webhook', 'pagerduty'] as const
const maxTeams = 500

const teamsSchema = z
  .string()
  .max(100_000)
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown
    } catch {
      context.addIssue({ code: 'custom', message: 'must be JSON like {"team-network":"Network"}' })
      return z.NEVER
    }
  })
  .pipe(z.record(z.string().min(1).max(64), z.string().min(1).max(200)))
  .refine((teams) => Object.keys(teams).length <= maxTeams, `at most ${maxTeams} Teams`)

const environmentSchema = z.object({
  /** Which helpdesk owns the Issues. */
  PROACTIVE_HELPDESK_KIND: z.enum(helpdeskKinds).default('embedded'),
  PROACTIVE_HELPDESK_URL: z
    .url({ protocol: /^https?$/, error: 'must be an address like https://rt.example.com' })
    .max(500)
    .optional(),
  /** Token, API key or shared secret of the helpdesk. */
  PROACTIVE_HELPDESK_TOKEN: z.string().min(16, 'must be at least 16 characters').max(500).optional(),
  /** JSON: each Team's queue, project or routing key. */
  PROACTIVE_HELPDESK_TEAMS: teamsSchema.optional(),
  /** Custom field that holds the key (Request Tracker, Redmine). */
  PROACTIVE_HELPDESK_KEY_FIELD: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9 _-]{0,60}$/, 'letters, digits, space, _ and - only')
    .default('ProactiveKey'),
})

/** Which helpdesk, and how to reach it. */
export interface HelpdeskConfig {
  readonly kind: (typeof helpdeskKinds)[number]
  readonly url: string
  readonly token: string
  readonly deskByTeam: ReadonlyMap<string, string>
  readonly keyField: string
}

const standardUrls = new Map([
  ['embedded', 'http://127.0.0.1:8090'],
  ['pagerduty', 'https://events.pagerduty.com'],
])

/** Reads the environment. @throws UsageError that names every fault at once, each with the variable to change. */
export function loadHelpdeskConfig(env: NodeJS.ProcessEnv): HelpdeskConfig {
  const set = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => name.startsWith('PROACTIVE_HELPDESK_') && value !== ''),
  )
  const parsed = environmentSchema.safeParse(set)
  if (!parsed.success) throw refused(parsed.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`))
  const {
    PROACTIVE_HELPDESK_KIND: kind,
    PROACTIVE_HELPDESK_TOKEN: token,
    PROACTIVE_HELPDESK_TEAMS: teams,
  } = parsed.data
  const url = parsed.data.PROACTIVE_HELPDESK_URL ?? standardUrls.get(kind)
  const faults: string[] = []
  if (url === undefined) faults.push(`PROACTIVE_HELPDESK_URL: needed for ${kind}`)
  if (token === undefined && kind !== 'embedded' && kind !== 'pagerduty')
    faults.push(`PROACTIVE_HELPDESK_TOKEN: needed for ${kind}`)
  if (teams === undefined && kind !== 'embedded' && kind !== 'webhook')
    faults.push(`PROACTIVE_HELPDESK_TEAMS: needed for ${kind}, e.g. {"team-network":"Network"}`)
  if (faults.length > 0) throw refused(faults)
  return Object.freeze({
    kind,
    url: url ?? '',
    token: token ?? '',
    deskByTeam: new Map(Object.entries(teams ?? {})),
    keyField: parsed.data.PROACTIVE_HELPDESK_KEY_FIELD,
  })
}

function refused(faults: readonly string[]): UsageError {
  return new UsageError(
    `The configuration cannot be used:\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
  )
}

export interface HelpdeskDependencies {
  /** For the embedded helpdesk. */
  readonly tokens: ServiceTokenSource
  /** For foreign ones; see `createIssueContext`. */
  readonly context: IssueContext
  readonly nowMs: () => number
}

/** The configured helpdesk behind one port; `stop` ends its connections. */
export function createHelpdeskFromConfig(
  { kind, url, token, deskByTeam, keyField }: HelpdeskConfig,
  { tokens, context, nowMs }: HelpdeskDependencies,
): Helpdesk & { stop(): Promise<void> } {
  switch (kind) {
    case 'embedded':
      return createEmbeddedHelpdesk({ url, tokens })
    case 'request-tracker':
      return createRequestTracker({ url, token, queueByTeam: deskByTeam, context, keyField })
    case 'redmine':
      return createRedmine({ url, token, projectByTeam: deskByTeam, context, keyField })
    case 'webhook':
      return createWebhookHelpdesk({ url, secret: token, nowMs })
    case 'pagerduty':
      return createPagerDuty({ url, routingKeyByTeam: deskByTeam, context, nowMs })
  }
}
