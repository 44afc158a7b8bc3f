import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import type { RemoteIssue } from './helpdesk.ts'
import type { IssueTables, KeyRow, OperationRow, OperationState } from './tables.ts'
import { trimOutbox } from './trim-outbox.ts'

/** How an attempt ended, as it is written down. */
export type Settlement =
  | { readonly state: 'done'; readonly remote: RemoteIssue }
  | { readonly state: 'pending' | 'retry' | 'ambiguous'; readonly dueAtMs: number; readonly reason: string }
  | { readonly state: 'dead'; readonly reason: string }

/** Operations waiting, by state; the outbox's depth. */
export type OutboxDepth = Readonly<Record<Exclude<OperationState, 'done'>, number>>

/** Port: the durable side of the outbox. Each call is one transaction. */
export interface OutboxStore {
  /** After a start: what was being sent may or may not have arrived; an open settles first (`settleMs` since it was sent). Returns how many were. */
  doubtSending(nowMs: number, settleMs?: number): Promise<number>
  /** The oldest due operation of each key that has nothing before it, keys under way left out. */
  due(nowMs: number, limit: number, busyKeys: ReadonlySet<string>): Promise<OperationRow[]>
  /** When the next one is due; null = nothing waits. */
  nextDueAtMs(busyKeys: ReadonlySet<string>): Promise<number | null>
  /** Compare-and-set to `sending`, committed before the request leaves; false where another took it. The row as sent. */
  claim(operation: OperationRow, nowMs: number): Promise<OperationRow | undefined>
  /** Not now, without an attempt: what was never sent may still be rewritten. */
  postpone(operation: OperationRow, dueAtMs: number, reason: string): Promise<void>
  /** Issues of the key's Location that are open at the helpdesk, or on their way there. */
  countOpenBeside(key: string, underWay: ReadonlySet<string>): Promise<number>
  /**
   * Where the key's device (or kind of fault) at its Location had `most` Issues or more of faults since `sinceMs`: when the one began whose
   * going out of sight lets the next one in. Undefined = fewer.
   */
  oldestBeyond(
    key: string,
    underWay: ReadonlySet<string>,
    sinceMs: number,
    most: number,
  ): Promise<number | undefined>
  /** Keys whose Issue is open, or was told of since `sinceMs`; at most `limit` behind `afterKey`, in order of the key. */
  keysToSweep(sinceMs: number, afterKey: string, limit: number): Promise<string[]>
  settle(
    operation: Pick<OperationRow, 'key' | 'op_seq'>,
    settlement: Settlement,
    nowMs: number,
  ): Promise<void>
  /** The helpdesk answers again: what waits in these states is due now, unless the helpdesk asked for the pause. */
  expedite(states: readonly ('retry' | 'ambiguous')[], nowMs: number): Promise<void>
  /** Whether the key's open is dead, so that nothing later can work. */
  isOpenDead(key: string): Promise<boolean>
  deadLetters(limit: number): Promise<DeadOperation[]>
  /** Sends a dead letter again, and what died behind it. */
  revive(key: string, nowMs: number): Promise<number>
  depth(): Promise<OutboxDepth>
  /** At one Location: operations that wait to be told, and those that were refused for good. */
  depthAt(locationId: string): Promise<{ readonly waiting: number; readonly dead: number }>
  /** Forgets, a batch at a time, what is older than its limit; what a key was told and its next number stay. Returns how much went. */
  trim(limits: TrimLimits): Promise<Trimmed>
}

/** A refused operation, with where it was about and what its Issue was to be (JSON). */
export type DeadOperation = OperationRow & Pick<KeyRow, 'location_id' | 'told'>

/** Everything from before is forgotten; moments in ms. */
export interface TrimLimits {
  readonly effectsBeforeMs: number
  readonly doneBeforeMs: number
  readonly deadBeforeMs: number
  /** Of Issues that were over and untouched before, the evidence goes; their keys stay. */
  readonly condenseBeforeMs: number
}

/** How many rows went. */
export interface Trimmed {
  readonly effects: number
  readonly done: number
  readonly dead: number
  /** Keys whose evidence went. */
  readonly condensed: number
}

const waitingStates: OperationState[] = ['pending', 'retry', 'ambiguous']
const trimAtOnce = 1_000
/** Reason of a pause that the helpdesk asked for (429). */
export const rateLimitedReason = 'rate-limited'

export function createOutboxStore(database: Db): OutboxStore {
  const db = database.withTables<IssueTables>()

  /** Waiting operations with nothing unfinished of the same key before them. */
  function heads(busyKeys: ReadonlySet<string>) {
    const query = db
      .selectFrom('issue_outbox as op')
      .where('op.state', 'in', waitingStates)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('issue_outbox as earlier')
              .select(sql`1`.as('one'))
              .whereRef('earlier.key', '=', 'op.key')
              .whereRef('earlier.op_seq', '<', 'op.op_seq')
              .where('earlier.state', 'not in', ['done', 'dead']),
          ),
        ),
      )
    return busyKeys.size === 0 ? query : query.where('op.key', 'not in', [...busyKeys])
  }

  return {
    async doubtSending(nowMs, settleMs = 0) {
      const result = await db
        .updateTable('issue_outbox')
        .set({
          state: 'ambiguous',
          due_at_ms: sql<number>`CASE WHEN kind = 'open' THEN updated_at_ms + ${settleMs} ELSE ${nowMs} END`,
          updated_at_ms: nowMs,
          last_error: 'stopped while sending',
        })
        .where('state', '=', 'sending')
        .executeTakeFirst()
      return Number(result.numUpdatedRows)
    },
    due: (nowMs, limit, busyKeys) =>
      heads(busyKeys)
        .selectAll('op')
        .where('op.due_at_ms', '<=', nowMs)
        .orderBy('op.due_at_ms')
        .limit(limit)
        .execute(),
    async nextDueAtMs(busyKeys) {
      const row = await heads(busyKeys)
        .select((eb) => eb.fn.min('op.due_at_ms').as('due_at_ms'))
        .executeTakeFirst()
      return row?.due_at_ms ?? null
    },
    claim: (operation, nowMs) =>
      db
        .updateTable('issue_outbox')
        .set((eb) => ({
          state: 'sending' as const,
          attempts: eb('attempts', '+', 1),
          due_at_ms: nowMs,
          updated_at_ms: nowMs,
        }))
        .where('key', '=', operation.key)
        .where('op_seq', '=', operation.op_seq)
        .where('state', '=', operation.state)
        .where('attempts', '=', operation.attempts)
        .returningAll()
        .executeTakeFirst(),
    async postpone({ key, op_seq, state, attempts }, dueAtMs, reason) {
      await db
        .updateTable('issue_outbox')
        .set({ due_at_ms: dueAtMs, last_error: reason })
        .where('key', '=', key)
        .where('op_seq', '=', op_seq)
        .where('state', '=', state)
        .where('attempts', '=', attempts)
        .execute()
    },
    async countOpenBeside(key, underWay) {
      const row = await db
        .selectFrom('issue_keys as own')
        .innerJoin('issue_keys as beside', 'beside.location_id', 'own.location_id')
        .leftJoin('issue_refs as ref', 'ref.key', 'beside.key')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('own.key', '=', key)
        .where((eb) =>
          eb.or([
            eb('ref.status', 'in', ['Unclaimed', 'Remote']),
            ...(underWay.size === 0 ? [] : [eb('beside.key', 'in', [...underWay])]),
          ]),
        )
        .executeTakeFirst()
      return Number(row?.count ?? 0)
    },
    async oldestBeyond(key, underWay, sinceMs, most) {
      const row = await db
        .selectFrom('issue_keys as own')
        .innerJoin('issue_keys as other', (join) =>
          join
            .onRef('other.location_id', '=', 'own.location_id')
            .onRef('other.subject', '=', 'own.subject')
            .onRef('other.key', '!=', 'own.key'),
        )
        .leftJoin('issue_refs as ref', 'ref.key', 'other.key')
        .select('other.committed_at_ms')
        .where('own.key', '=', key)
        .where('own.subject', '!=', '')
        .where('other.committed_at_ms', '>', sinceMs)
        .where((eb) =>
          eb.or([
            eb('ref.key', 'is not', null),
            ...(underWay.size === 0 ? [] : [eb('other.key', 'in', [...underWay])]),
          ]),
        )
        .orderBy('other.committed_at_ms', 'desc')
        .offset(most - 1)
        .limit(1)
        .executeTakeFirst()
      return row?.committed_at_ms
    },
    async keysToSweep(sinceMs, afterKey, limit) {
      const rows = await db
        .selectFrom('issue_refs')
        .select('key')
        .where('key', '>', afterKey)
        .where((eb) =>
          eb.or([eb('status', 'in', ['Unclaimed', 'Remote']), eb('updated_at_ms', '>=', sinceMs)]),
        )
        .orderBy('key')
        .limit(limit)
        .execute()
      return rows.map((row) => row.key)
    },
    async settle({ key, op_seq }, settlement, nowMs) {
      await db.transaction().execute(async (trx) => {
        await trx
          .updateTable('issue_outbox')
          .set({
            state: settlement.state,
            updated_at_ms: nowMs,
            last_error: settlement.state === 'done' ? null : settlement.reason.slice(0, 500),
            ...('dueAtMs' in settlement ? { due_at_ms: settlement.dueAtMs } : {}),
          })
          .where('key', '=', key)
          .where('op_seq', '=', op_seq)
          .execute()
        if (settlement.state !== 'done') return
        const { remote } = settlement
        const row = {
          issue_id: remote.id,
          number: remote.number,
          status: remote.status,
          owner_team_id: remote.ownerTeamId,
          is_touched: remote.isTouched ? 1 : 0,
          updated_at_ms: nowMs,
        }
        await trx
          .insertInto('issue_refs')
          .values({ key, opened_at_ms: remote.createdAtMs, ...row })
          .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
          .execute()
      })
    },
    async expedite(states, nowMs) {
      await db
        .updateTable('issue_outbox')
        .set({ due_at_ms: nowMs })
        .where('state', 'in', [...states])
        .where('due_at_ms', '>', nowMs)
        .where('last_error', 'is distinct from', rateLimitedReason)
        .execute()
    },
    async isOpenDead(key) {
      const row = await db
        .selectFrom('issue_outbox')
        .select('state')
        .where('key', '=', key)
        .where('kind', '=', 'open')
        .executeTakeFirst()
      return row?.state === 'dead'
    },
    deadLetters: (limit) =>
      db
        .selectFrom('issue_outbox')
        .innerJoin('issue_keys', 'issue_keys.key', 'issue_outbox.key')
        .selectAll('issue_outbox')
        .select(['issue_keys.location_id', 'issue_keys.told'])
        .where('state', '=', 'dead')
        .orderBy('updated_at_ms', 'desc')
        .limit(limit)
        .execute(),
    async revive(key, nowMs) {
      const result = await db
        .updateTable('issue_outbox')
        .set({ state: 'ambiguous', due_at_ms: nowMs, created_at_ms: nowMs, updated_at_ms: nowMs })
        .where('key', '=', key)
        .where('state', '=', 'dead')
        .executeTakeFirst()
      return Number(result.numUpdatedRows)
    },
    async depth() {
      const rows = await db
        .selectFrom('issue_outbox')
        .select(['state', (eb) => eb.fn.countAll<number>().as('count')])
        .where('state', '!=', 'done')
        .groupBy('state')
        .execute()
      const depth = { pending: 0, sending: 0, retry: 0, ambiguous: 0, dead: 0 }
      for (const row of rows) if (row.state !== 'done') depth[row.state] = Number(row.count)
      return depth
    },
    async depthAt(locationId) {
      const rows = await db
        .selectFrom('issue_keys')
        .innerJoin('issue_outbox', 'issue_outbox.key', 'issue_keys.key')
        .select(['issue_outbox.state', (eb) => eb.fn.countAll<number>().as('count')])
        .where('issue_keys.location_id', '=', locationId)
        .where('issue_outbox.state', '!=', 'done')
        .groupBy('issue_outbox.state')
        .execute()
      const dead = Number(rows.find((row) => row.state === 'dead')?.count ?? 0)
      return { waiting: rows.reduce((sum, row) => sum + Number(row.count), 0) - dead, dead }
    },
    trim: (limits) => trimOutbox(db, limits, trimAtOnce),
  }
}
