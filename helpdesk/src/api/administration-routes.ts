import {
  apiTokensSchema,
  createdTokenSchema,
  createdWebhookSchema,
  createTokenSchema,
  createWebhookSchema,
  deliveryPageSchema,
  deliveryQuerySchema,
  deliverySchema,
  supportHoursSchema,
  webhooksSchema,
} from '@proactive/shared/http'
import { RefusedUrlError } from '@proactive/shared/outgoing'
import { z } from 'zod'
import { createApiToken, listApiTokens, revokeApiToken } from '../access/api-tokens.ts'
import { isTimeZone } from '../clocks/business-hours.ts'
import { readSupportHours } from '../clocks/response-clock.ts'
import { parseCursor } from '../issues/list.ts'
import {
  createWebhook,
  findWebhook,
  listDeliveries,
  listWebhooks,
  removeWebhook,
  replayDelivery,
} from '../webhooks/registry.ts'
import type { ApiContext, App } from './context.ts'
import { access, userOf } from './guard.ts'
import { notFound, ProblemError } from './problem.ts'

const tags = ['Administration']
const params = z.strictObject({ id: z.string().max(64) })
const deliveryParams = z.strictObject({ id: z.string().max(64), deliveryId: z.string().max(64) })
/** No scope: a program never makes tokens or webhooks. */
const config = access({ users: 'admin' })
const done = z.object({ ok: z.literal(true) })

/** What an admin sets up for the own Organization: programs' tokens, webhooks, support hours. */
export function registerAdministrationRoutes(app: App, { db, nowMs, guard }: ApiContext): void {
  app.post(
    '/api/tokens',
    {
      config,
      schema: {
        tags,
        summary: 'Make a token for a program; shown once',
        body: createTokenSchema,
        response: { 201: createdTokenSchema },
      },
    },
    async (request, reply) => {
      const { organizationId } = userOf(request)
      const made = await createApiToken(db, { organizationId, ...request.body }, nowMs())
      return reply.code(201).send(made)
    },
  )

  app.get(
    '/api/tokens',
    { config, schema: { tags, summary: 'Tokens of programs', response: { 200: apiTokensSchema } } },
    async (request) => ({ items: await listApiTokens(db, userOf(request).organizationId) }),
  )

  app.delete(
    '/api/tokens/:id',
    { config, schema: { tags, summary: 'End a token', params, response: { 200: done } } },
    async (request) => {
      if (!(await revokeApiToken(db, userOf(request).organizationId, request.params.id)))
        throw notFound('token')
      return { ok: true as const }
    },
  )

  app.post(
    '/api/webhooks',
    {
      config,
      schema: {
        tags,
        summary: 'Tell Issues to an address; the secret is shown once',
        body: createWebhookSchema,
        response: { 201: createdWebhookSchema },
      },
    },
    async (request, reply) => {
      await guard.check(new URL(request.body.url)).catch((error: unknown) => {
        if (error instanceof RefusedUrlError) throw new ProblemError(422, 'url-refused', error.message)
        throw error
      })
      const made = await createWebhook(db, userOf(request).organizationId, request.body.url, nowMs())
      if (made === undefined)
        throw new ProblemError(409, 'too-many', 'An Organization has at most 10 webhooks.')
      return reply.code(201).send(made)
    },
  )

  app.get(
    '/api/webhooks',
    { config, schema: { tags, summary: 'Webhooks', response: { 200: webhooksSchema } } },
    async (request) => ({ items: await listWebhooks(db, userOf(request).organizationId) }),
  )

  app.delete(
    '/api/webhooks/:id',
    { config, schema: { tags, summary: 'End a webhook', params, response: { 200: done } } },
    async (request) => {
      if (!(await removeWebhook(db, userOf(request).organizationId, request.params.id)))
        throw notFound('webhook')
      return { ok: true as const }
    },
  )

  app.get(
    '/api/webhooks/:id/deliveries',
    {
      config,
      schema: {
        tags,
        summary: 'What was told, newest first',
        params,
        querystring: deliveryQuerySchema,
        response: { 200: deliveryPageSchema },
      },
    },
    async (request) => {
      const hook = await findWebhook(db, userOf(request).organizationId, request.params.id)
      if (hook === undefined) throw notFound('webhook')
      const { cursor, limit } = request.query
      const before = cursor === undefined ? undefined : parseCursor(cursor)
      if (cursor !== undefined && before === undefined)
        throw new ProblemError(400, 'invalid-request', 'The cursor is none of this list.')
      return listDeliveries(db, hook.id, { before, limit })
    },
  )

  app.post(
    '/api/webhooks/:id/deliveries/:deliveryId/replay',
    {
      config,
      schema: {
        tags,
        summary: 'Tell one again, same id and body',
        params: deliveryParams,
        response: { 200: deliverySchema },
      },
    },
    async (request) => {
      const hook = await findWebhook(db, userOf(request).organizationId, request.params.id)
      const replayed =
        hook === undefined ? undefined : await replayDelivery(db, hook.id, request.params.deliveryId, nowMs())
      if (replayed === undefined) throw notFound('delivery')
      return replayed
    },
  )

  app.get(
    '/api/support-hours',
    {
      config,
      schema: {
        tags,
        summary: 'When the own Organization answers; 404 = day and night',
        response: { 200: supportHoursSchema },
      },
    },
    async (request) => {
      const hours = await readSupportHours(db, userOf(request).organizationId)
      if (hours === undefined) throw notFound('calendar: the clocks run day and night')
      return hours
    },
  )

  app.put(
    '/api/support-hours',
    {
      config,
      schema: {
        tags,
        summary: 'When the own Organization answers',
        body: supportHoursSchema,
        response: { 200: supportHoursSchema },
      },
    },
    async (request) => {
      if (!isTimeZone(request.body.timeZone))
        throw new ProblemError(400, 'invalid-request', 'The time zone is unknown, e.g. Europe/Berlin.')
      const row = { hours_json: JSON.stringify(request.body) }
      await db
        .insertInto('support_hours')
        .values({ organization_id: userOf(request).organizationId, ...row })
        .onConflict((conflict) => conflict.column('organization_id').doUpdateSet(row))
        .execute()
      return request.body
    },
  )
}
