import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance, HTTPMethods, RawServerDefault } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Database } from '../db/database.ts'
import type { Directory } from '../directory/directory.ts'
import type { PrecisionLedger } from '../issues/index.ts'
import type { AccessRule } from './access.ts'
import type { ActorTokens } from './actor-tokens.ts'
import type { Audit } from './audit.ts'
import type { LiveFeed } from './live-feed.ts'
import type { LocationReader } from './location-reader.ts'
import type { LogInTries } from './log-in-tries.ts'
import type { CommandRunner, HelpdeskWatch, ReadinessCheck, TelemetryReader } from './ports.ts'
import type { Projections } from './projections.ts'
import type { Sessions } from './sessions.ts'
import type { FirstAdmin } from './set-up.ts'
import type { WebCounters } from './web-counters.ts'

/** What the web needs from the rest of the program; handed over by `main.ts`. */
export interface WebDependencies {
  readonly database: Database
  readonly directory: Directory
  readonly feed: LiveFeed
  readonly reader: LocationReader
  readonly projections: Projections
  readonly tokens: ActorTokens
  readonly telemetry: TelemetryReader
  readonly commands: CommandRunner
  readonly firstAdmin: FirstAdmin
  /** Packs a claim token with the enrolment address and the authority's fingerprint. */
  readonly claimBundle: (token: string) => string
  readonly helpdesk: HelpdeskWatch
  readonly ledger: Pick<PrecisionLedger, 'standings' | 'trust' | 'judge'>
  /** Names and addresses that browsers know us by; `webUrl` outranks them. */
  readonly publicHosts: readonly string[]
  readonly webUrl: string | undefined
  /** Origin of the helpdesk behind `/helpdesk/api`; undefined = none is configured. */
  readonly helpdeskUrl: string | undefined
  /** Routes of other folders, which stand on this one. */
  readonly moreRoutes: readonly RouteModule[]
  readonly readiness: () => Promise<readonly ReadinessCheck[]>
  /** Folder of the built console; undefined = not built. */
  readonly consoleDist: string | undefined
  readonly registry: Registry
  readonly log: Logger
  readonly nowMs: () => number
  /** Certificate and key (PEM) where this program itself speaks TLS. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer } | undefined
  /** A reverse proxy stands in front and speaks TLS: cookies are Secure, its one `X-Forwarded-For` entry counts, `/metrics` is not on this port. */
  readonly isBehindProxy: boolean
  /** Pause between signs of life on event streams (15 s). */
  readonly heartbeatMs?: number
  /** Hears of each route as it is registered. */
  readonly onRoute?: (route: WebRoute) => void
}

/** Registers a folder's routes; each says by its {@link AccessRule} who may use it. */
export type RouteModule = (app: App, context: WebContext) => void

/** A route and who may use it. */
export interface WebRoute {
  readonly method: HTTPMethods
  readonly url: string
  readonly rule: AccessRule
}

/** The same with what the web makes for itself. */
export interface WebContext extends WebDependencies {
  readonly sessions: Sessions
  readonly tries: LogInTries
  readonly audit: Audit
  readonly counters: WebCounters
  readonly isSecure: boolean
}

export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>
