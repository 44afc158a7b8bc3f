import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import Fastify, { type FastifyServerOptions } from 'fastify'
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import { accessRuleOf } from './access.ts'
import { registerApplianceRoutes } from './appliance-routes.ts'
import { createAudit } from './audit.ts'
import { registerConsoleFiles } from './console-files.ts'
import type { App, WebContext, WebDependencies } from './context.ts'
import { registerDirectoryRoutes } from './directory-routes.ts'
import { registerEventRoutes } from './event-routes.ts'
import { createGuard } from './guard.ts'
import { registerFaultRuleRoutes } from './fault-rule-routes.ts'
import { registerHelpdeskProxy } from './helpdesk-proxy.ts'
import { registerHelpdeskRoutes } from './helpdesk-routes.ts'
import { registerIncidentRoutes } from './incident-routes.ts'
import { registerLocationRoutes } from './location-routes.ts'
import { createLogInTries } from './log-in-tries.ts'
import { registerOperationRoutes } from './operation-routes.ts'
import { registerPeopleRoutes } from './people-routes.ts'
import { registerPlannedWorkRoutes } from './planned-work-routes.ts'
import { createErrorHandler, problemOf, ProblemError, sendProblem } from './problem.ts'
import { registerSessionRoutes } from './session-routes.ts'
import { createSessions } from './sessions.ts'
import { registerVerdictRoutes } from './verdict-routes.ts'
import { createWebCounters } from './web-counters.ts'

const bodyLimitBytes = 1_024 * 1_024
const requestTimeoutMs = 30_000
/** A page of a busy fleet asks some ten times a second; a whole desk may sit behind one address. */
const requestsPerMinute = 6_000

/** Builds the web of ingest, deny by default: a route without an access rule cannot be registered. `listen()` and `close()` are the caller's. */
export async function createWebServer(dependencies: WebDependencies): Promise<App> {
  const context = completeContext(dependencies)
  const { log, counters, isSecure } = context
  const app: App = Fastify({
    ...serverOptions(dependencies.isBehindProxy),
    ...tlsOptions(dependencies.tls),
  }).withTypeProvider<ZodTypeProvider>()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(createErrorHandler(log))
  app.setNotFoundHandler((_request, reply) =>
    sendProblem(reply, problemOf(new ProblemError(404, 'not-found', 'There is no such route.'))),
  )
  takeJsonOnly(app)
  app.addHook('onRoute', ({ method, url, config }) => {
    const rule = accessRuleOf(config)
    if (rule === undefined) throw new Error(`route ${String(method)} ${url} has no access rule`)
    for (const each of [method].flat()) context.onRoute?.({ method: each, url, rule })
  })
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    hsts: isSecure,
    crossOriginEmbedderPolicy: false,
    xFrameOptions: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
  })
  await app.register(cookie)
  await app.register(rateLimit, {
    max: requestsPerMinute,
    timeWindow: 60_000,
    keyGenerator: (request) => request.ip,
    errorResponseBuilder: (_request, { ttl }) =>
      new ProblemError(429, 'too-many-requests', 'Too many requests: slow down.', ttl / 1_000),
  })
  app.addHook('onRequest', createGuard(context))
  app.addHook('onSend', async (request, reply) => {
    if (/^\/(?:api|helpdesk)\//.test(request.url)) reply.header('cache-control', 'no-store')
  })
  app.addHook('onResponse', async (request, reply) => {
    counters.requestSeconds.observe(
      {
        route: `${request.method} ${request.routeOptions.url ?? 'unknown'}`,
        status: `${Math.floor(reply.statusCode / 100)}xx`,
      },
      reply.elapsedTime / 1_000,
    )
  })
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Proactive',
        version: '1',
        description: 'Network health of Locations, and who owns what broke.',
      },
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: isSecure ? '__Host-proactive' : 'proactive' },
          csrf: { type: 'apiKey', in: 'header', name: 'x-csrf-token' },
        },
      },
      security: [{ session: [], csrf: [] }],
    },
    transform: jsonSchemaTransform,
  })
  registerOperationRoutes(app, context)
  registerSessionRoutes(app, context)
  registerLocationRoutes(app, context)
  registerIncidentRoutes(app, context)
  registerApplianceRoutes(app, context)
  registerPeopleRoutes(app, context)
  registerDirectoryRoutes(app, context)
  registerPlannedWorkRoutes(app, context)
  for (const register of dependencies.moreRoutes) register(app, context)
  registerFaultRuleRoutes(app, context)
  registerVerdictRoutes(app, context)
  registerEventRoutes(app, context)
  registerHelpdeskRoutes(app, context)
  registerHelpdeskProxy(app, context)
  await registerConsoleFiles(app, context.consoleDist)
  return app
}

function serverOptions(isBehindProxy: boolean): FastifyServerOptions {
  return {
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: 72_000,
    forceCloseConnections: true,
    trustProxy: isBehindProxy ? (_address, hop) => hop === 0 : false,
    routerOptions: { maxParamLength: 200 },
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    frameworkErrors: (error, _request, reply) => sendProblem(reply, problemOf(error)),
  }
}

function tlsOptions(tls: WebDependencies['tls']): object {
  return tls === undefined ? {} : { https: { ...tls, minVersion: 'TLSv1.2' } }
}

function completeContext(dependencies: WebDependencies): WebContext {
  const { database, directory, log, nowMs, registry } = dependencies
  return {
    ...dependencies,
    sessions: createSessions({ database, people: directory.people, nowMs }),
    tries: createLogInTries(database, nowMs),
    audit: createAudit({ database, log, nowMs }),
    counters: createWebCounters(registry),
    isSecure: dependencies.tls !== undefined || dependencies.isBehindProxy,
  }
}

/** JSON in UTF-8 is the only body we read; two readings of a header are how validation gets skipped (CVE-2025-32442). */
function takeJsonOnly(app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    /^application\/json(?:; ?charset=utf-8)?$/i,
    { parseAs: 'string' },
    (request, body, done) => {
      // An empty body with the header is what simple clients send with a POST that needs none.
      if (body.length === 0) return done(null, undefined)
      return parse(request, String(body), done)
    },
  )
}
