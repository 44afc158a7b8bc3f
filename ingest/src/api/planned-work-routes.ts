import {
  createMaintenanceSchema,
  createSilenceSchema,
  locationHoursSchema,
  maintenanceListSchema,
  maintenanceWindowSchema,
  silenceListSchema,
  silenceSchema,
} from '@proactive/shared/http'
import { topicToken } from '@proactive/shared'
import { z } from 'zod'
import { access } from './access.ts'
import type { App, WebContext } from './context.ts'
import { recorderOf } from './directory-trail.ts'
import { actorOf } from './guard.ts'
import { notFound } from './problem.ts'

const tags = ['hours and planned work']
const params = z.strictObject({ id: topicToken })

/** When a Location is open, when work on it is planned, and when it shall be quiet. Reading follows the stake, changing is for technicians. */
export function registerPlannedWorkRoutes(app: App, context: WebContext): void {
  const { places, plannedWork } = context.directory
  const record = recorderOf(context)
  const atStake = access({ role: 'viewer', scope: 'location' })
  const byTechnician = access({ role: 'technician', scope: 'location' })

  app.get(
    '/api/locations/:id/hours',
    {
      config: atStake,
      schema: { tags, summary: 'Opening hours and holidays', params, response: { 200: locationHoursSchema } },
    },
    async (request) => {
      const location = await places.location(request.params.id)
      if (location === undefined) throw notFound('Location')
      return { timeZone: location.timeZone, calendar: location.calendar }
    },
  )

  app.put(
    '/api/locations/:id/hours',
    {
      config: byTechnician,
      schema: {
        tags,
        summary: 'Set opening hours and holidays',
        params,
        body: locationHoursSchema,
        response: { 200: locationHoursSchema },
      },
    },
    async (request) => {
      const { id } = request.params
      await places.setHours(id, request.body)
      await record(request, id)
      return request.body
    },
  )

  app.get(
    '/api/locations/:id/maintenance',
    {
      config: atStake,
      schema: { tags, summary: 'Planned work', params, response: { 200: maintenanceListSchema } },
    },
    async (request) => ({ items: await plannedWork.windows(request.params.id) }),
  )

  app.post(
    '/api/locations/:id/maintenance',
    {
      config: byTechnician,
      schema: {
        tags,
        summary: 'Plan work: its faults are recorded and open no Issue',
        params,
        body: createMaintenanceSchema,
        response: { 201: maintenanceWindowSchema },
      },
    },
    async (request, reply) => {
      const window = await plannedWork.plan(request.params.id, request.body, actorOf(request).userId)
      await record(request, window.id)
      return reply.code(201).send(window)
    },
  )

  app.post(
    '/api/locations/:id/maintenance/:windowId/end',
    {
      config: byTechnician,
      schema: {
        tags,
        summary: 'End planned work for good; what still fails opens its Issue',
        params: params.extend({ windowId: topicToken }),
        body: z.strictObject({}).nullish(),
        response: { 200: maintenanceWindowSchema },
      },
    },
    async (request) => {
      const { id, windowId } = request.params
      const window = await plannedWork.endWindow(id, windowId)
      await record(request, windowId)
      return window
    },
  )

  app.get(
    '/api/locations/:id/silences',
    {
      config: atStake,
      schema: { tags, summary: 'What opens no Issue for now', params, response: { 200: silenceListSchema } },
    },
    async (request) => ({ items: await plannedWork.silences(request.params.id) }),
  )

  app.post(
    '/api/locations/:id/silences',
    {
      config: byTechnician,
      schema: {
        tags,
        summary: 'Open no Issue for a device, a cause, or the whole Location until then',
        params,
        body: createSilenceSchema,
        response: { 201: silenceSchema },
      },
    },
    async (request, reply) => {
      const silence = await plannedWork.silence(request.params.id, request.body, actorOf(request).userId)
      await record(request, silence.id)
      return reply.code(201).send(silence)
    },
  )

  app.post(
    '/api/locations/:id/silences/:silenceId/end',
    {
      config: byTechnician,
      schema: {
        tags,
        summary: 'End a silence early; what still fails opens its Issue',
        params: params.extend({ silenceId: topicToken }),
        body: z.strictObject({}).nullish(),
        response: { 200: silenceSchema },
      },
    },
    async (request) => {
      const { id, silenceId } = request.params
      const silence = await plannedWork.endSilence(id, silenceId)
      await record(request, silenceId)
      return silence
    },
  )
}
