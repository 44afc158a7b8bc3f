import type { Trx } from '../db/open.ts'
import type { PassTable } from '../db/tables.ts'
import type { FoundIssue } from './read.ts'

/** A step of an Issue between Teams, as it is written down. */
export interface NewPass {
  readonly kind: PassTable['kind']
  readonly toTeamId: string
  readonly note: string
  readonly byName: string
  readonly nowMs: number
  readonly isCritical?: boolean
  readonly businessImpact?: string | undefined
  readonly partnerCaseNumber?: string | undefined
}

export async function writePass(trx: Trx, { issue, number }: FoundIssue, pass: NewPass): Promise<void> {
  await trx
    .insertInto('passes')
    .values({
      issue_number: number,
      kind: pass.kind,
      from_team_id: issue.ownerTeamId,
      to_team_id: pass.toTeamId,
      from_user_id: issue.ownerUserId ?? null,
      note: pass.note,
      is_critical: pass.isCritical === true ? 1 : 0,
      business_impact: pass.businessImpact ?? null,
      partner_case_number: pass.partnerCaseNumber ?? null,
      by_name: pass.byName,
      is_given_back: 0,
      at_ms: pass.nowMs,
    })
    .execute()
}

/** The newest pass of the kind that was not given back yet and ends at the Team that has the Issue now. */
export async function openPass(trx: Trx, { issue, number }: FoundIssue, kind: 'escalate' | 'hand-over') {
  return trx
    .selectFrom('passes')
    .selectAll()
    .where('issue_number', '=', number)
    .where('kind', '=', kind)
    .where('to_team_id', '=', issue.ownerTeamId)
    .where('is_given_back', '=', 0)
    .orderBy('id', 'desc')
    .executeTakeFirst()
}

export async function markGivenBack(trx: Trx, passId: number): Promise<void> {
  await trx.updateTable('passes').set({ is_given_back: 1 }).where('id', '=', passId).execute()
}
