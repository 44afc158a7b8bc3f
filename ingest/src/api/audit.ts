import { toShortText } from '@proactive/shared'
import { type AuditTrail, type auditQuerySchema, auditTrailSchema } from '@proactive/shared/http'
import type { Logger } from 'pino'
import type { z } from 'zod'
import type { Database } from '../db/database.ts'
import { newId } from '../directory/new-id.ts'
import type { AuditRow } from './tables.ts'

/** How long the trail is kept. */
const keptMs = 400 * 24 * 60 * 60 * 1_000

/** One thing somebody did or tried. */
export interface AuditEntry {
  /** User id, a merchant link's id, or `anonymous`. */
  readonly actor: string
  readonly action:
    | 'log-in'
    | 'log-out'
    | 'set-up'
    | 'snmp'
    | 'claim'
    | 'command'
    | 'confirm-device'
    | 'revoke'
    | 'password'
    | 'directory'
    | 'merchant-link'
    | 'merchant-page'
    | 'helpdesk'
    | 'fault-rule'
  readonly subject: string
  readonly outcome: 'done' | 'refused' | 'failed'
  readonly address: string
  readonly detail?: string
}

/** Who did what: kept for 400 days, also told to the log. */
export interface Audit {
  /** @returns the entry's id, a topic token: commands carry it to the appliance. */
  record(entry: AuditEntry): Promise<string>
  /** Newest first. */
  list(query: z.infer<typeof auditQuerySchema>): Promise<AuditTrail['items']>
}

export function createAudit(options: {
  readonly database: Database
  readonly log: Logger
  readonly nowMs: () => number
}): Audit {
  const { log, nowMs } = options
  const { db } = options.database
  return {
    record: async (entry) => {
      const id = newId('audit')
      const now = nowMs()
      const { actor, action, subject, outcome, address } = entry
      log.info({ auditId: id, actor, action, subject, outcome, address }, 'audit')
      await db
        .deleteFrom('audit_entries')
        .where('at_ms', '<', now - keptMs)
        .execute()
      const row: AuditRow = {
        id,
        at_ms: now,
        actor,
        action,
        subject: toShortText(subject, 200),
        outcome,
        address,
        detail: toShortText(entry.detail ?? '', 500),
      }
      await db.insertInto('audit_entries').values(row).execute()
      return id
    },
    list: async ({ beforeMs, subject, limit }) => {
      const rows = await db
        .selectFrom('audit_entries')
        .leftJoin('users', 'users.id', 'audit_entries.actor')
        .selectAll('audit_entries')
        .select('users.name as actor_name')
        .$if(beforeMs !== undefined, (query) => query.where('at_ms', '<', beforeMs ?? 0))
        .$if(subject !== undefined, (query) => query.where('subject', '=', subject ?? ''))
        .orderBy('at_ms', 'desc')
        .orderBy('audit_entries.id', 'desc')
        .limit(limit)
        .execute()
      const items = rows.map(({ at_ms, actor_name, ...row }) => ({
        ...row,
        atMs: at_ms,
        ...(actor_name === null ? {} : { actorName: actor_name }),
      }))
      return auditTrailSchema.parse({ items }).items
    },
  }
}
