import { topicToken } from '@proactive/shared'
import {
  createdMerchantLinkSchema,
  merchantLinksSchema,
  merchantPageSchema,
  merchantReportSchema,
} from '@proactive/shared/http'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { access } from '../api/access.ts'
import type { App, RouteModule, WebContext } from '../api/context.ts'
import { actorOf } from '../api/guard.ts'
import { triesWindowMs } from '../api/log-in-tries.ts'
import { notFound, ProblemError } from '../api/problem.ts'
import type { MerchantDesk } from './desk.ts'
import { createMerchantLinks, type OpenLink } from './links.ts'
import { firstTeam, readMerchantPage } from './page.ts'

const tags = ['merchant’s page']
const params = z.strictObject({ id: topicToken })
const reportName = 'The merchant'

/**
 * The merchant's page: links for those who work at the desk, and one Location for whoever holds a link (no account).
 * @param desk takes what merchants say; undefined = a foreign helpdesk, which does not
 */
export const merchantRoutes =
  (desk: MerchantDesk | undefined): RouteModule =>
  (app, context) =>
    registerMerchantRoutes(app, context, desk)

function registerMerchantRoutes(app: App, context: WebContext, desk: MerchantDesk | undefined): void {
  const { database, directory, reader, audit, tries, log, nowMs } = context
  const links = createMerchantLinks(database, nowMs)
  const byAgent = access({ role: 'agent', scope: 'location' })
  const byLink = { ...access('public'), rateLimit: { max: 120, timeWindow: 60_000 } }

  app.get(
    '/api/locations/:id/merchant-links',
    {
      config: byAgent,
      schema: {
        tags,
        summary: 'Open links of the own Organization to the merchant’s page',
        params,
        response: { 200: merchantLinksSchema },
      },
    },
    async (request) => ({ items: await links.list(request.params.id, actorOf(request).organizationId) }),
  )

  app.post(
    '/api/locations/:id/merchant-links',
    {
      config: byAgent,
      schema: {
        tags,
        summary: 'A new link: 7 days, revocable, shown once',
        params,
        body: z.strictObject({}).nullish(),
        response: { 201: createdMerchantLinkSchema },
      },
    },
    async (request, reply) => {
      const { userId, organizationId } = actorOf(request)
      const { link, token } = await links.make({ locationId: request.params.id, organizationId, userId })
      await audit.record({
        actor: userId,
        action: 'merchant-link',
        subject: request.params.id,
        outcome: 'done',
        address: request.ip,
        detail: `made ${link.id}`,
      })
      return reply.code(201).send({ ...link, token })
    },
  )

  app.delete(
    '/api/locations/:id/merchant-links/:linkId',
    {
      config: byAgent,
      schema: {
        tags,
        summary: 'Revoke a link; it shows nothing from now on',
        params: params.extend({ linkId: topicToken }),
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const { id, linkId } = request.params
      const { userId, organizationId } = actorOf(request)
      // What is revoked already, and what never was, is as good as revoked.
      if (await links.revoke(id, organizationId, linkId))
        await audit.record({
          actor: userId,
          action: 'merchant-link',
          subject: id,
          outcome: 'done',
          address: request.ip,
          detail: `revoked ${linkId}`,
        })
      return reply.code(204).send()
    },
  )

  /** The link behind a request. Whoever guesses is bounded as at the log-in; who holds a link is not counted. */
  async function requireLink(request: FastifyRequest): Promise<OpenLink> {
    const token = /^Bearer ([A-Za-z0-9_-]{1,100})$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
    const account = `merchant:${token}`
    if (!(await tries.mayTry(request.ip, account))) throw tooManyTries()
    const link = await links.find(token)
    if (link !== undefined) return link
    if (!(await tries.reserve(request.ip, account))) throw tooManyTries()
    await audit.record({
      actor: 'anonymous',
      action: 'merchant-page',
      subject: 'unknown or expired link',
      outcome: 'refused',
      address: request.ip,
    })
    throw new ProblemError(
      404,
      'link-over',
      'This link is no longer good: ask whoever sent it for a new one.',
    )
  }

  app.get(
    '/api/merchant',
    {
      config: byLink,
      schema: { tags, summary: 'What the holder of a link sees', response: { 200: merchantPageSchema } },
    },
    async (request) => {
      const link = await requireLink(request)
      const onDeskFailure = (err: unknown, locationId: string) =>
        log.warn({ err, locationId }, 'the desk did not say who works on it')
      const page = await readMerchantPage(
        { database, directory, reader, links, desk, nowMs, onDeskFailure },
        link,
      )
      if (page === undefined) throw notFound('Location')
      return page
    },
  )

  app.post(
    '/api/merchant/reports',
    {
      config: byLink,
      schema: {
        tags,
        summary: 'It works again, it does not, or something else is wrong',
        body: merchantReportSchema,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const link = await requireLink(request)
      const { id, kind, text, name, phone } = request.body
      const teamId = await firstTeam(directory, link.locationId, link.organizationId)
      if (desk === undefined || teamId === undefined)
        throw new ProblemError(409, 'no-desk', 'Messages are not taken here: please call your support.')
      const report = await links.takeReport(link.id, kind, id)
      if (report === undefined)
        throw new ProblemError(
          429,
          'too-many-reports',
          'You have sent five messages within an hour: wait a little, or call.',
          3_600,
        )
      const told = await desk
        .report({
          reportId: report.id,
          linkId: link.id,
          locationId: link.locationId,
          organizationId: link.organizationId,
          teamId,
          kind,
          text: text.trim(),
          name: name?.trim() || reportName,
          ...(phone === undefined || phone.trim() === '' ? {} : { phone: phone.trim() }),
        })
        .catch(async (err: unknown) => {
          log.warn({ err, locationId: link.locationId }, 'a merchant’s message did not reach the desk')
          // Whoever took it gives it back: a repeat that fails takes nothing away from one that arrived.
          if (!report.isRepeat) await links.giveBack(report.id)
          return undefined
        })
      await audit.record({
        actor: link.id,
        action: 'merchant-page',
        subject: link.locationId,
        outcome: told === undefined ? 'failed' : 'done',
        address: request.ip,
        detail: `${kind} ${told?.issueId ?? ''}`.trim(),
      })
      if (told === undefined)
        throw new ProblemError(
          502,
          'helpdesk-unavailable',
          'Your message could not be passed on: try again in a moment, or call your support.',
        )
      return reply.code(204).send()
    },
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
