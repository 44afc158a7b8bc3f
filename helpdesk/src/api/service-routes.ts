import {
  dedupKeySchema,
  issueChangesQuerySchema,
  issueChangesSchema,
  issueSchema,
  openIssueSchema,
  recoverIssueSchema,
  updateIssueSchema,
} from '@proactive/shared/http'
import { z } from 'zod'
import type { Trx } from '../db/open.ts'
import { readChanges } from '../issues/change-feed.ts'
import { type FoundIssue, findIssueByKey } from '../issues/read.ts'
import { openIssueByKey, recoverIssueByKey, updateIssueByKey } from '../issues/service-operations.ts'
import type { ApiContext, App } from './context.ts'
import { etagOf, requireMatch } from './etag.ts'
import { access, serviceOf } from './guard.ts'
import { notFound } from './problem.ts'

const params = z.strictObject({ key: dedupKeySchema })
const ifMatchHeaders = z.object({ 'if-match': z.string().max(200).optional() })
const config = access({ service: true })
const tags = ['proactive Issues']

/** What ingest does with the Issues of incidents: open, update, recover by dedup key, and follow what people do with them. */
export function registerServiceRoutes(app: App, { db, changes, metrics, nowMs }: ApiContext): void {
  app.put(
    '/api/issues/by-key/:key',
    {
      config,
      schema: {
        tags,
        summary: 'Open the Issue of an incident, or answer the one that exists',
        params,
        body: openIssueSchema,
        response: { 200: issueSchema, 201: issueSchema },
      },
    },
    async (request, reply) => {
      const scene = { actor: serviceOf(request), nowMs: nowMs() }
      const { found, isNew } = await db
        .transaction()
        .execute((trx) => openIssueByKey(trx, request.params.key, request.body, scene))
      if (isNew) {
        metrics.issuesOpened.inc()
        changes.notify()
      }
      return reply
        .code(isNew ? 201 : 200)
        .header('etag', etagOf(found.issue.version))
        .send(found.issue)
    },
  )

  app.get(
    '/api/issues/by-key/:key',
    { config, schema: { tags, summary: 'The Issue of a key', params, response: { 200: issueSchema } } },
    async (request, reply) => {
      const { issue } = await requireByKey(db, request.params.key)
      return reply.header('etag', etagOf(issue.version)).send(issue)
    },
  )

  app.patch(
    '/api/issues/by-key/:key',
    {
      config,
      schema: {
        tags,
        summary: 'The diagnosis moved: owner and product follow it',
        params,
        headers: ifMatchHeaders,
        body: updateIssueSchema,
        response: { 200: issueSchema },
      },
    },
    async (request, reply) => {
      const scene = { actor: serviceOf(request), nowMs: nowMs() }
      const { issue } = await db.transaction().execute(async (trx) => {
        const found = await requireByKey(trx, request.params.key)
        requireMatch(request.headers['if-match'], found.issue.version)
        return updateIssueByKey(trx, found, request.body, scene)
      })
      changes.notify()
      return reply.header('etag', etagOf(issue.version)).send(issue)
    },
  )

  app.post(
    '/api/issues/by-key/:key/recovery',
    {
      config,
      schema: {
        tags,
        summary: 'The fault is over: resolve what nobody touched, else ask to confirm',
        params,
        headers: ifMatchHeaders,
        body: recoverIssueSchema,
        response: { 200: issueSchema },
      },
    },
    async (request, reply) => {
      const scene = { actor: serviceOf(request), nowMs: nowMs() }
      const { issue } = await db.transaction().execute(async (trx) => {
        const found = await requireByKey(trx, request.params.key)
        requireMatch(request.headers['if-match'], found.issue.version)
        return recoverIssueByKey(trx, found, request.body, scene)
      })
      changes.notify()
      return reply.header('etag', etagOf(issue.version)).send(issue)
    },
  )

  app.get(
    '/api/issues/changes',
    {
      config,
      schema: {
        tags,
        summary: 'What changed since a place in the feed; waits for the next change',
        querystring: issueChangesQuerySchema,
        response: { 200: issueChangesSchema },
      },
    },
    async (request, reply) => {
      const { after, waitMs, limit } = request.query
      const gone = new AbortController()
      reply.raw.on('close', () => gone.abort())
      // Registered before the first read: a change in between wakes it.
      const nextChange = changes.wait(waitMs, gone.signal)
      const found = await readChanges(db, after, limit)
      if (found.items.length > 0 || waitMs === 0) {
        gone.abort()
        return found
      }
      await nextChange
      return readChanges(db, after, limit)
    },
  )
}

async function requireByKey(db: ApiContext['db'] | Trx, key: string): Promise<FoundIssue> {
  const found = await findIssueByKey(db, key)
  if (found === undefined) throw notFound('Issue')
  return found
}
