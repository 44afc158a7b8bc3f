import { randomBytes } from 'node:crypto'
import { type Channel, type ChannelKind, channelSchema, type WriteChannel } from '@proactive/shared/http'
import { z } from 'zod'
import type { Database } from '../db/database.ts'
import type { SecretBox } from '../db/secret-box.ts'
import { DirectoryError } from '../directory/errors.ts'
import { newId } from '../directory/new-id.ts'
import type { ChannelRow } from './tables.ts'

const maxPerOrganization = 50
const targetSchema = z.union([z.object({ recipients: z.array(z.string()) }), z.object({ url: z.string() })])
type Target = z.infer<typeof targetSchema>
const storedIds = z.array(z.string())

/** Where a channel leads, with what only the sender may read. */
export interface Destination {
  readonly kind: ChannelKind
  readonly target: Target
  readonly secret: string | undefined
}

/** `secret` where a webhook got a new signing key: shown once. */
export interface Written {
  readonly channel: Channel
  readonly secret: string | undefined
}

/** Channels of Organizations. A target that cannot be read is empty. */
export interface Channels {
  list(organizationId: string): Promise<Channel[]>
  /** @throws DirectoryError where the kind lacks its target or there are 50 already. */
  make(organizationId: string, channel: WriteChannel): Promise<Written>
  /** The kind stays what it is; undefined = the Organization has no such channel. Without a new target the kept one has to be readable. */
  change(organizationId: string, id: string, channel: WriteChannel): Promise<Written | undefined>
  remove(organizationId: string, id: string): Promise<boolean>
  has(organizationId: string, id: string): Promise<boolean>
}

const place = (id: string) => `channel/${id}`

/** @throws Error where it was sealed with another key. */
export function destinationOf(
  secrets: SecretBox,
  row: Pick<ChannelRow, 'id' | 'kind' | 'target' | 'secret'>,
): Destination {
  return {
    kind: channelSchema.shape.kind.parse(row.kind),
    target: targetSchema.parse(JSON.parse(secrets.open(row.target, place(row.id)))),
    secret: row.secret === null ? undefined : secrets.open(row.secret, place(row.id)),
  }
}

/** What was sealed, or undefined where it was sealed with a key that is lost: it can be entered anew then. */
function readable(secrets: SecretBox, row: ChannelRow): Destination | undefined {
  try {
    return destinationOf(secrets, row)
  } catch {
    return undefined
  }
}

export function createChannels({ db }: Database, secrets: SecretBox, nowMs: () => number): Channels {
  const find = (organizationId: string, id: string) =>
    db
      .selectFrom('channels')
      .selectAll()
      .where('id', '=', id)
      .where('organization_id', '=', organizationId)
      .executeTakeFirst()
  const columns = (id: string, channel: WriteChannel, target: Target) => ({
    name: channel.name,
    target: secrets.seal(JSON.stringify(target), place(id)),
    min_severity: channel.minSeverity,
    location_ids: channel.locationIds === null ? null : JSON.stringify([...new Set(channel.locationIds)]),
    tells_recovery: channel.tellsRecovery ? 1 : 0,
    is_active: channel.isActive ? 1 : 0,
  })

  return {
    list: async (organizationId) => {
      const rows = await db
        .selectFrom('channels')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .orderBy('created_at_ms')
        .execute()
      return rows.map((row) => toChannel(row, readable(secrets, row)?.target))
    },
    make: async (organizationId, channel) => {
      const present = await db
        .selectFrom('channels')
        .select('id')
        .where('organization_id', '=', organizationId)
        .execute()
      if (present.length >= maxPerOrganization)
        throw new DirectoryError('conflict', 'An Organization has at most 50 channels: remove one first.')
      const target = targetIn(channel, undefined)
      const id = newId('chan')
      const secret = channel.kind === 'webhook' ? newSecret() : undefined
      const row: ChannelRow = {
        id,
        organization_id: organizationId,
        kind: channel.kind,
        secret: secret === undefined ? null : secrets.seal(secret, place(id)),
        created_at_ms: nowMs(),
        ...columns(id, channel, target),
      }
      await db.insertInto('channels').values(row).execute()
      return { channel: toChannel(row, target), secret }
    },
    change: async (organizationId, id, channel) => {
      const before = await find(organizationId, id)
      if (before === undefined) return undefined
      if (before.kind !== channel.kind)
        throw new DirectoryError('conflict', 'A channel keeps its kind: make another one instead.')
      const kept = readable(secrets, before)
      const target = targetIn(channel, kept?.target)
      // A signing key that nobody can read any more signs nothing: its receiver gets a new one.
      const secret = before.kind === 'webhook' && kept === undefined ? newSecret() : undefined
      const row = {
        ...columns(id, channel, target),
        ...(secret === undefined ? {} : { secret: secrets.seal(secret, place(id)) }),
      }
      await db.updateTable('channels').set(row).where('id', '=', id).execute()
      // What waits is not told hours later, when it is switched on again.
      if (!channel.isActive)
        await db
          .updateTable('notifications')
          .set({ state: 'dead', last_error: 'The channel was switched off.' })
          .where('channel_id', '=', id)
          .where('state', '=', 'waiting')
          .execute()
      return { channel: toChannel({ ...before, ...row }, target), secret }
    },
    remove: async (organizationId, id) => {
      const row = await db
        .deleteFrom('channels')
        .where('id', '=', id)
        .where('organization_id', '=', organizationId)
        .returning('id')
        .executeTakeFirst()
      return row !== undefined
    },
    has: async (organizationId, id) => (await find(organizationId, id)) !== undefined,
  }
}

function targetIn({ kind, recipients, url }: WriteChannel, kept: Target | undefined): Target {
  if (kind === 'email') {
    if (recipients !== undefined) return { recipients: [...new Set(recipients)] }
    if (kept !== undefined && 'recipients' in kept) return kept
    throw new DirectoryError('conflict', 'A channel by e-mail needs recipients.')
  }
  if (url !== undefined) return { url }
  if (kept !== undefined && 'url' in kept) return kept
  throw new DirectoryError('conflict', 'This channel needs an address.')
}

function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

function toChannel(row: ChannelRow, target: Target | undefined): Channel {
  return channelSchema.parse({
    id: row.id,
    name: row.name,
    kind: row.kind,
    target: target === undefined ? '' : told(row.kind, target),
    ...(target !== undefined && 'recipients' in target ? { recipients: target.recipients } : {}),
    minSeverity: row.min_severity,
    locationIds: row.location_ids === null ? null : storedIds.parse(JSON.parse(row.location_ids)),
    tellsRecovery: row.tells_recovery === 1,
    isActive: row.is_active === 1,
    createdAtMs: row.created_at_ms,
  })
}

/** The address of a Slack or Teams hook is its password. */
function told(kind: string, target: Target): string {
  if ('recipients' in target) return target.recipients.join(', ')
  const url = new URL(target.url)
  return kind === 'webhook' ? `${url.origin}${url.pathname}` : `${url.origin}/…`
}
