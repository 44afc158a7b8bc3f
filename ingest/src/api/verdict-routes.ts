import { topicToken } from '@proactive/shared'
import { dedupKeySchema, incidentSchema, incidentVerdictSchema } from '@proactive/shared/http'
import { z } from 'zod'
import { access } from './access.ts'
import type { App, WebContext } from './context.ts'
import { actorOf } from './guard.ts'
import { notFound, ProblemError } from './problem.ts'

/** What an incident without an Issue turned out to be: the way back for a rule on probation (ADR 076). */
export function registerVerdictRoutes(app: App, { database, ledger, audit }: WebContext): void {
  app.post(
    '/api/locations/:id/incidents/:key/verdict',
    {
      config: access({ role: 'agent', scope: 'location' }),
      schema: {
        tags: ['faults'],
        summary: 'Say what an incident of a rule on probation turned out to be',
        params: z.strictObject({ id: topicToken, key: dedupKeySchema }),
        body: incidentVerdictSchema,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { id, key } = request.params
      const row = await database.db
        .selectFrom('incidents')
        .select('report')
        .where('key', '=', key)
        .where('location_id', '=', id)
        .executeTakeFirst()
      if (row === undefined) throw notFound('incident')
      const { faultClass, issueHeldBy } = incidentSchema.parse(JSON.parse(row.report))
      if (issueHeldBy !== 'shadow')
        throw new ProblemError(
          409,
          'not-on-probation',
          'Only incidents of a rule on probation are judged here: what has an Issue is judged by its closing code.',
        )
      const { organizationId, userId } = actorOf(request)
      const { closingCode } = request.body
      await ledger.judge({ key, faultClass, closingCode, organizationId })
      await audit.record({
        actor: userId,
        action: 'fault-rule',
        subject: faultClass,
        outcome: 'done',
        address: request.ip,
        detail: `${key}: ${closingCode}`,
      })
      return reply.code(204).send(null)
    },
  )
}
