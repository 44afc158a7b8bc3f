import type { ApiContext, App } from './context.ts'
import { access } from './guard.ts'
import { ProblemError } from './problem.ts'

const config = access('public')

/** For those who run it; on loopback like everything here. */
export function registerOperationRoutes(app: App, { db, metrics }: ApiContext): void {
  app.get('/healthz', { config, schema: { hide: true } }, async () => ({ ok: true }))

  app.get('/readyz', { config, schema: { hide: true } }, async () => {
    const state = await db.selectFrom('state').select('directory_cursor').executeTakeFirst()
    if (state === undefined) throw new ProblemError(503, 'not-ready', 'The database is not ready.')
    return { ok: true, directoryCursor: state.directory_cursor }
  })

  app.get('/metrics', { config, schema: { hide: true } }, async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  )

  app.get('/api/openapi.json', { config, schema: { hide: true } }, async () => app.swagger())
}
