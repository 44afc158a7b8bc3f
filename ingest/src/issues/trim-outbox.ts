import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import type { TrimLimits, Trimmed } from './outbox-store.ts'
import type { IssueTables } from './tables.ts'

type IssueDb = ReturnType<typeof withIssueTables>
const withIssueTables = (db: Db) => db.withTables<IssueTables>()

/**
 * Takes at most `atOnce` old rows of each kind away, in one transaction. A key keeps its highest number and whether its recovery was told: a
 * late change of its incident goes on behind them, so no operation number is ever used twice.
 */
export async function trimOutbox(
  db: IssueDb,
  { effectsBeforeMs, doneBeforeMs, deadBeforeMs }: TrimLimits,
  atOnce: number,
): Promise<Trimmed> {
  return db.transaction().execute(async (trx) => {
    const old = await trx
      .selectFrom('issue_effects')
      .select(['key', 'fingerprint'])
      .where('at_ms', '<', effectsBeforeMs)
      .limit(atOnce)
      .execute()
    for (const { key, fingerprint } of old)
      await trx
        .deleteFrom('issue_effects')
        .where('key', '=', key)
        .where('fingerprint', '=', fingerprint)
        .execute()
    const counts = { effects: old.length, done: 0, dead: 0 }
    for (const [state, beforeMs] of [
      ['done', doneBeforeMs],
      ['dead', deadBeforeMs],
    ] as const) {
      // The moment of the last attempt; by the index.
      const rows = await trx
        .selectFrom('issue_outbox')
        .select(['key', 'op_seq', 'kind'])
        .where('state', '=', state)
        .where('due_at_ms', '<', beforeMs)
        .limit(atOnce)
        .execute()
      for (const { key, op_seq, kind } of rows) {
        await trx
          .updateTable('issue_keys')
          .set({
            last_seq: sql<number>`CASE WHEN last_seq < ${op_seq} THEN ${op_seq} ELSE last_seq END`,
            ...(kind === 'recover' ? { is_recovery_told: 1 } : {}),
          })
          .where('key', '=', key)
          .execute()
        await trx.deleteFrom('issue_outbox').where('key', '=', key).where('op_seq', '=', op_seq).execute()
      }
      counts[state] = rows.length
    }
    return counts
  })
}
