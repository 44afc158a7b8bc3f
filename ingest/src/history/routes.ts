import { deviceIdSchema, topicToken } from '@proactive/shared'
import { changePageSchema, changeQuerySchema, deviceIdentitySchema } from '@proactive/shared/http'
import { z } from 'zod'
import { access } from '../api/access.ts'
import type { App, WebContext } from '../api/context.ts'
import type { Changes } from './changes.ts'
import { readTraits } from './traits.ts'

const tags = ['Locations']
const params = z.strictObject({ id: topicToken })

/** How a Location became what it is: network data, for every Organization with a stake in it (ADR 011). */
export const historyRoutes =
  (changes: Pick<Changes, 'page'>) =>
  (app: App, { database }: WebContext): void => {
    const atStake = access({ role: 'viewer', scope: 'location' })

    app.get(
      '/api/locations/:id/changes',
      {
        config: atStake,
        schema: {
          tags,
          summary: 'What changed at a Location, newest first',
          params,
          querystring: changeQuerySchema,
          response: { 200: changePageSchema },
        },
      },
      async (request) => changes.page(request.params.id, request.query),
    )

    app.get(
      '/api/locations/:id/devices/:deviceId/identity',
      {
        config: atStake,
        schema: {
          tags,
          summary: 'Names, addresses and versions of a device, now and before',
          params: params.extend({ deviceId: deviceIdSchema }),
          response: { 200: deviceIdentitySchema },
        },
      },
      async (request) => {
        const { id, deviceId } = request.params
        return { items: await readTraits(database.db, id, deviceId) }
      },
    )
  }
