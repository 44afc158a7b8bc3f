import { topicToken } from '@proactive/shared'
import {
  deadLetterQuerySchema,
  deadLettersSchema,
  dedupKeySchema,
  helpdeskStateSchema,
  helpdeskTestSchema,
  locationHelpdeskSchema,
  revivedSchema,
} from '@proactive/shared/http'
import { z } from 'zod'
import { access } from './access.ts'
import type { App, WebContext } from './context.ts'
import { actorOf } from './guard.ts'
import { notFound } from './problem.ts'

const tags = ['helpdesk']
/** Under the 30 s in which every request ends. */
const lookTimeoutMs = 20_000

/** Whether Issues reach the helpdesk: the banner over a Location, and what an admin of the operator does about it. */
export function registerHelpdeskRoutes(app: App, { helpdesk, audit }: WebContext): void {
  const byOperator = access({ role: 'admin', scope: 'operator' })

  app.get(
    '/api/locations/:id/helpdesk',
    {
      config: access({ role: 'viewer', scope: 'location' }),
      schema: {
        tags,
        summary: 'Whether the Location’s Issues reach the helpdesk',
        params: z.strictObject({ id: topicToken }),
        response: { 200: locationHelpdeskSchema },
      },
    },
    async (request) => {
      const { isReachable, sinceMs } = helpdesk.health()
      return { isReachable, sinceMs, ...(await helpdesk.depthAt(request.params.id)) }
    },
  )

  app.get(
    '/api/helpdesk',
    {
      config: byOperator,
      schema: { tags, summary: 'The way to the helpdesk', response: { 200: helpdeskStateSchema } },
    },
    async () => helpdesk.state(),
  )

  app.post(
    '/api/helpdesk/test',
    {
      config: byOperator,
      schema: {
        tags,
        summary: 'Look at the helpdesk’s set-up now',
        response: { 200: helpdeskTestSchema },
      },
    },
    async (request) => {
      const startedMs = performance.now()
      const problems = await helpdesk.look(AbortSignal.timeout(lookTimeoutMs)).catch((error: unknown) => {
        if (error instanceof DOMException)
          return [`The helpdesk did not answer within ${lookTimeoutMs / 1_000} s: check its address.`]
        throw error
      })
      await audit.record({
        actor: actorOf(request).userId,
        action: 'helpdesk',
        subject: 'test',
        outcome: problems.length === 0 ? 'done' : 'failed',
        address: request.ip,
        detail: problems.join(' '),
      })
      return { problems: [...problems], tookMs: Math.round(performance.now() - startedMs) }
    },
  )

  app.get(
    '/api/helpdesk/dead-letters',
    {
      config: byOperator,
      schema: {
        tags,
        summary: 'What the helpdesk refused for good, newest first',
        querystring: deadLetterQuerySchema,
        response: { 200: deadLettersSchema },
      },
    },
    async (request) => ({ items: await helpdesk.deadLetters(request.query.limit) }),
  )

  app.post(
    '/api/helpdesk/dead-letters/:key/revive',
    {
      config: byOperator,
      schema: {
        tags,
        summary: 'Send the refused operations of a key again',
        params: z.strictObject({ key: dedupKeySchema }),
        response: { 200: revivedSchema },
      },
    },
    async (request) => {
      const { key } = request.params
      const revived = await helpdesk.revive(key)
      if (revived === 0) throw notFound('dead letter')
      await audit.record({
        actor: actorOf(request).userId,
        action: 'helpdesk',
        subject: key,
        outcome: 'done',
        address: request.ip,
        detail: `${revived} refused operations are sent again`,
      })
      return { revived }
    },
  )
}
