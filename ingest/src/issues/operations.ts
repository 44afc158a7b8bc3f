import { ProactiveError } from '@proactive/shared'
import { type OpenIssue, openIssueSchema } from '@proactive/shared/http'
import type { Transaction } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { KnownKey, OperationPlan } from './plan-operations.ts'
import type { IssueTables } from './tables.ts'

export type IssueTrx = Transaction<Tables & IssueTables>

/** What the outbox knows of a key; undefined where nothing was ever planned for it. */
export async function readKnownKey(trx: IssueTrx, key: string): Promise<KnownKey | undefined> {
  const row = await trx.selectFrom('issue_keys').selectAll().where('key', '=', key).executeTakeFirst()
  if (row === undefined) return undefined
  const rows = await trx
    .selectFrom('issue_outbox')
    .selectAll()
    .where('key', '=', key)
    .orderBy('op_seq')
    .execute()
  const last = rows.at(-1)
  const isWaiting = last !== undefined && last.state !== 'done' && last.state !== 'dead'
  return {
    told: openIssueSchema.parse(JSON.parse(row.told)),
    lastNoteAtMs: row.last_note_at_ms,
    nextSeq: (last?.op_seq ?? 0) + 1,
    isRecoveryPlanned: rows.some((operation) => operation.kind === 'recover'),
    tail: isWaiting
      ? {
          opSeq: last.op_seq,
          kind: last.kind,
          state: last.state,
          attempts: last.attempts,
          body: last.body,
        }
      : undefined,
  }
}

/** An operation that was to be rewritten is being sent by now; the same effect again plans an update instead. */
export class OutboxMovedError extends ProactiveError {
  readonly code = 'outbox-moved'
  override readonly retryable = true
}

/** Writes a plan in the transaction of its incident. @throws OutboxMovedError. */
export async function writePlan(
  trx: IssueTrx,
  key: string,
  locationId: string,
  { changes, told, lastNoteAtMs }: OperationPlan,
  nowMs: number,
): Promise<void> {
  if (told !== undefined) await writeTold(trx, key, locationId, told, lastNoteAtMs, nowMs)
  for (const change of changes) {
    if (change.type === 'insert') {
      await trx
        .insertInto('issue_outbox')
        .values({
          key,
          op_seq: change.opSeq,
          kind: change.kind,
          body: change.body,
          state: 'pending',
          attempts: 0,
          due_at_ms: change.dueAtMs,
          created_at_ms: nowMs,
          updated_at_ms: nowMs,
          last_error: null,
        })
        .execute()
      continue
    }
    const replaced = await trx
      .updateTable('issue_outbox')
      .set({ body: change.body, due_at_ms: change.dueAtMs, updated_at_ms: nowMs })
      .where('key', '=', key)
      .where('op_seq', '=', change.opSeq)
      .where('state', '=', 'pending')
      .where('attempts', '=', 0)
      .executeTakeFirst()
    // With PostgreSQL it may have been claimed since it was read: rolled back and planned anew, else the change would be told to nobody.
    if (replaced.numUpdatedRows === 0n)
      throw new OutboxMovedError(`${key}: operation ${change.opSeq} is on its way`)
  }
}

async function writeTold(
  trx: IssueTrx,
  key: string,
  locationId: string,
  told: OpenIssue,
  lastNoteAtMs: number,
  nowMs: number,
): Promise<void> {
  const row = { told: JSON.stringify(told), last_note_at_ms: lastNoteAtMs }
  await trx
    .insertInto('issue_keys')
    .values({ key, location_id: locationId, committed_at_ms: nowMs, ...row })
    .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
    .execute()
}

/** Remembers an effect; false where it was carried out before. */
export async function isNewEffect(
  trx: IssueTrx,
  key: string,
  fingerprint: string,
  nowMs: number,
): Promise<boolean> {
  const result = await trx
    .insertInto('issue_effects')
    .values({ key, fingerprint, at_ms: nowMs })
    .onConflict((conflict) => conflict.columns(['key', 'fingerprint']).doNothing())
    .executeTakeFirst()
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
}
