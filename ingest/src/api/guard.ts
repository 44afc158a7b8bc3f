import type { FastifyRequest } from 'fastify'
import { topicTokenPattern } from '@proactive/shared'
import { type AccessRule, type Actor, accessRuleOf, hasRole } from './access.ts'
import type { WebContext } from './context.ts'
import { notFound, ProblemError } from './problem.ts'
import { isSameToken, type WebSession } from './sessions.ts'

interface Visitor {
  readonly session: WebSession
  readonly cookie: string
}

const visitorByRequest = new WeakMap<FastifyRequest, Visitor>()
const programTokenByRequest = new WeakMap<FastifyRequest, string>()
/** A program's token as the helpdesk makes them; whether it is a good one only the helpdesk can say. */
const programTokenPattern = /^Bearer pxt_[a-z0-9]{16}_[\w-]{43}$/
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Name of the session cookie; browsers take the `__Host-` one over TLS only, for this host only. */
export function cookieName(isSecure: boolean): string {
  return isSecure ? '__Host-proactive' : 'proactive'
}

/** First hook of every request: no rule, no log-in or no right, no entry. Runs before the body is read. */
export function createGuard(context: WebContext) {
  const { sessions, counters, directory, isSecure } = context

  async function enter(request: FastifyRequest): Promise<Visitor> {
    const cookie = request.cookies[cookieName(isSecure)]
    const session = cookie === undefined || cookie.length > 100 ? undefined : await sessions.find(cookie)
    if (session === undefined || cookie === undefined)
      throw new ProblemError(401, 'not-logged-in', 'Log in first.')
    if (!safeMethods.has(request.method)) {
      const given = request.headers['x-csrf-token']
      if (typeof given !== 'string' || !isSameToken(given, session.csrfToken)) {
        counters.refusedCsrf.inc()
        throw new ProblemError(403, 'csrf', 'The x-csrf-token header is missing or wrong: log in anew.')
      }
    }
    return { session, cookie }
  }

  async function checkScope(
    request: FastifyRequest,
    actor: Actor,
    scope: Exclude<AccessRule, string>['scope'],
  ) {
    if (scope === undefined) return
    if (scope === 'operator') {
      if (!actor.isOperator) throw forbidden()
      return
    }
    const what = scope === 'location' ? 'Location' : 'appliance'
    const id = idOf(request)
    const locationId = scope === 'location' ? id : id && (await directory.appliances.get(id))?.locationId
    if (locationId === undefined || !(await directory.places.hasStake(actor.organizationId, locationId)))
      throw notFound(what)
  }

  return async (request: FastifyRequest): Promise<void> => {
    if (request.is404) return
    const rule = accessRuleOf(request.routeOptions.config)
    if (rule === 'public') return
    const { authorization } = request.headers
    if (rule?.programs === true && authorization?.startsWith('Bearer pxt_') === true) {
      if (!programTokenPattern.test(authorization))
        throw new ProblemError(401, 'unauthorized', 'This token is unknown or has expired.')
      // No cookie is looked at: who brings a token acts as the program, whatever browser it is.
      programTokenByRequest.set(request, authorization)
      return
    }
    const visitor = await enter(request)
    const { actor } = visitor.session
    if (rule === undefined) throw forbidden()
    // First whether it may be seen at all: a role must not tell what exists.
    await checkScope(request, actor, rule.scope)
    if (!hasRole(actor, rule.role)) throw forbidden()
    visitorByRequest.set(request, visitor)
  }
}

/** The User behind a request of a route that is not public. */
export function actorOf(request: FastifyRequest): Actor {
  return visitorOf(request).session.actor
}

/** The `Authorization` of a program, on routes that let programs in; undefined = a logged-in User. */
export function programTokenOf(request: FastifyRequest): string | undefined {
  return programTokenByRequest.get(request)
}

/** Who asks, as their cookie says. @throws ProblemError 401 where nobody is logged in. */
export function visitorOf(request: FastifyRequest): Visitor {
  const visitor = visitorByRequest.get(request)
  if (visitor === undefined) throw new ProblemError(401, 'not-logged-in', 'Log in first.')
  return visitor
}

function forbidden(): ProblemError {
  return new ProblemError(
    403,
    'forbidden',
    'Your role does not allow this: ask an admin of your Organization.',
  )
}

/** The path's `:id`, where it is an id at all: it goes to the database before the route's own schema has seen it. */
function idOf(request: FastifyRequest): string | undefined {
  const { params } = request
  if (typeof params !== 'object' || params === null || !('id' in params)) return undefined
  return typeof params.id === 'string' && topicTokenPattern.test(params.id) ? params.id : undefined
}
