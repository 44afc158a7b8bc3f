import { organizationSchema, productSchema, teamSchema } from '@proactive/shared/http'
import { topicToken } from '@proactive/shared'
import { z } from 'zod'
import { access } from './access.ts'
import type { App, WebContext } from './context.ts'

const tags = ['directory']

/** What the console reads of the directory: names of those who share the work. */
export function registerDirectoryRoutes(app: App, { directory }: WebContext): void {
  app.get(
    '/api/organizations',
    {
      config: access({ role: 'viewer' }),
      schema: {
        tags,
        summary: 'Organizations of the ecosystem, by name',
        response: { 200: z.object({ items: z.array(organizationSchema) }) },
      },
    },
    async () => ({ items: await directory.people.organizations() }),
  )

  app.get(
    '/api/teams',
    {
      config: access({ role: 'viewer' }),
      schema: {
        tags,
        summary: 'Teams of the ecosystem, by name: who an Issue can belong to',
        response: { 200: z.object({ items: z.array(teamSchema) }) },
      },
    },
    async () => ({ items: await directory.people.teams() }),
  )

  app.get(
    '/api/locations/:id/products',
    {
      config: access({ role: 'viewer', scope: 'location' }),
      schema: {
        tags,
        summary: 'Products of a Location',
        params: z.strictObject({ id: topicToken }),
        response: { 200: z.object({ items: z.array(productSchema) }) },
      },
    },
    async (request) => ({ items: await directory.products.list(request.params.id) }),
  )
}
