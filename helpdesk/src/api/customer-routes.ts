import { addCustomerEntrySchema, customerIssueSchema } from '@proactive/shared/http'
import { type SqlBool, sql } from 'kysely'
import { z } from 'zod'
import type { CustomerActor } from '../access/actor.ts'
import type { Database, Trx } from '../db/open.ts'
import { type FoundIssue, findIssueByNumber, numberOfIssueId, readEntries } from '../issues/read.ts'
import { addEntry, changeIssue } from '../issues/write.ts'
import type { ApiContext, App } from './context.ts'
import { access, customerOf } from './guard.ts'
import { notFound } from './problem.ts'
import { issueParams } from './work.ts'

const config = access({ customers: true })
const tags = ['Customer Users']
const listed = customerIssueSchema.omit({ entries: true })
const pageSize = 100

/** What a Customer User sees: the own Customer's Issues that somebody spoke to them in, and the public room only. */
export function registerCustomerRoutes(app: App, { db, changes, nowMs }: ApiContext): void {
  app.get(
    '/api/customer/issues',
    {
      config,
      schema: { tags, summary: 'The own Issues', response: { 200: z.object({ items: z.array(listed) }) } },
    },
    async (request) => {
      const { customerId } = customerOf(request)
      const rows = await db
        .selectFrom('issues')
        .select(['number'])
        .where('customer_id', '=', customerId)
        .where((eb) => eb.or([eb('customer_user_json', 'is not', null), hasPublicEntry]))
        .orderBy('number', 'desc')
        .limit(pageSize)
        .execute()
      const found = await Promise.all(rows.map((row) => findIssueByNumber(db, row.number)))
      return { items: found.flatMap((item) => (item === undefined ? [] : [head(item)])) }
    },
  )

  app.get(
    '/api/customer/issues/:id',
    {
      config,
      schema: {
        tags,
        summary: 'One of the own Issues with its public room',
        params: issueParams,
        response: { 200: customerIssueSchema },
      },
    },
    async (request) => view(db, await requireOwn(db, customerOf(request), request.params.id)),
  )

  app.post(
    '/api/customer/issues/:id/entries',
    {
      config,
      schema: {
        tags,
        summary: 'Answer in the public room',
        params: issueParams,
        body: addCustomerEntrySchema,
        response: { 201: customerIssueSchema },
      },
    },
    async (request, reply) => {
      const actor = customerOf(request)
      const found = await db.transaction().execute(async (trx) => {
        const before = await requireOwn(trx, actor, request.params.id)
        await addEntry(trx, before.number, nowMs(), {
          room: 'public',
          author: actor,
          body: request.body.body,
        })
        const deed = { actor, action: 'customer-entry' }
        return changeIssue(trx, before, nowMs(), { is_touched: 1 }, deed)
      })
      changes.notify()
      return reply.code(201).send(await view(db, found))
    },
  )
}

/** Whether anything was said in the public room. */
const hasPublicEntry = sql<SqlBool>`EXISTS (SELECT 1 FROM entries WHERE entries.issue_number = issues.number AND entries.room = 'public')`

async function requireOwn(db: Database | Trx, actor: CustomerActor, id: string): Promise<FoundIssue> {
  const number = numberOfIssueId(id)
  const found = number === undefined ? undefined : await findIssueByNumber(db, number)
  if (found === undefined || found.issue.customerId !== actor.customerId) throw notFound('Issue')
  if (found.issue.customerUser !== undefined) return found
  const spoken = await readEntries(db, found.number, ['public'])
  if (spoken.length === 0) throw notFound('Issue')
  return found
}

function head({ issue }: FoundIssue) {
  const { id, number, name, status, createdAtMs } = issue
  return { id, number, name, status, createdAtMs }
}

async function view(db: Database, found: FoundIssue) {
  const entries = await readEntries(db, found.number, ['public'])
  return {
    ...head(found),
    entries: entries.map(({ room, author, body, atMs }) => ({
      room,
      fromUs: author.kind !== 'customer',
      name: author.name,
      body,
      atMs,
    })),
  }
}
