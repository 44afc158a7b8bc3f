import { topicToken } from '@proactive/shared'
import {
  type ChannelKind,
  channelsSchema,
  createdChannelSchema,
  notificationsSchema,
  testReportSchema,
  type WriteChannel,
  writeChannelSchema,
} from '@proactive/shared/http'
import { type OutgoingGuard, RefusedUrlError } from '@proactive/shared/outgoing'
import { z } from 'zod'
import { access } from '../api/access.ts'
import type { App, RouteModule, WebContext } from '../api/context.ts'
import { recorderOf } from '../api/directory-trail.ts'
import { actorOf } from '../api/guard.ts'
import { notFound, ProblemError } from '../api/problem.ts'
import type { SecretBox } from '../db/secret-box.ts'
import { createChannels } from './channels.ts'
import type { Notifier } from './notifier.ts'
import { listDeliveries, replayDelivery } from './queue.ts'

const tags = ['channels']
const params = z.strictObject({ channelId: topicToken })

export interface ChannelRouteDependencies {
  readonly notifier: Pick<Notifier, 'test' | 'canMail'>
  /** Seals where messages go: the address of a hook is its password. */
  readonly secrets: SecretBox
  /** Where hooks may be. */
  readonly guard: OutgoingGuard
}

/** Notification channels of the own Organization: who is told of what, with "test" and what was delivered. */
export const channelRoutes =
  (dependencies: ChannelRouteDependencies): RouteModule =>
  (app, context) =>
    registerChannelRoutes(app, context, dependencies)

function registerChannelRoutes(
  app: App,
  context: WebContext,
  { notifier, secrets, guard }: ChannelRouteDependencies,
): void {
  const { database, directory, nowMs } = context
  const channels = createChannels(database, secrets, nowMs)
  const record = recorderOf(context)
  const config = access({ role: 'admin' })

  /** Refused when it is given, not only when it is used: who typed it is still there. */
  async function refuseWrong(organizationId: string, channel: WriteChannel): Promise<void> {
    if (channel.url !== undefined) {
      try {
        await guard.check(new URL(channel.url))
      } catch (error) {
        if (error instanceof RefusedUrlError) throw new ProblemError(400, 'url-refused', error.message)
        throw error
      }
    }
    if (channel.locationIds === null) return
    const known = new Set(await directory.places.locationIdsOf(organizationId))
    if (channel.locationIds.some((id) => !known.has(id))) throw notFound('Location')
  }

  app.get(
    '/api/channels',
    {
      config,
      schema: { tags, summary: 'Channels of the own Organization', response: { 200: channelsSchema } },
    },
    async (request) => ({
      items: await channels.list(actorOf(request).organizationId),
      canMail: notifier.canMail,
    }),
  )

  app.post(
    '/api/channels',
    {
      config,
      schema: {
        tags,
        summary: 'A new channel; a webhook’s signing key is shown once',
        body: writeChannelSchema,
        response: { 201: createdChannelSchema },
      },
    },
    async (request, reply) => {
      const { organizationId } = actorOf(request)
      await refuseWrong(organizationId, request.body)
      const { channel, secret } = await channels.make(organizationId, request.body)
      await record(request, channel.id)
      return reply.code(201).send({ ...channel, ...(secret === undefined ? {} : { secret }) })
    },
  )

  app.put(
    '/api/channels/:channelId',
    {
      config,
      schema: {
        tags,
        summary:
          'Change a channel; a webhook whose signing key cannot be read any more gets a new one, shown once',
        params,
        body: writeChannelSchema,
        response: { 200: createdChannelSchema },
      },
    },
    async (request) => {
      const { organizationId } = actorOf(request)
      await refuseWrong(organizationId, request.body)
      const changed = await channels.change(organizationId, request.params.channelId, request.body)
      if (changed === undefined) throw notFound('channel')
      const { channel, secret } = changed
      await record(request, channel.id)
      return { ...channel, ...(secret === undefined ? {} : { secret }) }
    },
  )

  app.delete(
    '/api/channels/:channelId',
    {
      config,
      schema: { tags, summary: 'Remove a channel and its log', params, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      const { channelId } = request.params
      if (!(await channels.remove(actorOf(request).organizationId, channelId))) throw notFound('channel')
      await record(request, channelId)
      return reply.code(204).send()
    },
  )

  app.post(
    '/api/channels/:channelId/test',
    {
      config: { ...config, rateLimit: { max: 20, timeWindow: 60_000 } },
      schema: {
        tags,
        summary: 'Send a made-up message now',
        params,
        body: z.strictObject({}).nullish(),
        response: { 200: testReportSchema },
      },
    },
    async (request) => {
      const { channelId } = request.params
      const { organizationId } = actorOf(request)
      const channel = (await channels.list(organizationId)).find(({ id }) => id === channelId)
      if (channel === undefined) throw notFound('channel')
      await record(request, channelId)
      const attempt = await notifier.test(channelId)
      const check = {
        name: kindWords[channel.kind],
        isGood: attempt.isDelivered,
        detail: attempt.isDelivered ? 'A message was taken: look whether it is there.' : attempt.reason,
      }
      return { isGood: attempt.isDelivered, checks: [check] }
    },
  )

  app.get(
    '/api/channels/:channelId/deliveries',
    {
      config,
      schema: {
        tags,
        summary: 'What was told, newest first',
        params,
        response: { 200: notificationsSchema },
      },
    },
    async (request) => {
      const { channelId } = request.params
      if (!(await channels.has(actorOf(request).organizationId, channelId))) throw notFound('channel')
      return { items: await listDeliveries(database, channelId) }
    },
  )

  app.post(
    '/api/channels/:channelId/deliveries/:deliveryId/replay',
    {
      config: { ...config, rateLimit: { max: 60, timeWindow: 60_000 } },
      schema: {
        tags,
        summary: 'Tell one again, same id and words',
        params: params.extend({ deliveryId: topicToken }),
        body: z.strictObject({}).nullish(),
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const { channelId, deliveryId } = request.params
      const { organizationId } = actorOf(request)
      const channel = (await channels.list(organizationId)).find(({ id }) => id === channelId)
      if (channel === undefined) throw notFound('channel')
      if (!channel.isActive)
        throw new ProblemError(409, 'conflict', 'This channel is switched off: switch it on first.')
      if (!(await replayDelivery(database, channelId, deliveryId, nowMs()))) throw notFound('delivery')
      await record(request, channelId)
      return reply.code(204).send()
    },
  )
}

const kindWords = {
  email: 'Mail',
  webhook: 'Webhook',
  slack: 'Slack message',
  teams: 'Teams message',
} as const satisfies Record<ChannelKind, string>
