import type { issueHistorySchema } from '@proactive/shared/http'
import type { z } from 'zod'
import type { Database } from '../db/open.ts'

const maxLines = 2_000

/** How an Issue went from Team to Team, and its audit trail; oldest first. */
export async function readHistory(db: Database, number: number): Promise<z.infer<typeof issueHistorySchema>> {
  const passes = await db
    .selectFrom('passes')
    .selectAll()
    .where('issue_number', '=', number)
    .orderBy('id')
    .limit(maxLines)
    .execute()
  const audit = await db
    .selectFrom('audit')
    .selectAll()
    .where('issue_number', '=', number)
    .orderBy('id')
    .limit(maxLines)
    .execute()
  return {
    passes: passes.map((row) => ({
      kind: row.kind,
      fromTeamId: row.from_team_id,
      toTeamId: row.to_team_id,
      note: row.note,
      isCritical: row.is_critical === 1,
      ...(row.business_impact === null ? {} : { businessImpact: row.business_impact }),
      ...(row.partner_case_number === null ? {} : { partnerCaseNumber: row.partner_case_number }),
      byName: row.by_name,
      atMs: row.at_ms,
    })),
    audit: audit.map((row) => ({
      action: row.action,
      byKind: row.by_kind,
      byId: row.by_id,
      byName: row.by_name,
      details: parseDetails(row.details_json),
      version: row.version,
      atMs: row.at_ms,
    })),
  }
}

/** Details are ours, cut where they were huge: a cut one is told as text. */
function parseDetails(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : { value }
  } catch {
    return { text }
  }
}
