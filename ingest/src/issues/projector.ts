import { fingerprint } from '@proactive/shared'
import type { Logger } from 'pino'
import type { Counter } from 'prom-client'
import type { Db, Trx } from '../db/database.ts'
import type { IncidentReport } from '../faults/model.ts'
import { describeIssue, type IssueFacts } from './describe-issue.ts'
import { isNewEffect, readKnownKey, writePlan } from './operations.ts'
import { type IncidentEffect, planOperations } from './plan-operations.ts'
import type { PrecisionLedger } from './precision-ledger.ts'
import type { IssueTables } from './tables.ts'

export interface IncidentProjectorDependencies {
  readonly db: Db
  readonly facts: IssueFacts
  /** Writes the incident's row as people see it; runs in the transaction that also writes the outbox. */
  readonly projectIncident: (trx: Trx, report: IncidentReport) => Promise<void>
  /** Tells those who look at the Location; called after the commit. */
  readonly announceIncident: (report: IncidentReport) => void
  /** Tells the outbox dispatcher that a row came. */
  readonly wake: () => void
  readonly log: Logger
  readonly nowMs: () => number
  /** Label-less counter of incidents that nobody is responsible for. */
  readonly unrouted: Pick<Counter, 'inc'>
  readonly coalesceMs: number
  /** Rules that have to prove themselves again: they record and open nothing. */
  readonly ledger: Pick<PrecisionLedger, 'isShadow' | 'stamp'>
}

/** Turns the fault core's incidents into rows and operations for the helpdesk. */
export interface IncidentProjector {
  /** Resolves when incident and operations are durable, in one transaction; a repeat of the same effect changes nothing. */
  project(effect: IncidentEffect): Promise<void>
}

export function createIncidentProjector(dependencies: IncidentProjectorDependencies): IncidentProjector {
  const { db, facts, projectIncident, announceIncident, wake, log, nowMs, unrouted, coalesceMs, ledger } =
    dependencies
  return {
    async project(told) {
      const effect = inShadow(told, ledger)
      const { report } = effect
      const { key, locationId } = report
      // Read before the transaction: on SQLite there is one connection, and the directory asks with its own handle.
      const issue = await describeIssue(report, facts)
      const now = nowMs()
      const isNew = await db.transaction().execute(async (outer) => {
        const trx = outer.withTables<IssueTables>()
        if (!(await isNewEffect(trx, key, fingerprint([JSON.stringify(told)]), now))) return false
        const known = await readKnownKey(trx, key)
        await projectIncident(outer, known === undefined ? report : told.report)
        await ledger.stamp(trx, report)
        // Planned work and silences hold back that an Issue opens, never what is told of one that is open.
        const isHeld = report.issueHeldBy !== undefined && known === undefined
        const plan = planOperations(effect, isHeld ? undefined : issue, known, { nowMs: now, coalesceMs })
        await writePlan(trx, key, locationId, plan, now)
        if (issue === undefined && known === undefined && report.state === 'open' && !isHeld) {
          unrouted.inc()
          log.error(
            { locationId, dedupKey: key, faultClass: report.faultClass },
            'nobody is responsible for this incident: add a fallback routing rule for the Location',
          )
        }
        return true
      })
      wake()
      if (isNew) announceIncident(report)
    },
  }
}

/** An incident of a rule in shadow is recorded and shown, and says why it has no Issue. */
function inShadow(effect: IncidentEffect, ledger: Pick<PrecisionLedger, 'isShadow'>): IncidentEffect {
  const { report } = effect
  if (report.issueHeldBy !== undefined || !ledger.isShadow(report.faultClass)) return effect
  return { ...effect, report: { ...report, issueHeldBy: 'shadow' } }
}
