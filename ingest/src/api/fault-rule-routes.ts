import { type FaultClass, faultClassSchema } from '@proactive/shared'
import { type FaultRule, faultRulesSchema } from '@proactive/shared/http'
import { z } from 'zod'
import { rules } from '../faults/index.ts'
import type { IssueTables, RuleStanding } from '../issues/index.ts'
import { access } from './access.ts'
import type { App, WebContext } from './context.ts'
import { actorOf } from './guard.ts'

const days = 90
const dayMs = 24 * 60 * 60 * 1_000
const maxIncidents = 5_000

interface Tally {
  opened: number
  resolved: number
  cancelled: number
}

/** The table of causes as the fault core works by it, and how often each was right: an Issue that people cancel was none. */
export function registerFaultRuleRoutes(app: App, { database, nowMs, ledger, audit }: WebContext): void {
  const db = database.db.withTables<IssueTables>()

  async function tallies(organizationId: string): Promise<ReadonlyMap<string, Tally>> {
    const rows = await db
      .selectFrom('incidents')
      .leftJoin('issue_refs', 'issue_refs.key', 'incidents.key')
      .select(['incidents.report', 'issue_refs.status'])
      .where('incidents.opened_at_ms', '>=', nowMs() - days * dayMs)
      .where('incidents.location_id', 'in', (eb) =>
        eb.selectFrom('stakes').select('location_id').where('organization_id', '=', organizationId),
      )
      .orderBy('incidents.opened_at_ms', 'desc')
      .limit(maxIncidents)
      .execute()
    const byClass = new Map<string, Tally>()
    for (const { report, status } of rows) {
      const { faultClass }: { faultClass: string } = JSON.parse(report)
      const tally = byClass.get(faultClass) ?? { opened: 0, resolved: 0, cancelled: 0 }
      tally.opened += 1
      if (status === 'Resolved') tally.resolved += 1
      if (status === 'Cancelled') tally.cancelled += 1
      byClass.set(faultClass, tally)
    }
    return byClass
  }

  app.get(
    '/api/fault-rules',
    {
      config: { ...access({ role: 'technician' }), rateLimit: { max: 30, timeWindow: 60_000 } },
      schema: {
        tags: ['faults'],
        summary: 'The table of causes, and how often each was right',
        response: { 200: faultRulesSchema },
      },
    },
    async (request) => {
      const byClass = await tallies(actorOf(request).organizationId)
      const standings = new Map((await ledger.standings()).map((standing) => [standing.faultClass, standing]))
      const items = Object.entries(rules).map(([faultClass, rule]) => {
        const { opened, resolved, cancelled } = byClass.get(faultClass) ?? {
          opened: 0,
          resolved: 0,
          cancelled: 0,
        }
        const closed = resolved + cancelled
        return {
          faultClass: faultClass as FaultClass,
          evidence: rule.evidence,
          holdSeconds: Number.isFinite(rule.holdMs) ? rule.holdMs / 1_000 : null,
          severity: rule.severity,
          whenClosed: rule.whenClosed,
          explains: [...rule.explains],
          opened,
          resolved,
          cancelled,
          precision: closed === 0 ? null : resolved / closed,
          ledger: ledgerOf(standings.get(faultClass as FaultClass)),
        }
      })
      return { items, days }
    },
  )

  app.post(
    '/api/fault-rules/:faultClass/trust',
    {
      config: access({ role: 'admin', scope: 'operator' }),
      schema: {
        tags: ['faults'],
        summary: 'Let a rule open Issues again: what was closed so far does not count any more',
        params: z.strictObject({ faultClass: faultClassSchema }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { faultClass } = request.params
      await ledger.trust(faultClass)
      await audit.record({
        actor: actorOf(request).userId,
        action: 'fault-rule',
        subject: faultClass,
        outcome: 'done',
        address: request.ip,
        detail: 'trusted again',
      })
      return reply.code(204).send(null)
    },
  )
}

function ledgerOf(standing: RuleStanding | undefined): FaultRule['ledger'] {
  const { ruleVersion = '', closed = nothingClosed, precision = null, isShadow = false } = standing ?? {}
  return { ruleVersion, closed: { ...closed }, precision, isShadow }
}

const nothingClosed: RuleStanding['closed'] = { true: 0, 'self-recovered': 0, false: 0, 'wrong-owner': 0 }
