import { createHash, randomBytes } from 'node:crypto'
import { type MerchantLink, merchantLinkSchema, merchantTokenPattern } from '@proactive/shared/http'
import type { Database } from '../db/database.ts'
import { DirectoryError } from '../directory/errors.ts'
import { newId } from '../directory/new-id.ts'
import type { MerchantLinkRow } from './tables.ts'

/** How long a link can be opened, and how often a page says that it was. */
const linkLifeMs = 7 * 24 * 60 * 60 * 1_000
const noteUseEveryMs = 60_000
const maxLinksPerLocation = 20
export const maxReportsPerHour = 5
const hourMs = 60 * 60 * 1_000

/** A link that may be used now. */
export interface OpenLink {
  readonly id: string
  readonly locationId: string
  readonly organizationId: string
  readonly expiresAtMs: number
}

/** A report that may go to the desk, which drops what it has seen of the same id. */
export interface TakenReport {
  readonly id: string
  readonly isRepeat: boolean
}

/** Links to the merchant's page: who holds one sees one Location, for seven days, without an account. */
export interface MerchantLinks {
  /** @throws DirectoryError `conflict` where the Organization has 20 open ones for the Location already. */
  make(link: {
    readonly locationId: string
    readonly organizationId: string
    readonly userId: string
  }): Promise<{ link: MerchantLink; token: string }>
  /** Those of the Organization that can still be opened, newest first. */
  list(locationId: string, organizationId: string): Promise<MerchantLink[]>
  /** False where the Organization has no such link there. */
  revoke(locationId: string, organizationId: string, linkId: string): Promise<boolean>
  find(token: string): Promise<OpenLink | undefined>
  reportsLeft(linkId: string): Promise<number>
  /**
   * Takes one of the hour's reports, atomically; a repeat of what the link said under the same name takes none.
   * @param saidAs the sender's own name for it, which counts for this link only; absent = it is said for the first time
   * @returns undefined = the hour has had its five
   */
  takeReport(linkId: string, kind: string, saidAs?: string): Promise<TakenReport | undefined>
  /** It reached nobody: it does not count. */
  giveBack(reportId: string): Promise<void>
}

export function createMerchantLinks({ db, engine }: Database, nowMs: () => number): MerchantLinks {
  const selectOpen = (locationId: string, organizationId: string) =>
    db
      .selectFrom('merchant_links')
      .innerJoin('users', 'users.id', 'merchant_links.created_by')
      .selectAll('merchant_links')
      .select('users.name as created_by_name')
      .where('location_id', '=', locationId)
      .where('merchant_links.organization_id', '=', organizationId)
      .where('revoked_at_ms', 'is', null)
      .where('expires_at_ms', '>', nowMs())
      .orderBy('created_at_ms', 'desc')

  async function list(locationId: string, organizationId: string): Promise<MerchantLink[]> {
    const rows = await selectOpen(locationId, organizationId).execute()
    return rows.map((row) => toLink(row, row.created_by_name))
  }

  const countReports = async (linkId: string) => {
    const row = await db
      .selectFrom('merchant_reports')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('link_id', '=', linkId)
      .where('at_ms', '>', nowMs() - hourMs)
      .executeTakeFirstOrThrow()
    return Number(row.count)
  }

  return {
    make: async ({ locationId, organizationId, userId }) => {
      const open = await list(locationId, organizationId)
      if (open.length >= maxLinksPerLocation)
        throw new DirectoryError('conflict', 'This Location has 20 open links already: revoke one first.')
      const token = randomBytes(16).toString('base64url')
      const now = nowMs()
      const row: MerchantLinkRow = {
        id: newId('mlink'),
        token_hash: hashOf(token),
        location_id: locationId,
        organization_id: organizationId,
        created_by: userId,
        created_at_ms: now,
        expires_at_ms: now + linkLifeMs,
        revoked_at_ms: null,
        last_used_at_ms: null,
      }
      await db
        .deleteFrom('merchant_links')
        .where('expires_at_ms', '<', now - 30 * linkLifeMs)
        .execute()
      await db.insertInto('merchant_links').values(row).execute()
      const made = (await list(locationId, organizationId)).find(({ id }) => id === row.id)
      return { token, link: made ?? toLink(row, '') }
    },
    list,
    revoke: async (locationId, organizationId, linkId) => {
      const row = await db
        .updateTable('merchant_links')
        .set({ revoked_at_ms: nowMs() })
        .where('id', '=', linkId)
        .where('location_id', '=', locationId)
        .where('organization_id', '=', organizationId)
        .where('revoked_at_ms', 'is', null)
        .returning('id')
        .executeTakeFirst()
      return row !== undefined
    },
    find: async (token) => {
      if (!merchantTokenPattern.test(token)) return undefined
      const now = nowMs()
      // A stake that was taken away takes the links along that were given because of it.
      const row = await db
        .selectFrom('merchant_links')
        .selectAll()
        .where('token_hash', '=', hashOf(token))
        .where('revoked_at_ms', 'is', null)
        .where('expires_at_ms', '>', now)
        .where((eb) =>
          eb.exists(
            eb
              .selectFrom('stakes')
              .select('stakes.kind')
              .whereRef('stakes.location_id', '=', 'merchant_links.location_id')
              .whereRef('stakes.organization_id', '=', 'merchant_links.organization_id'),
          ),
        )
        .executeTakeFirst()
      if (row === undefined) return undefined
      if (now - (row.last_used_at_ms ?? 0) > noteUseEveryMs)
        await db
          .updateTable('merchant_links')
          .set({ last_used_at_ms: now })
          .where('id', '=', row.id)
          .execute()
      return {
        id: row.id,
        locationId: row.location_id,
        organizationId: row.organization_id,
        expiresAtMs: row.expires_at_ms,
      }
    },
    reportsLeft: async (linkId) => Math.max(0, maxReportsPerHour - (await countReports(linkId))),
    takeReport: (linkId, kind, saidAs) =>
      db.transaction().execute(async (trx) => {
        // The link's row stays locked until the commit: reports side by side count one by one.
        if (engine === 'postgres')
          await trx.selectFrom('merchant_links').select('id').where('id', '=', linkId).forUpdate().execute()
        const now = nowMs()
        const id = saidAs === undefined ? newId('mrep') : `mrep-${hashOf(`${linkId} ${saidAs}`).slice(0, 32)}`
        const before = trx.selectFrom('merchant_reports').select('id').where('id', '=', id)
        if ((await before.executeTakeFirst()) !== undefined) return { id, isRepeat: true }
        const row = await trx
          .selectFrom('merchant_reports')
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .where('link_id', '=', linkId)
          .where('at_ms', '>', now - hourMs)
          .executeTakeFirstOrThrow()
        if (Number(row.count) >= maxReportsPerHour) return undefined
        await trx.insertInto('merchant_reports').values({ id, link_id: linkId, at_ms: now, kind }).execute()
        return { id, isRepeat: false }
      }),
    giveBack: async (reportId) => {
      await db.deleteFrom('merchant_reports').where('id', '=', reportId).execute()
    },
  }
}

function toLink(row: MerchantLinkRow, createdByName: string): MerchantLink {
  return merchantLinkSchema.parse({
    id: row.id,
    locationId: row.location_id,
    createdByName,
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
    ...(row.revoked_at_ms === null ? {} : { revokedAtMs: row.revoked_at_ms }),
    ...(row.last_used_at_ms === null ? {} : { lastUsedAtMs: row.last_used_at_ms }),
  })
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
