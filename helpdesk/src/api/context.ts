import type { IncomingMessage, ServerResponse } from 'node:http'
import type { OutgoingGuard } from '@proactive/shared/outgoing'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Logger } from 'pino'
import type { ActorKey } from '../access/actor-key.ts'
import type { Database } from '../db/open.ts'
import type { ChangeSignal } from '../issues/change-feed.ts'
import type { Metrics } from './metrics.ts'

/** What the routes need, handed down from `main.ts`. */
export interface ApiContext {
  readonly db: Database
  readonly actorKey: ActorKey
  readonly changes: ChangeSignal
  readonly metrics: Metrics
  readonly log: Logger
  readonly nowMs: () => number
  /** Where outgoing addresses may lead. */
  readonly guard: OutgoingGuard
}

export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>
