import swagger from '@fastify/swagger'
import Fastify from 'fastify'
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import { registerDeskRoutes } from './desk-routes.ts'
import type { ApiContext, App } from './context.ts'
import { registerDirectoryRoutes } from './directory-routes.ts'
import { accessRuleOf, createGuard } from './guard.ts'
import { registerOperationRoutes } from './operation-routes.ts'
import { createErrorHandler, problemOf, ProblemError, sendProblem } from './problem.ts'
import { registerServiceRoutes } from './service-routes.ts'

/** An Issue with 1,100 affected devices and every text at its limit is about 100 kB. */
const bodyLimitBytes = 256 * 1024
const requestTimeoutMs = 30_000

/** Builds the HTTP API, deny by default: a route without an access rule cannot be registered. */
export async function buildServer(context: ApiContext): Promise<App> {
  const { metrics, log } = context
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
  app.addHook('onSend', async (_request, reply) => {
    reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
  })
  app.addHook('onResponse', async (request, reply) => {
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
      components: {
        securitySchemes: { actor: { type: 'http', scheme: 'bearer', bearerFormat: 'JWS EdDSA' } },
      },
      security: [{ actor: [] }],
    },
    transform: jsonSchemaTransform,
  })
  registerOperationRoutes(app, context)
  registerDirectoryRoutes(app, context)
  registerServiceRoutes(app, context)
  registerDeskRoutes(app, context)
  return app
}
