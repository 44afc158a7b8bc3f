import { topicToken } from '@proactive/shared'
import { locationUsualSchema } from '@proactive/shared/http'
import { z } from 'zod'
import { access } from '../api/access.ts'
import type { App } from '../api/context.ts'
import type { Usual } from './usual.ts'

/** What is usual: network data, for every Organization with a stake in the Location (ADR 011). */
export const usualRoutes =
  (usual: Pick<Usual, 'read'>) =>
  (app: App): void => {
    app.get(
      '/api/locations/:id/usual',
      {
        config: access({ role: 'viewer', scope: 'location' }),
        schema: {
          tags: ['Locations'],
          summary: 'What is usual on its line, resolvers and payment paths at this hour',
          params: z.strictObject({ id: topicToken }),
          response: { 200: locationUsualSchema },
        },
      },
      async (request) => usual.read(request.params.id),
    )
  }
