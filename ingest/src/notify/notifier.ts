import type { ChannelKind } from '@proactive/shared/http'
import type { OutgoingGuard } from '@proactive/shared/outgoing'
import type { Logger } from 'pino'
import { Counter, type Registry } from 'prom-client'
import type { Database, Trx } from '../db/database.ts'
import type { SecretBox } from '../db/secret-box.ts'
import { newId } from '../directory/new-id.ts'
import type { IncidentReport } from '../faults/model.ts'
import { destinationOf } from './channels.ts'
import { type Attempt, deliver } from './deliver.ts'
import type { Mailer } from './mailer.ts'
import type { NotificationMessage } from './message.ts'
import { queueIncident, readMessage } from './queue.ts'

const atOnce = 8
/** Some 36 minutes from the first try to the last: later nobody wants to hear of it. */
const maxAttempts = 8
const firstPauseMs = 2_000
const maxPauseMs = 60 * 60_000
const keepMs = 30 * 24 * 3_600_000
const everyMs = 1_000
const trimEveryMs = 3_600_000

/** Tells channels of incidents. */
export interface Notifier {
  /** Call within the transaction that stores the incident. */
  queue(trx: Trx, report: IncidentReport): Promise<void>
  /** One look: sends what is due, at least once each. */
  run(): Promise<void>
  /** Sends a made-up message now, once; it stands in the log like any other. */
  test(channelId: string): Promise<Attempt>
  readonly canMail: boolean
  start(): void
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
}

export function createNotifier(dependencies: NotifierDependencies): Notifier {
  const { database, secrets, mailer, consoleUrl, log, nowMs } = dependencies
  const { db } = database
  const outcomes = new Counter({
    name: 'proactive_notifications_total',
    help: 'Messages to channels, by kind and how a try ended',
    labelNames: ['kind', 'outcome'] as const,
    registers: [dependencies.registry],
  })
  let timer: NodeJS.Timeout | undefined
  let work: Promise<void> = Promise.resolve()
  let trimmedAtMs = 0

  async function sendDue(): Promise<number> {
    const due = await db
      .selectFrom('notifications')
      .innerJoin('channels', 'channels.id', 'notifications.channel_id')
      .select([
        'notifications.id',
        'notifications.message',
        'notifications.attempts',
        'channels.id as channel_id',
        'channels.kind',
        'channels.target',
        'channels.secret',
      ])
      .where('notifications.state', '=', 'waiting')
      .where('notifications.due_at_ms', '<=', nowMs())
      .where('channels.is_active', '=', 1)
      .orderBy('notifications.due_at_ms')
      .limit(atOnce)
      .execute()
    await Promise.all(
      due.map(({ id, message, attempts, channel_id, ...channel }) =>
        send(id, attempts, { id: channel_id, ...channel }, readMessage(message)),
      ),
    )
    return due.length
  }

  async function send(
    id: string,
    before: number,
    channel: { id: string; kind: string; target: string; secret: string | null },
    message: NotificationMessage,
  ): Promise<void> {
    const attempt = await tryOnce(id, channel, message)
    const attempts = before + 1
    const isDead = !attempt.isDelivered && (attempt.isFinal || attempts >= maxAttempts)
    count(channel.kind, attempt, isDead)
    if (isDead) log.warn({ notificationId: id, channelId: channel.id }, 'a message to a channel was given up')
    await db
      .updateTable('notifications')
      .set({
        state: attempt.isDelivered ? 'delivered' : isDead ? 'dead' : 'waiting',
        attempts,
        due_at_ms: nowMs() + Math.min(maxPauseMs, firstPauseMs * 3 ** before),
        last_error: attempt.isDelivered ? null : attempt.reason,
        delivered_at_ms: attempt.isDelivered ? nowMs() : null,
      })
      .where('id', '=', id)
      .execute()
  }

  async function tryOnce(
    id: string,
    channel: { id: string; kind: string; target: string; secret: string | null },
    message: NotificationMessage,
  ): Promise<Attempt> {
    try {
      return await deliver(dependencies, destinationOf(secrets, channel), id, message)
    } catch (err) {
      log.error({ err, channelId: channel.id }, 'a channel cannot be read')
      return {
        isDelivered: false,
        reason: 'What this channel needs cannot be read: set it up anew.',
        isFinal: true,
      }
    }
  }

  function count(kind: string, attempt: Attempt, isDead: boolean): void {
    const outcome = attempt.isDelivered ? 'delivered' : isDead ? 'dead' : 'retry'
    outcomes.inc({ kind: kind as ChannelKind, outcome })
  }

  async function run(): Promise<void> {
    while ((await sendDue()) === atOnce);
    if (nowMs() - trimmedAtMs < trimEveryMs) return
    trimmedAtMs = nowMs()
    await db
      .deleteFrom('notifications')
      .where('created_at_ms', '<', nowMs() - keepMs)
      .execute()
  }

  return {
    canMail: mailer !== undefined,
    queue: (trx, report) => queueIncident(trx, report, { consoleUrl: consoleUrl(), nowMs: nowMs() }),
    run,
    test: async (channelId) => {
      const channel = await db
        .selectFrom('channels')
        .selectAll()
        .where('id', '=', channelId)
        .executeTakeFirstOrThrow()
      const id = newId('note')
      const message = testMessage(consoleUrl(), nowMs())
      const attempt = await tryOnce(id, channel, message)
      count(channel.kind, attempt, !attempt.isDelivered)
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
      let isBusy = false
      timer = setInterval(() => {
        if (isBusy) return
        isBusy = true
        work = run()
          .catch((err: unknown) => log.error({ err }, 'channels could not be told'))
          .finally(() => {
            isBusy = false
          })
      }, everyMs)
      timer.unref()
    },
    stop: async () => {
      clearInterval(timer)
      await work
      mailer?.stop()
    },
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
