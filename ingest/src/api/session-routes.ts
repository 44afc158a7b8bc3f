import {
  changePasswordSchema,
  logInSchema,
  sessionSchema,
  setUpSchema,
  setUpStateSchema,
} from '@proactive/shared/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Account } from '../directory/people.ts'
import { access } from './access.ts'
import type { App, WebContext } from './context.ts'
import { enterSession } from './enter-session.ts'
import { cookieName, visitorOf } from './guard.ts'
import { registerPasswordRoutes } from './password-routes.ts'
import { triesWindowMs } from './log-in-tries.ts'
import { ProblemError } from './problem.ts'
import type { WebSession } from './sessions.ts'

const tags = ['log-in']

/** Log in, log out, who am I, the own password, and the very first admin. */
export function registerSessionRoutes(app: App, context: WebContext): void {
  const { sessions, tries, audit, counters, directory, firstAdmin, isSecure, log } = context

  const enter = async (request: FastifyRequest, reply: FastifyReply, account: Account) =>
    toAnswer(await enterSession(context, request, reply, account))
  registerPasswordRoutes(app, context, enter)

  async function reserve(request: FastifyRequest, account: string): Promise<void> {
    if (await tries.reserve(request.ip, account)) return
    counters.logIns.inc({ outcome: 'limited' })
    log.warn({ address: request.ip }, 'too many log-in tries')
    throw new ProblemError(
      429,
      'too-many-tries',
      'Too many tries: wait 15 minutes, then try again.',
      triesWindowMs / 1_000,
    )
  }

  app.post(
    '/api/session',
    {
      config: access('public'),
      schema: { tags, summary: 'Log in', body: logInSchema, response: { 200: sessionSchema } },
    },
    async (request, reply) => {
      const { email, password } = request.body
      await reserve(request, email)
      const account = await directory.people.authenticate(email, password)
      counters.logIns.inc({ outcome: account ? 'done' : 'refused' })
      await audit.record({
        actor: account?.user.id ?? 'anonymous',
        action: 'log-in',
        subject: account?.user.email ?? 'unknown or wrong password',
        outcome: account ? 'done' : 'refused',
        address: request.ip,
      })
      if (account === undefined)
        throw new ProblemError(
          401,
          'log-in-refused',
          'This e-mail address and password do not belong together.',
        )
      await tries.giveBack(request.ip, email)
      return enter(request, reply, account)
    },
  )

  app.get(
    '/api/session',
    {
      config: access({ role: 'viewer' }),
      schema: { tags, summary: 'Who is logged in', response: { 200: sessionSchema } },
    },
    async (request) => toAnswer(visitorOf(request).session),
  )

  app.delete(
    '/api/session',
    {
      config: access({ role: 'viewer' }),
      schema: { tags, summary: 'Log out', response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      const { cookie, session } = visitorOf(request)
      await sessions.end(cookie)
      await audit.record({
        actor: session.actor.userId,
        action: 'log-out',
        subject: session.actor.email,
        outcome: 'done',
        address: request.ip,
      })
      reply.clearCookie(cookieName(isSecure), {
        path: '/',
        httpOnly: true,
        sameSite: 'lax',
        secure: isSecure,
      })
      return reply.code(204).send()
    },
  )

  app.put(
    '/api/session/password',
    {
      config: access({ role: 'viewer' }),
      schema: {
        tags,
        summary: 'Change the own password; other sessions end',
        body: changePasswordSchema,
        response: { 200: sessionSchema },
      },
    },
    async (request, reply) => {
      const { actor } = visitorOf(request).session
      await reserve(request, actor.email)
      const account = await directory.people.authenticate(actor.email, request.body.current)
      await audit.record({
        actor: actor.userId,
        action: 'password',
        subject: actor.email,
        outcome: account ? 'done' : 'refused',
        address: request.ip,
      })
      if (account === undefined)
        throw new ProblemError(403, 'log-in-refused', 'The current password is another one.')
      await tries.giveBack(request.ip, actor.email)
      await directory.people.putUser(account.user, request.body.password)
      return enter(request, reply, account)
    },
  )

  app.get(
    '/api/setup',
    {
      config: access('public'),
      schema: {
        tags,
        summary: 'Whether the first admin is still to be made',
        response: { 200: setUpStateSchema },
      },
    },
    async () => ({ isNeeded: await firstAdmin.isNeeded() }),
  )

  app.post(
    '/api/setup',
    {
      config: access('public'),
      schema: { tags, summary: 'Make the first admin', body: setUpSchema, response: { 201: sessionSchema } },
    },
    async (request, reply) => {
      await reserve(request, 'set-up')
      const result = await firstAdmin.make(request.body)
      if (result.kind === 'done-before')
        throw new ProblemError(409, 'done-before', 'Set-up is over: log in, or ask an admin for a User.')
      await audit.record({
        actor: result.kind === 'made' ? result.account.user.id : 'anonymous',
        action: 'set-up',
        subject: request.body.organization,
        outcome: result.kind === 'made' ? 'done' : 'refused',
        address: request.ip,
      })
      if (result.kind === 'refused')
        throw new ProblemError(
          403,
          'set-up-refused',
          'The token is not the one that ingest printed when it started.',
        )
      await tries.giveBack(request.ip, 'set-up')
      reply.code(201)
      return enter(request, reply, result.account)
    },
  )
}

function toAnswer({ actor, csrfToken, expiresAtMs }: WebSession): z.infer<typeof sessionSchema> {
  return {
    user: {
      id: actor.userId,
      name: actor.name,
      email: actor.email,
      role: actor.role,
      organizationId: actor.organizationId,
      organizationName: actor.organizationName,
      teamIds: [...actor.teamIds],
      isOperator: actor.isOperator,
    },
    csrfToken,
    expiresAtMs,
  }
}
