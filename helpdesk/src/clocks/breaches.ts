import type { Logger } from 'pino'
import type { Counter } from 'prom-client'
import type { Database } from '../db/open.ts'
import { findIssueByNumber } from '../issues/read.ts'
import { addEntry, changeIssue } from '../issues/write.ts'

const atOnce = 100

export interface BreachKeeper {
  start(): void
  /** Marks what is late now; how many were. */
  run(): Promise<number>
  stop(): Promise<void>
}

export interface BreachKeeperDependencies {
  readonly db: Database
  readonly nowMs: () => number
  readonly log: Logger
  /** Tells who waits for changes. */
  readonly notify: () => void
  readonly breaches: Pick<Counter<'limit'>, 'inc'>
  readonly everyMs?: number
}

/** Whoever reads the note sees its time on a clock of theirs; it comes at once, unless the helpdesk stood still meanwhile. */
function overdue(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  return minutes === 0 ? '' : `; it was due ${minutes} min before this note`
}

/** Notices Issues whose first human answer is late: once each, with a log note and a change that feed and webhooks carry. */
export function createBreachKeeper(dependencies: BreachKeeperDependencies): BreachKeeper {
  const { db, nowMs, log, notify, breaches, everyMs = 1_000 } = dependencies
  let timer: NodeJS.Timeout | undefined
  let work: Promise<number> = Promise.resolve(0)

  async function run(): Promise<number> {
    const now = nowMs()
    const late = await db
      .selectFrom('issues')
      .select('number')
      .where('respond_by_ms', 'is not', null)
      .where('respond_by_ms', '<=', now)
      .where('responded_at_ms', 'is', null)
      .where('breached_at_ms', 'is', null)
      .where('status', 'in', ['Unclaimed', 'Remote'])
      .limit(atOnce)
      .execute()
    for (const { number } of late) {
      await db.transaction().execute(async (trx) => {
        const found = await findIssueByNumber(trx, number)
        const response = found?.issue.response
        if (found === undefined || response === undefined || response.respondedAtMs !== undefined) return
        const body = `No answer within the limit (${response.limit})${overdue(now - response.respondByMs)}.`
        const author = { kind: 'service', id: 'ingest', name: 'Proactive' } as const
        await addEntry(trx, number, now, { room: 'log', author, body })
        await changeIssue(
          trx,
          found,
          now,
          { breached_at_ms: now },
          { actor: author, action: 'response-breached' },
        )
        breaches.inc({ limit: response.limit })
        log.warn({ issue: number, limit: response.limit }, 'an Issue was not answered in time')
      })
    }
    if (late.length > 0) notify()
    return late.length
  }

  return {
    run,
    start() {
      timer = setInterval(() => {
        work = work.then(run).catch((err: unknown) => {
          log.error({ err }, 'late answers could not be looked for')
          return 0
        })
      }, everyMs)
      timer.unref()
    },
    async stop() {
      clearInterval(timer)
      await work
    },
  }
}
