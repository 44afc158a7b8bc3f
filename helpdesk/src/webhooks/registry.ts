import { randomBytes } from 'node:crypto'
import type { deliveryPageSchema } from '@proactive/shared/http'
import type { Selectable } from 'kysely'
import type { z } from 'zod'
import type { Database } from '../db/open.ts'
import type { DeliveryTable } from '../db/tables.ts'
import { issueId } from '../issues/read.ts'

const maxPerOrganization = 10

/** Makes a webhook; its secret is shown once. Undefined where the Organization has enough of them. */
export async function createWebhook(db: Database, organizationId: string, url: string, nowMs: number) {
  const { count } = await db
    .selectFrom('webhooks')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('organization_id', '=', organizationId)
    .executeTakeFirstOrThrow()
  if (count >= maxPerOrganization) return undefined
  const id = `hook-${randomBytes(8).toString('hex')}`
  const secret = randomBytes(32).toString('base64url')
  await db
    .insertInto('webhooks')
    .values({ id, organization_id: organizationId, url, secret, is_active: 1, created_at_ms: nowMs })
    .execute()
  return { id, url, isActive: true, createdAtMs: nowMs, secret }
}

export async function listWebhooks(db: Database, organizationId: string) {
  const rows = await db
    .selectFrom('webhooks')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .orderBy('created_at_ms')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    url: row.url,
    isActive: row.is_active === 1,
    createdAtMs: row.created_at_ms,
  }))
}

export async function findWebhook(db: Database, organizationId: string, id: string) {
  return db
    .selectFrom('webhooks')
    .selectAll()
    .where('id', '=', id)
    .where('organization_id', '=', organizationId)
    .executeTakeFirst()
}

/** Ends a webhook; what waits for it is dropped, its log goes with it. */
export async function removeWebhook(db: Database, organizationId: string, id: string): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const result = await trx
      .deleteFrom('webhooks')
      .where('id', '=', id)
      .where('organization_id', '=', organizationId)
      .executeTakeFirst()
    if (result.numDeletedRows === 0n) return false
    await trx.deleteFrom('deliveries').where('webhook_id', '=', id).execute()
    return true
  })
}

/** The delivery log, newest first. */
export async function listDeliveries(
  db: Database,
  webhookId: string,
  { before, limit }: { readonly before: number | undefined; readonly limit: number },
): Promise<z.infer<typeof deliveryPageSchema>> {
  let rows = db.selectFrom('deliveries').selectAll().where('webhook_id', '=', webhookId)
  if (before !== undefined) rows = rows.where('number', '<', before)
  const found = await rows
    .orderBy('number', 'desc')
    .limit(limit + 1)
    .execute()
  const page = found.slice(0, limit)
  const last = page.at(-1)
  return {
    items: page.map(deliveryView),
    nextCursor: found.length > limit && last !== undefined ? `${last.number}` : null,
  }
}

/** Puts a delivery at the end of the queue again, same id, same body; undefined where there is none. */
export async function replayDelivery(db: Database, webhookId: string, id: string, nowMs: number) {
  const row = await db
    .updateTable('deliveries')
    .set({ state: 'waiting', attempts: 0, due_at_ms: nowMs, delivered_at_ms: null })
    .where('id', '=', id)
    .where('webhook_id', '=', webhookId)
    .returningAll()
    .executeTakeFirst()
  return row === undefined ? undefined : deliveryView(row)
}

function deliveryView(row: Selectable<DeliveryTable>) {
  return {
    id: row.id,
    issueId: issueId(row.issue_number),
    state: row.state,
    attempts: row.attempts,
    ...(row.last_status === null ? {} : { lastStatus: row.last_status }),
    ...(row.last_error === null ? {} : { lastError: row.last_error }),
    createdAtMs: row.created_at_ms,
    ...(row.delivered_at_ms === null ? {} : { deliveredAtMs: row.delivered_at_ms }),
  }
}
