import {
  claimSchema,
  confirmDeviceSchema,
  deviceStateSchema,
  locationDetailSchema,
  locationListSchema,
  seriesQuerySchema,
  seriesSchema,
} from '@proactive/shared/http'
import { deviceIdSchema, topicToken } from '@proactive/shared'
import { z } from 'zod'
import { access } from './access.ts'
import type { App, WebContext } from './context.ts'
import { actorOf } from './guard.ts'
import { notFound, ProblemError } from './problem.ts'

const tags = ['Locations']
const params = z.strictObject({ id: topicToken })
const maxSeriesMs = 400 * 24 * 60 * 60 * 1_000

/** Locations: overview, one in detail, charts, devices, claims. */
export function registerLocationRoutes(app: App, context: WebContext): void {
  const { reader, telemetry, directory, projections, audit, claimBundle, log } = context
  const atStake = access({ role: 'viewer', scope: 'location' })
  const byTechnician = access({ role: 'technician', scope: 'location' })

  app.get(
    '/api/locations',
    {
      config: access({ role: 'viewer' }),
      schema: {
        tags,
        summary: 'All Locations with a stake, worst first',
        response: { 200: locationListSchema },
      },
    },
    async (request) => ({ items: await reader.list(actorOf(request).organizationId) }),
  )

  app.get(
    '/api/locations/:id',
    {
      config: atStake,
      schema: { tags, summary: 'One Location', params, response: { 200: locationDetailSchema } },
    },
    async (request) => {
      const detail = await reader.detail(request.params.id)
      if (detail === undefined) throw notFound('Location')
      return detail
    },
  )

  app.get(
    '/api/locations/:id/series',
    {
      config: atStake,
      schema: {
        tags,
        summary: 'One field over time',
        params,
        querystring: seriesQuerySchema,
        response: { 200: seriesSchema },
      },
    },
    async (request) => {
      const { fromMs, toMs } = request.query
      if (toMs <= fromMs || toMs - fromMs > maxSeriesMs)
        throw new ProblemError(400, 'invalid-request', 'toMs must lie behind fromMs, by at most 400 days.')
      try {
        return await telemetry.series(request.params.id, request.query)
      } catch (err) {
        log.warn({ err, locationId: request.params.id }, 'the metric store gave no series')
        throw new ProblemError(503, 'metrics-unavailable', 'Measurements cannot be read right now.', 5)
      }
    },
  )

  app.put(
    '/api/locations/:id/devices/:deviceId',
    {
      config: byTechnician,
      schema: {
        tags,
        summary: 'Confirm or correct what a device is',
        params: params.extend({ deviceId: deviceIdSchema }),
        body: confirmDeviceSchema,
        response: { 200: deviceStateSchema },
      },
    },
    async (request) => {
      const { id, deviceId } = request.params
      const actor = actorOf(request)
      const seen = await reader.devices(id)
      if (!seen.some((state) => state.device.id === deviceId)) throw notFound('device at this Location')
      await directory.products.confirmDevice(id, deviceId, request.body, actor.userId)
      await audit.record({
        actor: actor.userId,
        action: 'confirm-device',
        subject: `${id}/${deviceId}`,
        outcome: 'done',
        address: request.ip,
        detail: JSON.stringify(request.body),
      })
      projections.announceLocation(id, [deviceId])
      const state = (await reader.devices(id)).find((each) => each.device.id === deviceId)
      if (state === undefined) throw notFound('device at this Location')
      return state
    },
  )

  app.post(
    '/api/locations/:id/claims',
    {
      config: { ...byTechnician, rateLimit: { max: 30, timeWindow: 60_000 } },
      schema: {
        tags,
        summary: 'A one-use claim token for a new appliance',
        params,
        body: z.strictObject({}).nullish(),
        response: { 201: claimSchema },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const actor = actorOf(request)
      const { token, expiresAtMs } = await directory.claims.issue(id, actor.userId)
      await audit.record({
        actor: actor.userId,
        action: 'claim',
        subject: id,
        outcome: 'done',
        address: request.ip,
      })
      return reply.code(201).send({ bundle: claimBundle(token), locationId: id, expiresAtMs })
    },
  )
}
