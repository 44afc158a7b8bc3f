import type { OutgoingGuard } from '@proactive/shared/outgoing'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Database, Trx } from '../db/database.ts'
import type { SecretBox } from '../db/secret-box.ts'
import { newId } from '../directory/new-id.ts'
import type { IncidentReport } from '../faults/model.ts'
import { createNotificationCounter } from './counters.ts'
import type { Attempt } from './deliver.ts'
import type { Mailer } from './mailer.ts'
import type { NotificationMessage } from './message.ts'
import { queueIncident } from './queue.ts'
import { createSender } from './sender.ts'
import { trimNotifications } from './trim.ts'
import { createTryOnce } from './try-once.ts'

const everyMs = 1_000
const trimEveryMs = 3_600_000

/** Tells channels of incidents. */
export interface Notifier {
  /** Call within the transaction that stores the incident. */
  queue(trx: Trx, report: IncidentReport): Promise<void>
  /** Sends what is due, at least once each, until nothing is. */
  run(): Promise<void>
  /** Sends a made-up message now, once; it stands in the log like any other. */
  test(channelId: string): Promise<Attempt>
  readonly canMail: boolean
  start(): void
  /** Cuts off what is being sent; it is sent anew after the next start. Safe to call twice. */
  stop(): Promise<void>
}

export interface NotifierDependencies {
  readonly database: Database
  readonly secrets: SecretBox
  readonly guard: OutgoingGuard
  readonly mailer: Mailer | undefined
  /** Origin of the console, for links in messages. */
  readonly consoleUrl: () => string
  readonly registry: Registry
  readonly log: Logger
  readonly nowMs: () => number
  /** Ends a try that takes too long; 15 s unless said otherwise. */
  readonly deadline?: () => AbortSignal
}

export function createNotifier(dependencies: NotifierDependencies): Notifier {
  const { database, secrets, guard, mailer, consoleUrl, registry, log, nowMs, deadline } = dependencies
  const { db } = database
  const counter = createNotificationCounter(registry)
  const tryOnce = createTryOnce({ secrets, guard, mailer, log, nowMs, deadline })
  const stopping = new AbortController()
  const { signal } = stopping
  const sender = createSender({ db, tryOnce, counter, signal, log, nowMs })
  let timer: NodeJS.Timeout | undefined
  let trimmedAtMs = 0
  const sending = oneAtATime(sender.run, (err) => log.error({ err }, 'channels could not be told'))
  const trimming = oneAtATime(trim, (err) => log.error({ err }, 'old messages were not taken away'))

  async function trim(): Promise<void> {
    if (nowMs() - trimmedAtMs < trimEveryMs) return
    trimmedAtMs = nowMs()
    await trimNotifications(db, nowMs())
  }

  return {
    canMail: mailer !== undefined,
    queue: (trx, report) =>
      queueIncident(trx, report, {
        consoleUrl: consoleUrl(),
        nowMs: nowMs(),
        onFull: (kind) => counter.count(kind, 'full'),
      }),
    run: async () => {
      await trim()
      await sender.run()
    },
    test: async (channelId) => {
      const channel = await db
        .selectFrom('channels')
        .selectAll()
        .where('id', '=', channelId)
        .executeTakeFirstOrThrow()
      const id = newId('note')
      const message = testMessage(consoleUrl(), nowMs())
      const attempt = await tryOnce(id, channel, message, signal)
      counter.count(channel.kind, attempt.isDelivered ? 'delivered' : 'dead')
      await db
        .insertInto('notifications')
        .values({
          id,
          channel_id: channelId,
          incident_key: message.incidentKey,
          event: 'test',
          fault_class: message.faultClass,
          message: JSON.stringify(message),
          state: attempt.isDelivered ? 'delivered' : 'dead',
          attempts: 1,
          due_at_ms: nowMs(),
          last_error: attempt.isDelivered ? null : attempt.reason,
          created_at_ms: nowMs(),
          delivered_at_ms: attempt.isDelivered ? nowMs() : null,
        })
        .execute()
      return attempt
    },
    start: () => {
      timer = setInterval(() => {
        sending.begin()
        trimming.begin()
      }, everyMs)
      timer.unref()
    },
    stop: async () => {
      clearInterval(timer)
      stopping.abort()
      await sender.settled()
      await Promise.all([sending.settled(), trimming.settled()])
      mailer?.stop()
    },
  }
}

/** Begins work unless it still goes on. */
function oneAtATime(work: () => Promise<void>, onFailure: (err: unknown) => void) {
  let running: Promise<void> | undefined
  return {
    begin: (): void => {
      running ??= work()
        .catch(onFailure)
        .finally(() => {
          running = undefined
        })
    },
    settled: async (): Promise<void> => running,
  }
}

function testMessage(consoleUrl: string, nowMs: number): NotificationMessage {
  return {
    v: 1,
    event: 'test',
    incidentKey: 'test',
    locationId: 'test',
    locationName: 'Example Location',
    customerName: 'Example Customer',
    timeZone: 'UTC',
    faultClass: 'router-down',
    severity: 'low',
    headline: 'This is a test: nothing is broken',
    diagnosis:
      'Somebody pressed "Test" in Proactive’s administration. Messages about incidents arrive like this one.',
    startedAtMs: nowMs,
    url: consoleUrl,
  }
}
