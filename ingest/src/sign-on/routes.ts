import { topicToken } from '@proactive/shared'
import {
  type SignOnRefusal,
  signOnChoicesSchema,
  signOnProviderSchema,
  signOnProvidersSchema,
  testReportSchema,
  writeSignOnProviderSchema,
} from '@proactive/shared/http'
import type { OutgoingGuard } from '@proactive/shared/outgoing'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { access } from '../api/access.ts'
import type { App, RouteModule, WebContext } from '../api/context.ts'
import { recorderOf } from '../api/directory-trail.ts'
import { enterSession } from '../api/enter-session.ts'
import { notFound, ProblemError } from '../api/problem.ts'
import { publicOrigin } from '../api/public-origin.ts'
import type { SecretBox } from '../db/secret-box.ts'
import { createFlows, flowLifeMs } from './flows.ts'
import { matchUser } from './match-user.ts'
import { createOpenId, sentenceOf } from './open-id.ts'
import { createSignOnProviders } from './providers.ts'

const tags = ['log-in']
const params = z.strictObject({ providerId: topicToken })
const callbackPath = '/api/sign-on/callback'

export interface SignOnDependencies {
  /** Seals what clients prove themselves with. */
  readonly secrets: SecretBox
  /** Where providers may be. */
  readonly guard: OutgoingGuard
}

/** Log-in by OpenID Connect: who somebody is, a provider says; what they may do, our directory. */
export const signOnRoutes =
  (dependencies: SignOnDependencies): RouteModule =>
  (app, context) =>
    registerSignOnRoutes(app, context, dependencies)

function registerSignOnRoutes(app: App, context: WebContext, { secrets, guard }: SignOnDependencies): void {
  const { database, directory, audit, counters, log, nowMs, isSecure } = context
  const providers = createSignOnProviders(database, secrets, nowMs)
  const flows = createFlows(database, nowMs)
  const openId = createOpenId(guard, nowMs)
  const record = recorderOf(context)
  const byOperator = access({ role: 'admin', scope: 'operator' })
  const byAnybody = { ...access('public'), rateLimit: { max: 60, timeWindow: 60_000 } }
  const browserCookie = isSecure ? '__Host-proactive-sign-on' : 'proactive-sign-on'
  const cookieOptions = { path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure } as const

  app.get(
    '/api/sign-on',
    {
      config: byAnybody,
      schema: {
        tags,
        summary: 'Ways to log in beside a password',
        response: { 200: signOnChoicesSchema },
      },
    },
    async () => ({
      items: (await providers.list())
        .filter(({ isActive }) => isActive)
        .map(({ id, name }) => ({ id, name })),
    }),
  )

  app.get(
    '/api/sign-on/:providerId/start',
    { config: byAnybody, schema: { tags, summary: 'Off to the provider', params } },
    async (request, reply) => {
      const provider = await providers.find(request.params.providerId)
      if (provider === undefined || !provider.isActive) throw notFound('provider')
      const redirectUri = `${publicOrigin(context, request)}${callbackPath}`
      const begun = await flows.begin({ providerId: provider.id, redirectUri }, request.ip)
      if (begun === undefined)
        throw new ProblemError(503, 'log-in-busy', 'Many people log in right now: try again in a moment.')
      try {
        const address = await openId.addressOf(provider, begun.flow, begun.state)
        reply.setCookie(browserCookie, begun.browser, { ...cookieOptions, maxAge: flowLifeMs / 1_000 })
        return reply.redirect(address.href, 302)
      } catch (err) {
        log.warn({ err, providerId: provider.id }, 'the provider cannot be used for a log-in')
        return refuse(request, reply, 'failed', provider.id)
      }
    },
  )

  app.get(
    callbackPath,
    {
      config: byAnybody,
      schema: {
        tags,
        summary: 'Back from the provider',
        // What a provider adds beyond this (RFC 9207 `iss`, session state) is the library's to check.
        querystring: z.object({
          state: z.string().max(200).default(''),
          error: z.string().max(200).optional(),
        }),
      },
    },
    async (request, reply) => {
      const { state, error } = request.query
      const browser = request.cookies[browserCookie] ?? ''
      reply.clearCookie(browserCookie, cookieOptions)
      const flow = browser.length > 100 ? undefined : await flows.take(state, browser)
      const provider = flow && (await providers.find(flow.providerId))
      if (flow === undefined || provider === undefined || !provider.isActive) {
        // Anybody can come with anything here: counted, but not kept for as long as the audit is.
        counters.logIns.inc({ outcome: 'refused' })
        return reply.redirect('/?sign-on=expired' satisfies `/?sign-on=${SignOnRefusal}`, 302)
      }
      if (error !== undefined) return refuse(request, reply, 'cancelled', provider.id)
      const question = request.url.indexOf('?')
      const answer = new URL(`${flow.redirectUri}${request.url.slice(question)}`)
      const identity = await openId.redeem(provider, flow, state, answer).catch((err: unknown) => {
        log.warn({ err, reason: sentenceOf(err), providerId: provider.id }, 'a log-in did not hold')
        return undefined
      })
      if (identity === undefined) return refuse(request, reply, 'failed', provider.id)
      const match = await matchUser(database, directory.people, provider, identity, nowMs())
      if (match.kind === 'refused') return refuse(request, reply, match.why, provider.id)
      counters.logIns.inc({ outcome: 'done' })
      await audit.record({
        actor: match.account.user.id,
        action: 'log-in',
        subject: match.account.user.email,
        outcome: 'done',
        address: request.ip,
        detail: `by ${provider.name}`,
      })
      await enterSession(context, request, reply, match.account)
      return reply.redirect('/', 302)
    },
  )

  async function refuse(
    request: FastifyRequest,
    reply: FastifyReply,
    why: SignOnRefusal,
    providerId: string,
  ): Promise<FastifyReply> {
    counters.logIns.inc({ outcome: 'refused' })
    await audit.record({
      actor: 'anonymous',
      action: 'log-in',
      subject: `by provider ${providerId}`,
      outcome: 'refused',
      address: request.ip,
      detail: why,
    })
    return reply.redirect(`/?sign-on=${why}`, 302)
  }

  app.get(
    '/api/sign-on/providers',
    {
      config: byOperator,
      schema: { tags, summary: 'OpenID Connect providers', response: { 200: signOnProvidersSchema } },
    },
    async (request) => ({
      items: await providers.list(),
      redirectUri: `${publicOrigin(context, request)}${callbackPath}`,
    }),
  )

  app.post(
    '/api/sign-on/providers',
    {
      config: byOperator,
      schema: {
        tags,
        summary: 'A new provider',
        body: writeSignOnProviderSchema,
        response: { 201: signOnProviderSchema },
      },
    },
    async (request, reply) => {
      const made = await providers.make(request.body)
      await record(request, made.id)
      return reply.code(201).send(made)
    },
  )

  app.put(
    '/api/sign-on/providers/:providerId',
    {
      config: byOperator,
      schema: {
        tags,
        summary: 'Change a provider',
        params,
        body: writeSignOnProviderSchema,
        response: { 200: signOnProviderSchema },
      },
    },
    async (request) => {
      const changed = await providers.change(request.params.providerId, request.body)
      await record(request, changed.id)
      return changed
    },
  )

  app.delete(
    '/api/sign-on/providers/:providerId',
    {
      config: byOperator,
      schema: { tags, summary: 'Remove a provider', params, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      await providers.remove(request.params.providerId)
      await record(request, request.params.providerId)
      return reply.code(204).send()
    },
  )

  app.post(
    '/api/sign-on/providers/:providerId/test',
    {
      config: byOperator,
      schema: {
        tags,
        summary: 'Try what can be tried without a person',
        params,
        body: z.strictObject({}).nullish(),
        response: { 200: testReportSchema },
      },
    },
    async (request) => {
      const provider = await providers.find(request.params.providerId)
      if (provider === undefined) throw notFound('provider')
      return openId.test(provider)
    },
  )
}
