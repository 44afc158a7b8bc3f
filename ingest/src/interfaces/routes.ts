import { deviceIdSchema, topicToken } from '@proactive/shared'
import { interfaceListSchema } from '@proactive/shared/http'
import { z } from 'zod'
import { access } from '../api/access.ts'
import type { App } from '../api/context.ts'
import type { Interfaces } from './interfaces.ts'

/** The ports of one device: network data, for every Organization with a stake in the Location (ADR 011). */
export const interfaceRoutes =
  (interfaces: Pick<Interfaces, 'list'>) =>
  (app: App): void => {
    app.get(
      '/api/locations/:id/devices/:deviceId/interfaces',
      {
        config: access({ role: 'viewer', scope: 'location' }),
        schema: {
          tags: ['Locations'],
          summary: 'Interfaces of a router or switch, with their newest readings',
          params: z.strictObject({ id: topicToken, deviceId: deviceIdSchema }),
          response: { 200: interfaceListSchema },
        },
      },
      async (request) => {
        const { id, deviceId } = request.params
        return { items: await interfaces.list(id, deviceId) }
      },
    )
  }
