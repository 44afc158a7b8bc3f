import { type FaultClass, fingerprint } from '@proactive/shared'
import type { ClosingCode, Issue } from '@proactive/shared/http'
import type { Db } from '../db/database.ts'
import { rules } from '../faults/index.ts'
import type { IssueTrx } from './operations.ts'
import type { IssueTables } from './tables.ts'

/** How right a rule's Issues were, as it is written now. */
export interface RuleStanding {
  readonly faultClass: FaultClass
  /** Changes with the rule: what an older version did does not count against a new one. */
  readonly ruleVersion: string
  /** Closed Issues by how they were closed. */
  readonly closed: Readonly<Record<ClosingCode, number>>
  /** Share of them that were right, 0..1: all but the false ones; the wrong owner is routing's fault, not the rule's. null before the first. */
  readonly precision: number | null
  /** Recorded and shown, opens nothing: too many of its Issues were none. Never so of a critical rule. */
  readonly isShadow: boolean
}

/** Remembers how Issues were closed, and which rules have to prove themselves again. */
export interface PrecisionLedger {
  /** Remembers by which version of its rule an incident is told, within the transaction that stores it: its first word on a class counts. */
  stamp(trx: IssueTrx, incident: { readonly key: string; readonly faultClass: FaultClass }): Promise<void>
  /** Takes a closed Issue within the transaction that stores it; one that is not closed changes nothing. */
  note(trx: IssueTrx, issue: Issue): Promise<void>
  /** Takes a person's word on an incident that was recorded without an Issue; a later word replaces an earlier one. */
  judge(verdict: Verdict): Promise<void>
  standings(): Promise<readonly RuleStanding[]>
  /** Whether the rule opens nothing for now. From memory; {@link standings} brings it up to date, each noted Issue too. */
  isShadow(faultClass: FaultClass): boolean
  /** Lets a rule open Issues again: what was closed so far does not count any more. */
  trust(faultClass: FaultClass): Promise<void>
  /** Takes away what is too old to count. */
  trim(): Promise<void>
}

/** What somebody said of an incident that has no Issue because its rule is on probation. */
export interface Verdict {
  readonly key: string
  readonly faultClass: FaultClass
  readonly closingCode: ClosingCode
  /** Whose word it is. */
  readonly organizationId: string
}

/** Below this share of right Issues a rule falls back to shadow (ADR 072). */
export const leastPrecision = 0.8
/** Fewer closed Issues than this decide nothing. */
export const fewestClosed = 10
/** The newest ones count, and not for ever. */
const mostClosed = 100
const memoryMs = 180 * 24 * 3_600_000

/** Names the version of a rule: a fingerprint of all that decides by it. */
export function ruleVersionOf(faultClass: FaultClass): string {
  return fingerprint([JSON.stringify(rules[faultClass])]).slice(0, 12)
}

export function createPrecisionLedger(options: {
  readonly db: Db
  readonly nowMs: () => number
  /** Told when a rule falls back to shadow, or is trusted again. */
  readonly onChange: (standing: RuleStanding) => void
}): PrecisionLedger {
  const { nowMs, onChange } = options
  const db = options.db.withTables<IssueTables>()
  const shadows = new Set<FaultClass>()

  async function read(): Promise<RuleStanding[]> {
    const rows = await db
      .selectFrom('rule_ledger')
      .select(['fault_class', 'rule_version', 'closing_code', 'organization_id'])
      .where('closed_at_ms', '>=', nowMs() - memoryMs)
      .where('is_forgiven', '=', 0)
      .orderBy('closed_at_ms', 'desc')
      .limit(20_000)
      .execute()
    const { count: organizations } = await db
      .selectFrom('organizations')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    const isAlone = Number(organizations) < 2
    const standings = (Object.keys(rules) as FaultClass[]).map((faultClass) => {
      const ruleVersion = ruleVersionOf(faultClass)
      const own = rows
        .filter((row) => row.fault_class === faultClass && row.rule_version === ruleVersion)
        .slice(0, mostClosed)
      const count = (code: ClosingCode) => own.filter((row) => row.closing_code === code).length
      const closed = {
        true: count('true'),
        'self-recovered': count('self-recovered'),
        false: count('false'),
        'wrong-owner': count('wrong-owner'),
      }
      const isShadow =
        rules[faultClass].severity !== 'critical' &&
        own.length >= fewestClosed &&
        isDoubted(own) &&
        (isAlone || isDoubtedByMany(own))
      return { faultClass, ruleVersion, closed, precision: precisionOf(own), isShadow }
    })
    for (const standing of standings) {
      if (standing.isShadow === shadows.has(standing.faultClass)) continue
      if (standing.isShadow) shadows.add(standing.faultClass)
      else shadows.delete(standing.faultClass)
      onChange(standing)
    }
    return standings
  }

  async function put(trx: IssueTrx, { key, ...verdict }: Verdict, closedAtMs: number): Promise<void> {
    const stamp = await trx
      .selectFrom('incident_rules')
      .select('rule_version')
      .where('key', '=', key)
      .where('fault_class', '=', verdict.faultClass)
      .executeTakeFirst()
    const row = {
      closing_code: verdict.closingCode,
      fault_class: verdict.faultClass,
      organization_id: verdict.organizationId,
      // Incidents from before this was kept have no stamp.
      rule_version: stamp?.rule_version ?? ruleVersionOf(verdict.faultClass),
    }
    await trx
      .insertInto('rule_ledger')
      .values({ key, ...row, closed_at_ms: closedAtMs, is_forgiven: 0 })
      .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
      .execute()
  }

  return {
    async stamp(trx, { key, faultClass }) {
      const rule_version = ruleVersionOf(faultClass)
      await trx
        .insertInto('incident_rules')
        .values({ key, fault_class: faultClass, rule_version, told_at_ms: nowMs() })
        .onConflict((conflict) => conflict.columns(['key', 'fault_class']).doNothing())
        .execute()
    },
    async note(trx, issue) {
      const { key, proactive, status, ownerOrganizationId, resolvedAtMs } = issue
      if (key === undefined || proactive === undefined) return
      if (status !== 'Resolved' && status !== 'Cancelled') return
      const { faultClass } = proactive
      const verdict = {
        key,
        faultClass,
        closingCode: closingCodeOf(issue),
        organizationId: ownerOrganizationId,
      }
      await put(trx, verdict, resolvedAtMs ?? nowMs())
    },
    async judge(verdict) {
      await db.transaction().execute((trx) => put(trx, verdict, nowMs()))
      await read()
    },
    standings: read,
    isShadow: (faultClass) => shadows.has(faultClass),
    async trust(faultClass) {
      await db
        .updateTable('rule_ledger')
        .set({ is_forgiven: 1 })
        .where('fault_class', '=', faultClass)
        .execute()
      await read()
    },
    async trim() {
      const tooOldMs = nowMs() - memoryMs
      await db.deleteFrom('rule_ledger').where('closed_at_ms', '<', tooOldMs).execute()
      await db.deleteFrom('incident_rules').where('told_at_ms', '<', tooOldMs).execute()
    },
  }
}

/** A closed Issue, as far as it says how right the rule was. */
interface Closed {
  readonly closing_code: string
  /** Whose Team owned it at the end; empty = not known. */
  readonly organization_id: string
}

function precisionOf(closed: readonly Closed[]): number | null {
  if (closed.length === 0) return null
  return closed.filter(({ closing_code }) => closing_code !== 'false').length / closed.length
}

function isDoubted(closed: readonly Closed[]): boolean {
  const precision = precisionOf(closed)
  return precision !== null && precision < leastPrecision
}

/** Whether the rule would fall without any one Organization's word too: nobody mutes it for the others. */
function isDoubtedByMany(closed: readonly Closed[]): boolean {
  const known = closed.filter(({ organization_id }) => organization_id !== '')
  const organizations = [...new Set(known.map(({ organization_id }) => organization_id))]
  if (organizations.length < 2) return false
  return organizations.every((one) =>
    isDoubted(known.filter(({ organization_id }) => organization_id !== one)),
  )
}

/** What people said of it; a helpdesk that does not ask tells it by how the Issue ended. */
export function closingCodeOf(issue: Pick<Issue, 'closingCode' | 'status' | 'isTouched'>): ClosingCode {
  if (issue.closingCode !== undefined) return issue.closingCode
  if (issue.status === 'Cancelled') return 'false'
  return issue.isTouched ? 'true' : 'self-recovered'
}
