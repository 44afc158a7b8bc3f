import type { Issue, SupportHours } from '@proactive/shared/http'
import { supportHoursSchema } from '@proactive/shared/http'
import type { Database, Trx } from '../db/open.ts'
import { deadlineAt } from './business-hours.ts'

/** How long the first human answer may take; minutes, with where the number comes from. */
export const responseLimits = {
  /** Chat and messengers: two minutes (Deskun's case). */
  chat: { minutes: 2, isAroundTheClock: false },
  /** Mail and web forms: one hour (Deskun's case). */
  mail: { minutes: 60, isAroundTheClock: false },
  /** Critical: two hours, day and night (TSANet's practice). */
  critical: { minutes: 120, isAroundTheClock: true },
} as const
export type ResponseLimit = keyof typeof responseLimits

/** The limit that an Issue comes with; undefined = nobody waits for a first answer (a call was answered already). */
export function limitOf(source: Issue['source'], severity: Issue['severity']): ResponseLimit | undefined {
  switch (source) {
    case 'chat':
    case 'sms':
      return 'chat'
    case 'email':
    case 'web':
      return 'mail'
    case 'proactive':
    case 'partner':
      return severity === 'critical' ? 'critical' : undefined
    case 'phone':
      return undefined
  }
}

/** Columns of a clock that starts now, on the hours of the Organization that owns the Issue. */
export async function startClock(
  db: Database | Trx,
  limit: ResponseLimit | undefined,
  organizationId: string,
  nowMs: number,
) {
  if (limit === undefined) return {}
  const { minutes, isAroundTheClock } = responseLimits[limit]
  const hours = isAroundTheClock ? undefined : await readSupportHours(db, organizationId)
  return {
    response_limit: limit,
    respond_by_ms: deadlineAt(nowMs, minutes * 60_000, hours),
    responded_at_ms: null,
    breached_at_ms: null,
  }
}

/** Columns of a clock that a person's answer stops; the first answer counts, later ones change nothing. */
export function stopClock(issue: Issue, nowMs: number): { responded_at_ms?: number } {
  const { response } = issue
  return response === undefined || response.respondedAtMs !== undefined ? {} : { responded_at_ms: nowMs }
}

/** Whether a clock waits for words to the Customer; a proactive one is answered by whoever takes it up. */
export function waitsForCustomerAnswer(issue: Issue): boolean {
  return issue.source !== 'proactive' && issue.source !== 'partner'
}

export async function readSupportHours(
  db: Database | Trx,
  organizationId: string,
): Promise<SupportHours | undefined> {
  const row = await db
    .selectFrom('support_hours')
    .select('hours_json')
    .where('organization_id', '=', organizationId)
    .executeTakeFirst()
  return row === undefined ? undefined : supportHoursSchema.parse(JSON.parse(row.hours_json))
}
