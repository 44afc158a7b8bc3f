import {
  deskReportAnswerSchema,
  deskReportSchema,
  deskStandingQuerySchema,
  deskStandingSchema,
} from '@proactive/shared/http'
import { isConflict } from '../issues/desk-operations.ts'
import { readStanding, takeReport } from '../issues/merchant-report.ts'
import type { ApiContext, App } from './context.ts'
import { access } from './guard.ts'
import { ProblemError } from './problem.ts'

const config = access({ service: true })
const tags = ['merchant’s page']

/** The merchant's page speaks through ingest, which knows the link; what it may see is decided here. */
export function registerReportRoutes(app: App, { db, changes, metrics, nowMs }: ApiContext): void {
  app.post(
    '/api/reports',
    {
      config,
      schema: {
        tags,
        summary: 'A merchant’s words, into the open Issue they are about or a new one',
        body: deskReportSchema,
        response: { 200: deskReportAnswerSchema },
      },
    },
    async (request) => {
      const taken = await db.transaction().execute(async (trx) => {
        const result = await takeReport(trx, request.body, nowMs())
        if (result !== undefined && isConflict(result))
          throw new ProblemError(409, result.conflict, result.sentence)
        return result
      })
      if (taken === undefined) return { issueId: null, isNew: false }
      if (taken.isNew) metrics.issuesOpened.inc()
      changes.notify()
      return { issueId: taken.found.issue.id, isNew: taken.isNew }
    },
  )

  app.get(
    '/api/reports/standing',
    {
      config,
      schema: {
        tags,
        summary: 'Who works on what at a Location, as far as an Organization takes part',
        querystring: deskStandingQuerySchema,
        response: { 200: deskStandingSchema },
      },
    },
    async (request) => readStanding(db, request.query),
  )
}
