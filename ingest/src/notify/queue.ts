import { severities } from '@proactive/shared'
import { type ChannelEvent, type Notification, notificationSchema } from '@proactive/shared/http'
import { z } from 'zod'
import type { Database, Trx } from '../db/database.ts'
import { newId } from '../directory/new-id.ts'
import type { IncidentReport } from '../faults/model.ts'
import { type NotificationMessage, subjectOf } from './message.ts'
import type { ChannelRow, NotificationRow } from './tables.ts'

/** Messages that may wait for one channel; what comes on top is kept as dead, to be seen in its log. */
const maxWaiting = 1_000
const shownDeliveries = 100
const storedIds = z.array(z.string())

export interface QueueOptions {
  /** Origin of the console, for the link. */
  readonly consoleUrl: string
  readonly nowMs: number
  /** A message was not taken, because too many wait for a channel of this kind. */
  readonly onFull: (kind: string) => void
}

/**
 * Writes what channels are to be told of an incident, in the transaction that stores it: nothing is told of what did not happen, and nothing twice.
 * Told are the opening, a cause that moved, and the recovery; planned work and silences hold the opening back, and a recovery is told only
 * where the opening was. Network data follows the stake: channels of an Organization without one hear nothing.
 */
export async function queueIncident(
  trx: Trx,
  report: IncidentReport,
  { consoleUrl, nowMs, onFull }: QueueOptions,
): Promise<void> {
  const channels = await trx
    .selectFrom('channels')
    .selectAll()
    .where('is_active', '=', 1)
    .where('organization_id', 'in', (eb) =>
      eb.selectFrom('stakes').select('organization_id').where('location_id', '=', report.locationId),
    )
    .execute()
  if (channels.length === 0) return
  const place = await trx
    .selectFrom('locations')
    .innerJoin('customers', 'customers.id', 'locations.customer_id')
    .select(['locations.name', 'locations.time_zone', 'customers.name as customer_name'])
    .where('locations.id', '=', report.locationId)
    .executeTakeFirst()
  if (place === undefined) return
  for (const channel of channels) {
    const told = await trx
      .selectFrom('notifications')
      .select(['event', 'fault_class', 'created_at_ms'])
      .where('channel_id', '=', channel.id)
      .where('incident_key', '=', report.key)
      .orderBy('created_at_ms')
      .execute()
    const event = eventToTell(channel, report, told)
    if (event === undefined) continue
    const isTaken = await insert(trx, channel.id, nowMs, {
      v: 1,
      event,
      incidentKey: report.key,
      locationId: report.locationId,
      locationName: place.name,
      customerName: place.customer_name,
      timeZone: place.time_zone,
      faultClass: report.faultClass,
      severity: report.severity,
      headline: report.headline,
      diagnosis: report.diagnosis,
      startedAtMs: report.startedAtMs,
      ...(report.clearedAtMs === undefined ? {} : { clearedAtMs: report.clearedAtMs }),
      url: `${consoleUrl}/locations/${report.locationId}`,
    })
    if (!isTaken) onFull(channel.kind)
  }
}

/** What a channel is to hear now, given what it heard of this incident before; undefined = nothing. Pure. */
export function eventToTell(
  channel: Pick<ChannelRow, 'min_severity' | 'location_ids' | 'tells_recovery'>,
  report: Pick<
    IncidentReport,
    'locationId' | 'severity' | 'state' | 'faultClass' | 'issueHeldBy' | 'endedBy'
  >,
  told: readonly Pick<NotificationRow, 'event' | 'fault_class'>[],
): ChannelEvent | undefined {
  const wanted = channel.location_ids === null ? undefined : storedIds.parse(JSON.parse(channel.location_ids))
  if (wanted !== undefined && !wanted.includes(report.locationId)) return undefined
  const isOpened = told.some(({ event }) => event === 'opened')
  // It goes on in another incident: nothing is well again.
  if (report.endedBy === 'folded') return undefined
  if (report.state === 'closed') {
    const isTold = told.some(({ event }) => event === 'recovered')
    return isOpened && !isTold && channel.tells_recovery === 1 ? 'recovered' : undefined
  }
  if (report.state !== 'open') return undefined
  if (isOpened) return told.at(-1)?.fault_class === report.faultClass ? undefined : 'moved'
  const order: readonly string[] = severities
  const isWorth = order.indexOf(report.severity) >= order.indexOf(channel.min_severity)
  return isWorth && report.issueHeldBy === undefined ? 'opened' : undefined
}

/** False where too many wait already: it stands in the channel's log as dead. */
async function insert(
  trx: Trx,
  channelId: string,
  nowMs: number,
  message: NotificationMessage,
): Promise<boolean> {
  const { count } = await trx
    .selectFrom('notifications')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('channel_id', '=', channelId)
    .where('state', '=', 'waiting')
    .executeTakeFirstOrThrow()
  const isFull = Number(count) >= maxWaiting
  await trx
    .insertInto('notifications')
    .values({
      id: newId('note'),
      channel_id: channelId,
      incident_key: message.incidentKey,
      event: message.event,
      fault_class: message.faultClass,
      message: JSON.stringify(message),
      state: isFull ? 'dead' : 'waiting',
      attempts: 0,
      due_at_ms: nowMs,
      last_error: isFull ? 'too many messages waited for this channel' : null,
      created_at_ms: nowMs,
      delivered_at_ms: null,
    })
    .execute()
  return !isFull
}

/** The delivery log of a channel, newest first. */
export async function listDeliveries({ db }: Database, channelId: string): Promise<Notification[]> {
  const rows = await db
    .selectFrom('notifications')
    .selectAll()
    .where('channel_id', '=', channelId)
    .orderBy('created_at_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(shownDeliveries)
    .execute()
  return rows.map((row) =>
    notificationSchema.parse({
      id: row.id,
      event: row.event,
      subject: subjectOf(readMessage(row.message)),
      state: row.state,
      attempts: row.attempts,
      ...(row.last_error === null ? {} : { lastError: row.last_error }),
      createdAtMs: row.created_at_ms,
      ...(row.delivered_at_ms === null ? {} : { deliveredAtMs: row.delivered_at_ms }),
    }),
  )
}

/** Puts a message at the end of the queue again, same id, same words; receivers that have seen it drop it. False = the channel has no such message. */
export async function replayDelivery(
  { db }: Database,
  channelId: string,
  id: string,
  nowMs: number,
): Promise<boolean> {
  const row = await db
    .updateTable('notifications')
    .set({ state: 'waiting', attempts: 0, due_at_ms: nowMs, last_error: null, delivered_at_ms: null })
    .where('id', '=', id)
    .where('channel_id', '=', channelId)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** What {@link queueIncident} wrote; its types held when it was made. */
export function readMessage(text: string): NotificationMessage {
  return JSON.parse(text)
}
