import { z } from 'zod'
import { access } from './access.ts'
import type { App, WebContext } from './context.ts'
import { notFound } from './problem.ts'

const tags = ['operation']
const readinessSchema = z.object({
  isReady: z.boolean(),
  checks: z.array(z.object({ name: z.string(), isReady: z.boolean(), detail: z.string().optional() })),
})
const loopback = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1'])

/** Whether the program lives, whether it can work, and its numbers (ADR 012). */
export function registerOperationRoutes(app: App, context: WebContext): void {
  const { readiness, registry, isBehindProxy } = context
  app.get(
    '/healthz',
    {
      config: { ...access('public'), rateLimit: false },
      schema: {
        tags,
        summary: 'The process is alive',
        response: { 200: z.object({ status: z.literal('ok') }) },
      },
    },
    async () => ({ status: 'ok' as const }),
  )

  app.get(
    '/readyz',
    {
      config: { ...access('public'), rateLimit: false },
      schema: {
        tags,
        summary: 'It is able to work',
        response: { 200: readinessSchema, 503: readinessSchema },
      },
    },
    async (_request, reply) => {
      const checks = await readiness()
      const isReady = checks.every((check) => check.isReady)
      return reply.code(isReady ? 200 : 503).send({ isReady, checks: [...checks] })
    },
  )

  app.get(
    '/metrics',
    { config: { ...access('public'), rateLimit: false }, schema: { hide: true } },
    async (request, reply) => {
      const { remoteAddress } = request.socket
      const isForwarded =
        request.headers['x-forwarded-for'] !== undefined || request.headers.forwarded !== undefined
      if (isBehindProxy || isForwarded || !loopback.has(remoteAddress ?? '')) throw notFound('route')
      return reply.type(registry.contentType).send(await registry.metrics())
    },
  )

  app.get(
    '/api/openapi.json',
    { config: access('public'), schema: { hide: true } },
    async (_request, reply) => reply.type('application/json').send(JSON.stringify(app.swagger())),
  )
}
