import { setTimeout as delay } from 'node:timers/promises'
import { type Issue, type LiveEvent, recoverIssueSchema } from '@proactive/shared/http'
import type { Logger } from 'pino'
import type { Db } from '../db/database.ts'
import type { Helpdesk } from './helpdesk.ts'
import type { HealthTracker } from './helpdesk-health.ts'
import type { IssueTrx } from './operations.ts'
import type { PrecisionLedger } from './precision-ledger.ts'
import type { IssueRefRow, IssueTables } from './tables.ts'

/** A little under what proxies allow; also the time in which a silent break of the connection is noticed. */
const longPollMs = 20_000
const firstPauseMs = 250
const maxPauseMs = 5_000

export interface IssueMirrorDependencies {
  readonly db: Db
  readonly helpdesk: Pick<Helpdesk, 'changesSince'>
  readonly health: HealthTracker
  readonly ledger: PrecisionLedger
  /** The live feed of the console. */
  readonly publish: (event: Extract<LiveEvent, { type: 'issue' }>) => void
  readonly log: Logger
  readonly nowMs: () => number
}

/** Follows what people do at the helpdesk: keeps `issue_refs` and tells the console at once. */
export interface IssueMirror {
  start(): void
  /** Safe to call twice. */
  stop(): Promise<void>
  /** Our copy of a Location's proactive Issues, newest first. */
  refsOf(locationId: string): Promise<IssueRefRow[]>
  /** Fault to Issue, for measurements: when the incident was committed and when its Issue was open. */
  timesOf(key: string): Promise<{ committedAtMs: number; openedIssueAtMs: number | null } | undefined>
}

export function createIssueMirror(dependencies: IssueMirrorDependencies): IssueMirror {
  const { helpdesk, health, ledger, publish, log, nowMs } = dependencies
  const db = dependencies.db.withTables<IssueTables>()
  const stopping = new AbortController()
  let running: Promise<void> = Promise.resolve()

  async function follow(): Promise<void> {
    const row = await db.selectFrom('issue_feed').select('cursor').where('id', '=', 1).executeTakeFirst()
    let cursor = row?.cursor
    let pauseMs = firstPauseMs
    while (!stopping.signal.aborted) {
      const outcome = await helpdesk.changesSince(cursor, longPollMs, stopping.signal)
      if (outcome.kind !== 'ok') {
        health.failed(outcome.kind === 'permanent' ? outcome.message : outcome.reason)
        await delay(pauseMs, undefined, { signal: stopping.signal })
        pauseMs = Math.min(pauseMs * 2, maxPauseMs)
        continue
      }
      health.succeeded()
      pauseMs = firstPauseMs
      if (outcome.value.issues.length === 0 && outcome.value.cursor === cursor) continue
      cursor = outcome.value.cursor
      await store(outcome.value.issues, cursor)
      if (outcome.value.issues.some(({ status }) => status === 'Resolved' || status === 'Cancelled'))
        await ledger.standings()
      for (const issue of outcome.value.issues) publish({ type: 'issue', issue })
    }
  }

  /** Copies and cursor in one transaction: a crash in between would lose a change. */
  async function store(issues: readonly Issue[], cursor: string): Promise<void> {
    await db.transaction().execute(async (trx) => {
      for (const issue of issues) {
        if (issue.key === undefined) continue
        const row = {
          issue_id: issue.id,
          number: issue.number,
          status: issue.status,
          owner_team_id: issue.ownerTeamId,
          is_touched: issue.isTouched ? 1 : 0,
          updated_at_ms: nowMs(),
        }
        await trx
          .insertInto('issue_refs')
          .values({ key: issue.key, opened_at_ms: issue.createdAtMs, ...row })
          .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
          .execute()
        if (!(await isFolded(trx, issue))) await ledger.note(trx, issue)
      }
      await trx
        .insertInto('issue_feed')
        .values({ id: 1, cursor })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ cursor }))
        .execute()
    })
  }

  /** A failure of our own database ends a round, not the mirror. */
  async function followForEver(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await follow()
      } catch (err) {
        if (stopping.signal.aborted) return
        log.error({ err }, 'following the helpdesk broke off')
        await delay(maxPauseMs, undefined, { signal: stopping.signal }).catch(() => undefined)
      }
    }
  }

  return {
    start() {
      running = followForEver()
    },
    async stop() {
      stopping.abort()
      await running
    },
    refsOf: (locationId) =>
      db
        .selectFrom('issue_refs')
        .innerJoin('issue_keys', 'issue_keys.key', 'issue_refs.key')
        .selectAll('issue_refs')
        .where('issue_keys.location_id', '=', locationId)
        .orderBy('issue_refs.number', 'desc')
        .limit(200)
        .execute(),
    async timesOf(key) {
      const row = await db
        .selectFrom('issue_keys')
        .leftJoin('issue_refs', 'issue_refs.key', 'issue_keys.key')
        .select(['issue_keys.committed_at_ms', 'issue_refs.opened_at_ms'])
        .where('issue_keys.key', '=', key)
        .executeTakeFirst()
      return row === undefined
        ? undefined
        : { committedAtMs: row.committed_at_ms, openedIssueAtMs: row.opened_at_ms }
    },
  }
}

/** Whether it ended because its fault goes on in another Issue and nobody said more: that proves nothing of its rule. */
async function isFolded(trx: IssueTrx, { key, closingCode, isTouched }: Issue): Promise<boolean> {
  if (key === undefined || closingCode !== undefined || isTouched) return false
  const row = await trx
    .selectFrom('issue_outbox')
    .select('body')
    .where('key', '=', key)
    .where('kind', '=', 'recover')
    .executeTakeFirst()
  return row !== undefined && recoverIssueSchema.parse(JSON.parse(row.body)).endedBy === 'folded'
}
