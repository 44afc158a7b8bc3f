import {
  addEntrySchema,
  issueCountsSchema,
  issueDetailSchema,
  issuePageSchema,
  issueQuerySchema,
  issueSchema,
  resolveIssueSchema,
} from '@proactive/shared/http'
import { mayOwn, maySee, visibleRooms } from '../access/actor.ts'
import { addEntryOfUser, claimIssue, resolveIssue } from '../issues/desk-operations.ts'
import { countQueues, listIssues, parseCursor } from '../issues/list.ts'
import { readEntries } from '../issues/read.ts'
import type { ApiContext, App } from './context.ts'
import { etagOf } from './etag.ts'
import { access, userOf } from './guard.ts'
import { ProblemError } from './problem.ts'
import { matchHeaders as headers, issueParams as params, requireVisible, work } from './work.ts'

const tags = ['Issues']

/** What people do at the desk: look through the queues, claim, talk, resolve. */
export function registerDeskRoutes(app: App, context: ApiContext): void {
  const { db } = context

  app.get(
    '/api/issues',
    {
      config: access({ users: 'viewer', scope: 'issues:read' }),
      schema: {
        tags,
        summary: 'A queue, newest first',
        querystring: issueQuerySchema,
        response: { 200: issuePageSchema },
      },
    },
    async (request) => {
      const { cursor, ...query } = request.query
      const before = cursor === undefined ? undefined : parseCursor(cursor)
      if (cursor !== undefined && before === undefined) {
        throw new ProblemError(400, 'invalid-request', 'The cursor is none of this list.')
      }
      return listIssues(db, userOf(request), { ...query, ...(before === undefined ? {} : { before }) })
    },
  )

  app.get(
    '/api/issues/counts',
    {
      config: access({ users: 'viewer', scope: 'issues:read' }),
      schema: {
        tags,
        summary: 'How many Issues each queue holds; 1,000 = that many or more',
        response: { 200: issueCountsSchema },
      },
    },
    (request) => countQueues(db, userOf(request)),
  )

  app.get(
    '/api/issues/:id',
    {
      config: access({ users: 'viewer', scope: 'issues:read' }),
      schema: {
        tags,
        summary: 'One Issue with what was said in it',
        params,
        response: { 200: issueDetailSchema },
      },
    },
    async (request, reply) => {
      const actor = userOf(request)
      const found = await requireVisible(db, actor, request.params.id)
      const entries = await readEntries(db, found.number, visibleRooms(actor))
      return reply.header('etag', etagOf(found.issue.version)).send({ ...found.issue, entries })
    },
  )

  app.post(
    '/api/issues/:id/claim',
    {
      config: access({ users: 'agent', scope: 'issues:write' }),
      schema: { tags, summary: 'Claim an Unclaimed Issue', params, headers, response: { 200: issueSchema } },
    },
    async (request, reply) => {
      const { issue } = await work(context, request, mayOwn, (trx, found, scene) =>
        claimIssue(trx, found, scene),
      )
      return reply.header('etag', etagOf(issue.version)).send(issue)
    },
  )

  app.post(
    '/api/issues/:id/entries',
    {
      config: access({ users: 'agent', scope: 'issues:write' }),
      schema: {
        tags,
        summary: 'Say something in a room, or leave a log note',
        params,
        headers,
        body: addEntrySchema,
        response: { 201: issueSchema },
      },
    },
    async (request, reply) => {
      const { issue } = await work(context, request, maySee, (trx, found, scene) =>
        addEntryOfUser(trx, found, request.body, scene),
      )
      return reply.code(201).header('etag', etagOf(issue.version)).send(issue)
    },
  )

  app.post(
    '/api/issues/:id/resolve',
    {
      config: access({ users: 'agent', scope: 'issues:write' }),
      schema: {
        tags,
        summary: 'Resolve as Completed or Cancelled',
        params,
        headers,
        body: resolveIssueSchema,
        response: { 200: issueSchema },
      },
    },
    async (request, reply) => {
      const { issue } = await work(context, request, mayOwn, (trx, found, scene) =>
        resolveIssue(trx, found, request.body, scene),
      )
      return reply.header('etag', etagOf(issue.version)).send(issue)
    },
  )
}
