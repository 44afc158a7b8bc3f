import type { FastifyRequest } from 'fastify'
import type { AccessRule, Actor, CustomerActor, ServiceActor, UserActor } from '../access/actor.ts'
import { allows } from '../access/actor.ts'
import { verifyActorToken } from '../access/actor-token.ts'
import { findTokenActor, isApiToken } from '../access/api-tokens.ts'
import type { ApiContext } from './context.ts'
import { ProblemError } from './problem.ts'

/** Route option that every route must carry: `config: access({ users: 'agent' })`. */
export function access(rule: AccessRule): { readonly access: AccessRule } {
  return { access: rule }
}

/** The rule a route was registered with; undefined = none, which nobody passes. */
export function accessRuleOf(config: unknown): AccessRule | undefined {
  if (typeof config !== 'object' || config === null || !('access' in config)) return undefined
  const { access: rule } = config
  if (rule === 'public') return rule
  if (typeof rule !== 'object' || rule === null) return undefined
  if ('service' in rule) return { service: true }
  if ('customers' in rule) return { customers: true }
  return 'users' in rule ? (rule as AccessRule) : undefined
}

const actorByRequest = new WeakMap<FastifyRequest, Actor>()

/** First hook of every request: no rule or no valid token, no entry. Runs before the body is read. */
export function createGuard({
  actorKey,
  metrics,
  nowMs,
  db,
}: Pick<ApiContext, 'actorKey' | 'metrics' | 'nowMs' | 'db'>) {
  return async (request: FastifyRequest): Promise<void> => {
    if (request.is404) return
    const rule = accessRuleOf(request.routeOptions.config)
    if (rule === 'public') return
    const { authorization } = request.headers
    if (isApiToken(authorization)) {
      const actor = await findTokenActor(db, authorization, nowMs())
      if (actor === undefined) {
        metrics.refusedTokens.inc({ reason: 'bad-signature' })
        throw new ProblemError(401, 'unauthorized', 'This token is unknown or has expired.')
      }
      if (rule === undefined || !allows(rule, actor))
        throw new ProblemError(403, 'forbidden', 'This token may not do that.')
      actorByRequest.set(request, actor)
      return
    }
    let verdict = verifyActorToken(authorization, actorKey.current(), nowMs())
    if (!verdict.ok && verdict.reason === 'bad-signature' && actorKey.refresh(nowMs())) {
      verdict = verifyActorToken(authorization, actorKey.current(), nowMs())
    }
    if (!verdict.ok) {
      metrics.refusedTokens.inc({ reason: verdict.reason })
      throw new ProblemError(
        401,
        verdict.reason === 'expired' ? 'token-expired' : 'unauthorized',
        'A valid actor token is needed.',
      )
    }
    if (rule === undefined || !allows(rule, verdict.actor)) {
      throw new ProblemError(403, 'forbidden', 'This actor may not do that.')
    }
    actorByRequest.set(request, verdict.actor)
  }
}

/** The User behind a request of a `{ users }` route. */
export function userOf(request: FastifyRequest): UserActor {
  const actor = actorByRequest.get(request)
  if (actor?.kind === 'user') return actor
  throw new ProblemError(403, 'forbidden', 'This actor may not do that.')
}

/** The service behind a request of a `{ service }` route. */
export function serviceOf(request: FastifyRequest): ServiceActor {
  const actor = actorByRequest.get(request)
  if (actor?.kind === 'service') return actor
  throw new ProblemError(403, 'forbidden', 'This actor may not do that.')
}

/** The Customer User behind a request of a `{ customers }` route. */
export function customerOf(request: FastifyRequest): CustomerActor {
  const actor = actorByRequest.get(request)
  if (actor?.kind === 'customer') return actor
  throw new ProblemError(403, 'forbidden', 'This actor may not do that.')
}

/** Whoever stands behind a request; undefined for public routes. */
export function actorOf(request: FastifyRequest): Actor | undefined {
  return actorByRequest.get(request)
}
