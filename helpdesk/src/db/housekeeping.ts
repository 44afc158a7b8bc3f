import type { Logger } from 'pino'
import { idempotencyKeptMs } from '../api/idempotency.ts'
import type { Database } from './open.ts'

const dayMs = 24 * 3_600_000
/** Ingest repeats no operation that is older than 30 days; twice that, for a database that was brought back from a copy. */
const operationsKeptMs = 60 * dayMs
/** An expired token is listed so long, so that whoever wonders why a program stopped finds it. */
const expiredTokensKeptMs = 30 * dayMs
const atOnce = 1_000
const everyMs = 3_600_000

export interface Housekeeping {
  start(): void
  /** Takes away, a batch at a time, what nobody asks for any more; how many rows went. Issues, entries and the trail stay. */
  run(): Promise<number>
  stop(): Promise<void>
}

/** Keeps what only helps for a while from growing for ever: answers kept for repeats, operations of Issues long closed, tokens long expired. */
export function createHousekeeping(dependencies: {
  readonly db: Database
  readonly nowMs: () => number
  readonly log: Logger
}): Housekeeping {
  const { db, nowMs, log } = dependencies
  let timer: NodeJS.Timeout | undefined
  let isStopped = false
  let work: Promise<unknown> = Promise.resolve()

  async function runOnce(): Promise<number> {
    const now = nowMs()
    const old = await db
      .selectFrom('idempotency')
      .select(['actor', 'key'])
      .where('at_ms', '<=', now - idempotencyKeptMs)
      .limit(atOnce)
      .execute()
    for (const { actor, key } of old)
      await db.deleteFrom('idempotency').where('actor', '=', actor).where('key', '=', key).execute()
    const closed = await db
      .selectFrom('applied_operations')
      .innerJoin('issues', 'issues.number', 'applied_operations.issue_number')
      .select('issues.number')
      .distinct()
      .where('issues.resolved_at_ms', '<', now - operationsKeptMs)
      .limit(atOnce)
      .execute()
    for (const { number } of closed)
      await db.deleteFrom('applied_operations').where('issue_number', '=', number).execute()
    const tokens = await db
      .deleteFrom('api_tokens')
      .where('expires_at_ms', '<', now - expiredTokensKeptMs)
      .executeTakeFirst()
    return old.length + closed.length + Number(tokens.numDeletedRows)
  }

  async function run(): Promise<number> {
    let went = 0
    for (let last = atOnce; last >= atOnce && !isStopped; went += last) last = await runOnce()
    return went
  }

  return {
    run,
    start() {
      timer = setInterval(() => {
        work = work
          .then(run)
          .catch((err: unknown) => log.error({ err }, 'what is old could not be taken away'))
      }, everyMs)
      timer.unref()
    },
    async stop() {
      isStopped = true
      clearInterval(timer)
      await work
    },
  }
}
