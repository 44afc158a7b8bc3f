import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Database } from '../db/database.ts'
import type { NotificationCounter } from './counters.ts'
import type { Attempt } from './deliver.ts'
import { createPlaces } from './places.ts'
import { readMessage } from './queue.ts'
import { createRests, pauseMs } from './rests.ts'
import type { SendableChannel, TryOnce } from './try-once.ts'

/** Some 36 minutes from the first try to the last: later nobody wants to hear of it. */
const maxAttempts = 8
/** So long a channel takes nothing before what waited all that time is given up. */
const deafMs = 3_600_000
const everyMs = 1_000

/** Sends what waits for channels, in the order in which it happened at one incident. */
export interface Sender {
  /** Sends what is due until nothing is, at least once each. What becomes due meanwhile is sent as well. */
  run(): Promise<void>
  /** Resolves when nothing is under way. */
  settled(): Promise<void>
}

export interface SenderDependencies {
  readonly db: Database['db']
  readonly tryOnce: TryOnce
  readonly counter: NotificationCounter
  /** Cuts off what is under way; it is sent anew after the next start. */
  readonly signal: AbortSignal
  readonly log: Logger
  readonly nowMs: () => number
}

/** A message with where it goes. */
interface Waiting {
  readonly id: string
  readonly message: string
  readonly attempts: number
  readonly channel: SendableChannel
}

export function createSender({ db, tryOnce, counter, signal, log, nowMs }: SenderDependencies): Sender {
  const rests = createRests(nowMs)
  const places = createPlaces(nowMs)
  /** By channel: one that does not answer holds up nobody but itself. */
  const underWay = new Map<string, Promise<void>>()
  const mayBegin = (channelId: string, organizationId: string) =>
    !signal.aborted &&
    !rests.isResting(channelId) &&
    places.isFree(channelId, organizationId, rests.isDoubtful(channelId))

  /** Begins with the next message of each channel that may be told now, the one that waits longest first. */
  async function fill(): Promise<void> {
    if (signal.aborted || places.isFull()) return
    const due = await db
      .selectFrom('notifications')
      .innerJoin('channels', 'channels.id', 'notifications.channel_id')
      .select((eb) => [
        'channels.id',
        'channels.organization_id',
        eb.fn.min('notifications.due_at_ms').as('due_at_ms'),
      ])
      .where('notifications.state', '=', 'waiting')
      .where('notifications.due_at_ms', '<=', nowMs())
      .where('channels.is_active', '=', 1)
      .groupBy(['channels.id', 'channels.organization_id'])
      .orderBy('due_at_ms')
      .execute()
    for (const { id, organization_id } of due) {
      if (!mayBegin(id, organization_id)) continue
      const next = await nextOf(id)
      if (next === undefined || !mayBegin(id, organization_id)) continue
      places.take(id, organization_id, rests.isDoubtful(id))
      const sending = send(next)
        .catch((err: unknown) => {
          // It could not be written down: not sent again and again meanwhile.
          rests.failed(id)
          log.error({ err, notificationId: next.id, channelId: id }, 'how a message ended was not kept')
        })
        .finally(() => {
          underWay.delete(id)
          places.leave(id)
        })
      underWay.set(id, sending)
    }
  }

  /** The next message; one that waits for another try holds back what came later of its incident, and nothing else. */
  async function nextOf(channelId: string): Promise<Waiting | undefined> {
    const row = await db
      .selectFrom('notifications as note')
      .innerJoin('channels', 'channels.id', 'note.channel_id')
      .select([
        'note.id',
        'note.message',
        'note.attempts',
        'channels.kind',
        'channels.target',
        'channels.secret',
      ])
      .where('note.channel_id', '=', channelId)
      .where('note.state', '=', 'waiting')
      .where('note.due_at_ms', '<=', nowMs())
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('notifications as earlier')
              .select('earlier.id')
              .whereRef('earlier.channel_id', '=', 'note.channel_id')
              .whereRef('earlier.incident_key', '=', 'note.incident_key')
              .whereRef('earlier.created_at_ms', '<', 'note.created_at_ms')
              .where('earlier.state', '=', 'waiting'),
          ),
        ),
      )
      .orderBy('note.due_at_ms')
      .orderBy('note.created_at_ms')
      .limit(1)
      .executeTakeFirst()
    if (row === undefined) return undefined
    const { id, message, attempts, ...channel } = row
    return { id, message, attempts, channel: { id: channelId, ...channel } }
  }

  async function send({ id, message, attempts: before, channel }: Waiting): Promise<void> {
    const attempt = await tryOnce(id, channel, readMessage(message), signal)
    // Cut off by the stop: it is tried anew after the start.
    if (signal.aborted && !attempt.isDelivered) return
    const attempts = before + 1
    const isDead = !attempt.isDelivered && (attempt.isFinal || attempts >= maxAttempts)
    counter.count(channel.kind, attempt.isDelivered ? 'delivered' : isDead ? 'dead' : 'retry')
    if (isDead) log.warn({ notificationId: id, channelId: channel.id }, 'a message to a channel was given up')
    await db
      .updateTable('notifications')
      .set({
        state: attempt.isDelivered ? 'delivered' : isDead ? 'dead' : 'waiting',
        attempts,
        due_at_ms: nowMs() + pauseMs(attempts),
        last_error: attempt.isDelivered ? null : attempt.reason,
        delivered_at_ms: attempt.isDelivered ? nowMs() : null,
      })
      .where('id', '=', id)
      .execute()
    await noteHealth(channel, attempt)
  }

  /** A channel that takes nothing is asked more rarely, and what waited through an hour of it is given up. */
  async function noteHealth({ id, kind }: SendableChannel, attempt: Attempt): Promise<void> {
    if (attempt.isDelivered || attempt.isFinal) return rests.answered(id)
    const sinceMs = rests.failed(id)
    if (nowMs() - sinceMs < deafMs) return
    const { numUpdatedRows } = await db
      .updateTable('notifications')
      .set({ state: 'dead', last_error: 'The channel took nothing for an hour.' })
      .where('channel_id', '=', id)
      .where('state', '=', 'waiting')
      .where('created_at_ms', '<=', nowMs() - deafMs)
      .executeTakeFirst()
    if (numUpdatedRows === 0n) return
    counter.count(kind, 'stale', Number(numUpdatedRows))
    log.warn({ channelId: id, messages: Number(numUpdatedRows) }, 'messages to a deaf channel were given up')
  }

  const settled = async (): Promise<void> => {
    await Promise.all(underWay.values())
  }

  return {
    run: async () => {
      while (!signal.aborted) {
        await fill()
        if (underWay.size === 0) return
        const look = delay(everyMs, undefined, { signal, ref: false }).catch(() => undefined)
        await Promise.race([look, ...underWay.values()])
      }
      await settled()
    },
    settled,
  }
}
