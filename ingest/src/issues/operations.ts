import { ProactiveError } from '@proactive/shared'
import { type OpenIssue, openIssueSchema } from '@proactive/shared/http'
import type { Transaction } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { KnownKey, OperationPlan } from './plan-operations.ts'
import { flappingReason } from './storm-guards.ts'
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
    isCondensed: row.is_condensed === 1,
    nextSeq: Math.max(last?.op_seq ?? 0, row.last_seq) + 1,
    isRecoveryPlanned: row.is_recovery_told === 1 || rows.some((operation) => operation.kind === 'recover'),
    tail: isWaiting
      ? {
          opSeq: last.op_seq,
          kind: last.kind,
          state: last.state,
          attempts: last.attempts,
          body: last.body,
          isHeldAsFlapping: last.last_error === flappingReason,
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
    const isStillHere =
      change.type === 'replace' ? await replace(trx, key, change, nowMs) : await drop(trx, key, change.opSeq)
    // With PostgreSQL it may have been claimed since it was read: rolled back and planned anew, else the change would be told to nobody.
    if (!isStillHere) throw new OutboxMovedError(`${key}: operation ${change.opSeq} is on its way`)
  }
}

async function replace(
  trx: IssueTrx,
  key: string,
  { opSeq, body, dueAtMs }: { readonly opSeq: number; readonly body: string; readonly dueAtMs: number },
  nowMs: number,
): Promise<boolean> {
  const result = await trx
    .updateTable('issue_outbox')
    .set({ body, due_at_ms: dueAtMs, updated_at_ms: nowMs })
    .where('key', '=', key)
    .where('op_seq', '=', opSeq)
    .where('state', '=', 'pending')
    .where('attempts', '=', 0)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** An open that is not worth telling any more; nothing later is told of its key. */
async function drop(trx: IssueTrx, key: string, opSeq: number): Promise<boolean> {
  const result = await trx
    .deleteFrom('issue_outbox')
    .where('key', '=', key)
    .where('op_seq', '=', opSeq)
    .where('state', '=', 'pending')
    .where('attempts', '=', 0)
    .executeTakeFirst()
  await trx.updateTable('issue_keys').set({ is_recovery_told: 1 }).where('key', '=', key).execute()
  return result.numDeletedRows > 0n
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
    .values({
      key,
      location_id: locationId,
      committed_at_ms: nowMs,
      subject: told.proactive.rootDeviceId ?? told.proactive.faultClass,
      ...row,
    })
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
