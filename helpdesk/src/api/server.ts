import swagger from '@fastify/swagger'
import Fastify from 'fastify'
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import { registerAdministrationRoutes } from './administration-routes.ts'
import { registerArticleRoutes } from './article-routes.ts'
import type { ApiContext, App } from './context.ts'
import { registerCustomerRoutes } from './customer-routes.ts'
import { registerDeskRoutes } from './desk-routes.ts'
import { registerDirectoryRoutes } from './directory-routes.ts'
import { registerFileRoutes } from './file-routes.ts'
import { accessRuleOf, createGuard } from './guard.ts'
import { createIdempotency } from './idempotency.ts'
import { registerOperationRoutes } from './operation-routes.ts'
import { createErrorHandler, ProblemError, problemOf, sendProblem } from './problem.ts'
import { registerReportRoutes } from './report-routes.ts'
import { registerServiceRoutes } from './service-routes.ts'
import { registerWorkRoutes } from './work-routes.ts'

/** An Issue with 1,100 affected devices and every text at its limit is about 100 kB. */
const bodyLimitBytes = 256 * 1024
const requestTimeoutMs = 30_000

/** Builds the HTTP API, deny by default: a route without an access rule cannot be registered. */
export async function buildServer(context: ApiContext): Promise<App> {
  const { metrics, log, db, nowMs } = context
  const idempotency = createIdempotency(db, nowMs)
  const app: App = Fastify({
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: (error, _request, reply) => sendProblem(reply, problemOf(error)),
  }).withTypeProvider<ZodTypeProvider>()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(createErrorHandler(log))
  app.setNotFoundHandler((_request, reply) => {
    sendProblem(reply, problemOf(new ProblemError(404, 'not-found', 'There is no such route.')))
  })
  app.addHook('onRoute', ({ method, url, config }) => {
    if (accessRuleOf(config) === undefined) throw new Error(`route ${method} ${url} has no access rule`)
  })
  app.addHook('onRequest', createGuard(context))
  app.addHook('preHandler', idempotency.before)
  app.addHook('onSend', async (request, reply, payload) => {
    reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
    await idempotency.after(request, reply, payload)
    // RFC 9110 §13.1.2: what the asker has is what there is.
    const isSame = request.headers['if-none-match'] === reply.getHeader('etag')
    if (request.method !== 'GET' || reply.statusCode !== 200 || !reply.hasHeader('etag') || !isSame)
      return payload
    reply.code(304).removeHeader('content-type').removeHeader('content-length')
    return ''
  })
  app.addHook('onResponse', async (request, reply) => {
    idempotency.release(request)
    const labels = {
      route: `${request.method} ${request.routeOptions.url ?? 'unknown'}`,
      status: `${Math.floor(reply.statusCode / 100)}xx`,
    }
    metrics.requestSeconds.observe(labels, reply.elapsedTime / 1_000)
  })
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Proactive helpdesk', version: '1', description: 'Issues of a Customer ecosystem.' },
      // Behind ingest's origin, which is the only door.
      servers: [{ url: '/helpdesk' }],
      components: {
        securitySchemes: {
          program: {
            type: 'http',
            scheme: 'bearer',
            description:
              'A token of the Organization: `pxt_…`, made under /api/tokens, with scopes and an end.',
          },
          session: { type: 'apiKey', in: 'cookie', name: 'proactive' },
          csrf: { type: 'apiKey', in: 'header', name: 'x-csrf-token' },
        },
      },
      security: [{ program: [] }, { session: [], csrf: [] }],
    },
    transform: jsonSchemaTransform,
  })
  registerOperationRoutes(app, context)
  registerDirectoryRoutes(app, context)
  registerServiceRoutes(app, context)
  registerDeskRoutes(app, context)
  registerWorkRoutes(app, context)
  registerFileRoutes(app, context)
  registerArticleRoutes(app, context)
  registerAdministrationRoutes(app, context)
  registerCustomerRoutes(app, context)
  registerReportRoutes(app, context)
  return app
}
