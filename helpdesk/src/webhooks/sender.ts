import { createHmac, randomBytes } from 'node:crypto'
import { type OutgoingGuard, postGuarded, RefusedUrlError } from '@proactive/shared/outgoing'
import type { Logger } from 'pino'
import type { Counter } from 'prom-client'
import type { Database } from '../db/open.ts'
import { inflate } from '../issues/read.ts'

const changesAtOnce = 100
const deliveriesAtOnce = 8
/** About five hours from the first try to the last. */
const maxAttempts = 10
/** Deliveries that may wait for one webhook; further ones are kept as dead, to be replayed by hand. */
const maxWaiting = 10_000
const firstPauseMs = 2_000
const maxPauseMs = 60 * 60_000
/** The log of deliveries is kept this long. */
const keepMs = 30 * 24 * 3_600_000

export interface WebhookSenderDependencies {
  readonly db: Database
  readonly guard: OutgoingGuard
  readonly nowMs: () => number
  readonly log: Logger
  readonly deliveries: Pick<Counter<'outcome'>, 'inc'>
  readonly everyMs?: number
}

/** Tells every change of an Issue to the webhooks of the Organizations that see it. */
export interface WebhookSender {
  start(): void
  /** One look: queues what changed, sends what is due. */
  run(): Promise<void>
  stop(): Promise<void>
}

/**
 * Follows the change feed with a cursor of its own, so that nothing is missed over a restart; several changes between two looks are
 * told as one, with the Issue as it is then. At least once: a receiver drops repeats by `X-Proactive-Delivery`.
 */
export function createWebhookSender(dependencies: WebhookSenderDependencies): WebhookSender {
  const { db, guard, nowMs, log, deliveries, everyMs = 1_000 } = dependencies
  let timer: NodeJS.Timeout | undefined
  let work: Promise<void> = Promise.resolve()

  /** Changes become deliveries and the cursor moves, in one transaction. */
  async function queueChanges(): Promise<number> {
    return db.transaction().execute(async (trx) => {
      const { webhook_cursor: cursor } = await trx
        .selectFrom('state')
        .select('webhook_cursor')
        .executeTakeFirstOrThrow()
      const rows = await trx
        .selectFrom('issues')
        .selectAll()
        .where('change_cursor', '>', cursor)
        .orderBy('change_cursor')
        .limit(changesAtOnce)
        .execute()
      const newest = rows.at(-1)
      if (newest === undefined) return 0
      const hooks = await trx.selectFrom('webhooks').selectAll().where('is_active', '=', 1).execute()
      const found = hooks.length === 0 ? [] : await inflate(trx, rows)
      const waiting = new Map<string, number>()
      for (const hook of hooks) {
        const { count } = await trx
          .selectFrom('deliveries')
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .where('webhook_id', '=', hook.id)
          .where('state', '=', 'waiting')
          .executeTakeFirstOrThrow()
        waiting.set(hook.id, count)
      }
      for (const { issue, number, organizationIds } of found) {
        for (const hook of hooks.filter((candidate) => organizationIds.includes(candidate.organization_id))) {
          const id = `dlv-${randomBytes(12).toString('hex')}`
          const ahead = waiting.get(hook.id) ?? 0
          const isFull = ahead >= maxWaiting
          if (isFull) deliveries.inc({ outcome: 'dropped' })
          else waiting.set(hook.id, ahead + 1)
          await trx
            .insertInto('deliveries')
            .values({
              id,
              webhook_id: hook.id,
              issue_number: number,
              body: JSON.stringify({ v: 1, type: 'issue.changed', delivery: id, issue }),
              state: isFull ? 'dead' : 'waiting',
              attempts: 0,
              due_at_ms: nowMs(),
              created_at_ms: nowMs(),
              last_error: isFull ? 'too many deliveries waited for this webhook' : null,
            })
            .execute()
        }
      }
      await trx.updateTable('state').set({ webhook_cursor: newest.change_cursor }).execute()
      return rows.length
    })
  }

  async function sendDue(): Promise<number> {
    const due = await db
      .selectFrom('deliveries')
      .innerJoin('webhooks', 'webhooks.id', 'deliveries.webhook_id')
      .select([
        'deliveries.id',
        'deliveries.body',
        'deliveries.attempts',
        'deliveries.number',
        'deliveries.webhook_id',
        'webhooks.url',
        'webhooks.secret',
      ])
      .where('deliveries.state', '=', 'waiting')
      .where('deliveries.due_at_ms', '<=', nowMs())
      .orderBy('deliveries.number')
      .limit(deliveriesAtOnce)
      .execute()
    await Promise.all(due.map(send))
    return due.length
  }

  interface Due {
    readonly id: string
    readonly webhook_id: string
    readonly body: string
    readonly attempts: number
    readonly url: string
    readonly secret: string
  }

  async function send(delivery: Due) {
    const outcome = await attempt(delivery)
    const attempts = delivery.attempts + 1
    const isDone = outcome.status !== undefined && outcome.status >= 200 && outcome.status < 300
    const isDead = !isDone && (outcome.isRefused || attempts >= maxAttempts)
    deliveries.inc({ outcome: isDone ? 'delivered' : isDead ? 'dead' : 'retry' })
    if (isDead) log.warn({ delivery: delivery.id, error: outcome.error }, 'a webhook delivery was given up')
    const pauseMs = Math.min(maxPauseMs, firstPauseMs * 3 ** (attempts - 1))
    await db
      .updateTable('deliveries')
      .set({
        state: isDone ? 'delivered' : isDead ? 'dead' : 'waiting',
        attempts,
        due_at_ms: nowMs() + pauseMs,
        last_status: outcome.status ?? null,
        last_error: isDone ? null : outcome.error.slice(0, 300),
        delivered_at_ms: isDone ? nowMs() : null,
      })
      .where('id', '=', delivery.id)
      .execute()
    if (isDone || outcome.isRefused) return
    // What waits behind it waits too: a receiver that is away must not take the others' turns.
    await db
      .updateTable('deliveries')
      .set({ due_at_ms: nowMs() + pauseMs })
      .where('webhook_id', '=', delivery.webhook_id)
      .where('state', '=', 'waiting')
      .where('due_at_ms', '<', nowMs() + pauseMs)
      .execute()
  }

  async function attempt({
    id,
    body,
    url,
    secret,
  }: {
    id: string
    body: string
    url: string
    secret: string
  }) {
    const seconds = Math.floor(nowMs() / 1_000)
    const signature = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
    const headers = {
      'x-proactive-delivery': id,
      'x-proactive-signature': `t=${seconds},v1=${signature}`,
    }
    try {
      const status = await postGuarded(guard, new URL(url), body, headers)
      return { status, error: `answer ${status}`, isRefused: false }
    } catch (error) {
      return {
        status: undefined,
        error: error instanceof Error ? error.message : 'unknown failure',
        isRefused: error instanceof RefusedUrlError,
      }
    }
  }

  async function run(): Promise<void> {
    while ((await queueChanges()) === changesAtOnce);
    while ((await sendDue()) === deliveriesAtOnce);
    await db
      .deleteFrom('deliveries')
      .where('state', '!=', 'waiting')
      .where('created_at_ms', '<', nowMs() - keepMs)
      .execute()
  }

  return {
    run,
    start() {
      let isBusy = false
      timer = setInterval(() => {
        if (isBusy) return
        isBusy = true
        work = run()
          .catch((err: unknown) => log.error({ err }, 'webhooks could not be told'))
          .finally(() => {
            isBusy = false
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
