import { choosePasswordSchema, passwordChoiceSchema, sessionSchema } from '@proactive/shared/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Account } from '../directory/people.ts'
import { access } from './access.ts'
import type { App, WebContext } from './context.ts'
import { triesWindowMs } from './log-in-tries.ts'
import { ProblemError } from './problem.ts'

const tags = ['log-in']

/**
 * Where a User chooses the own password by a link: the token is in the `Authorization` header, as with the merchant's page, so that it
 * stands in no address and in no log.
 * @param enter opens the session of whoever chose one
 */
export function registerPasswordRoutes(
  app: App,
  { directory, tries, audit, counters, log }: WebContext,
  enter: (
    request: FastifyRequest,
    reply: FastifyReply,
    account: Account,
  ) => Promise<z.infer<typeof sessionSchema>>,
): void {
  const { people, passwordLinks } = directory
  const config = { ...access('public'), rateLimit: { max: 60, timeWindow: 60_000 } }

  /** Whoever guesses is bounded as at the log-in. */
  async function requireLink(request: FastifyRequest) {
    const token = /^Bearer ([A-Za-z0-9_-]{1,100})$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
    const account = `password-link:${token}`
    if (!(await tries.mayTry(request.ip, account))) throw tooManyTries()
    const link = await passwordLinks.find(token)
    const owner = link && (await people.findAccount(link.userId))
    if (link !== undefined && owner !== undefined) return { token, owner, expiresAtMs: link.expiresAtMs }
    if (!(await tries.reserve(request.ip, account))) {
      counters.logIns.inc({ outcome: 'limited' })
      log.warn({ address: request.ip }, 'too many tries at links for a password')
      throw tooManyTries()
    }
    await audit.record({
      actor: 'anonymous',
      action: 'password',
      subject: 'unknown, used or expired link',
      outcome: 'refused',
      address: request.ip,
    })
    throw linkOver()
  }

  app.get(
    '/api/password',
    {
      config,
      schema: { tags, summary: 'Whose password a link lets choose', response: { 200: passwordChoiceSchema } },
    },
    async (request) => {
      const { owner, expiresAtMs } = await requireLink(request)
      return { name: owner.user.name, email: owner.user.email, expiresAtMs }
    },
  )

  app.post(
    '/api/password',
    {
      config,
      schema: {
        tags,
        summary: 'Choose the own password by a link, which ends with it; other sessions end',
        body: choosePasswordSchema,
        response: { 200: sessionSchema },
      },
    },
    async (request, reply) => {
      const { token, owner } = await requireLink(request)
      const userId = await passwordLinks.use(token, request.body.password)
      const isUsed = userId === owner.user.id
      await audit.record({
        actor: owner.user.id,
        action: 'password',
        subject: owner.user.email,
        outcome: isUsed ? 'done' : 'refused',
        address: request.ip,
        detail: 'by a link',
      })
      if (!isUsed) throw linkOver()
      return enter(request, reply, owner)
    },
  )
}

function linkOver(): ProblemError {
  return new ProblemError(
    404,
    'link-over',
    'This link is no longer good: ask an admin of your Organization for a new one.',
  )
}

function tooManyTries(): ProblemError {
  return new ProblemError(
    429,
    'too-many-tries',
    'Too many tries: wait 15 minutes, then try again.',
    triesWindowMs / 1_000,
  )
}
