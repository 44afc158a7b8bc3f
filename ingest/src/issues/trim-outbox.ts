import { type OpenIssue, openIssueSchema } from '@proactive/shared/http'
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import type { IssueTrx } from './operations.ts'
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
  { effectsBeforeMs, doneBeforeMs, deadBeforeMs, condenseBeforeMs }: TrimLimits,
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
    const condensed = await condenseKeys(trx, condenseBeforeMs, atOnce)
    const counts = { effects: old.length, done: 0, dead: 0, condensed }
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

/**
 * Takes the evidence from keys whose recovery was told and whose Issue has not changed for so long. What stays (the key, its highest number, that
 * its recovery was told, whose Issue it was) is what keeps a late repeat from opening or telling anything again.
 */
async function condenseKeys(trx: IssueTrx, beforeMs: number, atOnce: number): Promise<number> {
  const rows = await trx
    .selectFrom('issue_keys')
    .leftJoin('issue_refs', 'issue_refs.key', 'issue_keys.key')
    .select(['issue_keys.key', 'issue_keys.told'])
    .where('issue_keys.is_condensed', '=', 0)
    .where('issue_keys.committed_at_ms', '<', beforeMs)
    .where('issue_keys.is_recovery_told', '=', 1)
    .where((eb) =>
      eb.or([
        eb('issue_refs.key', 'is', null),
        eb.and([
          eb('issue_refs.status', 'not in', ['Unclaimed', 'Remote']),
          eb('issue_refs.updated_at_ms', '<', beforeMs),
        ]),
      ]),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('issue_outbox')
            .select('issue_outbox.key')
            .whereRef('issue_outbox.key', '=', 'issue_keys.key'),
        ),
      ),
    )
    .limit(atOnce)
    .execute()
  for (const { key, told } of rows) {
    const issue = openIssueSchema.safeParse(JSON.parse(told))
    await trx
      .updateTable('issue_keys')
      .set({
        is_condensed: 1,
        ...(issue.success ? { told: JSON.stringify(withoutEvidence(issue.data)) } : {}),
      })
      .where('key', '=', key)
      .execute()
  }
  return rows.length
}

function withoutEvidence(issue: OpenIssue): OpenIssue {
  return {
    ...issue,
    symptoms: '',
    diagnosis: '',
    articleUrls: [],
    proactive: { ...issue.proactive, affectedDeviceIds: [] },
  }
}
