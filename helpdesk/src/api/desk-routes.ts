import {
  addEntrySchema,
  issueDetailSchema,
  issuePageSchema,
  issueQuerySchema,
  issueSchema,
  resolveIssueSchema,
} from '@proactive/shared/http'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type IssueParties, mayOwn, maySee, type UserActor, visibleRooms } from '../access/actor.ts'
import type { Trx } from '../db/open.ts'
import {
  addEntryOfUser,
  type Conflict,
  claimIssue,
  isConflict,
  resolveIssue,
} from '../issues/desk-operations.ts'
import { listIssues, parseCursor } from '../issues/list.ts'
import { type FoundIssue, findIssueByNumber, numberOfIssueId, readEntries } from '../issues/read.ts'
import type { ApiContext, App } from './context.ts'
import { etagOf, requireMatch } from './etag.ts'
import { access, userOf } from './guard.ts'
import { notFound, ProblemError } from './problem.ts'

const params = z.strictObject({ id: z.string().max(64) })
const headers = z.object({ 'if-match': z.string().max(200).optional() })
const tags = ['Issues']

/** What people do at the desk: look through the queues, claim, talk, resolve. */
export function registerDeskRoutes(app: App, context: ApiContext): void {
  const { db } = context

  app.get(
    '/api/issues',
    {
      config: access({ users: 'viewer' }),
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
    '/api/issues/:id',
    {
      config: access({ users: 'viewer' }),
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
      config: access({ users: 'agent' }),
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
      config: access({ users: 'agent' }),
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
      config: access({ users: 'agent' }),
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

type WorkRequest = FastifyRequest<{ Params: z.infer<typeof params>; Headers: z.infer<typeof headers> }>

/** One operation of a person in one transaction: visible (else 404), allowed (else 403), unchanged (else 412), possible (else 409). */
async function work(
  { db, changes, nowMs }: ApiContext,
  request: Pick<WorkRequest, 'params' | 'headers'> & FastifyRequest,
  isAllowed: (actor: UserActor, issue: IssueParties) => boolean,
  operate: (
    trx: Trx,
    found: FoundIssue,
    scene: { actor: UserActor; nowMs: number },
  ) => Promise<FoundIssue | Conflict>,
): Promise<FoundIssue> {
  const actor = userOf(request)
  const result = await db.transaction().execute(async (trx) => {
    const found = await requireVisible(trx, actor, request.params.id)
    if (!isAllowed(actor, found)) {
      throw new ProblemError(403, 'not-owner', "Only the owner Team's Organization may do that.")
    }
    requireMatch(request.headers['if-match'], found.issue.version)
    const outcome = await operate(trx, found, { actor, nowMs: nowMs() })
    if (isConflict(outcome)) throw new ProblemError(409, outcome.conflict, outcome.sentence)
    return outcome
  })
  changes.notify()
  return result
}

async function requireVisible(db: ApiContext['db'] | Trx, actor: UserActor, id: string): Promise<FoundIssue> {
  const number = numberOfIssueId(id)
  const found = number === undefined ? undefined : await findIssueByNumber(db, number)
  if (found === undefined || !maySee(actor, found)) throw notFound('Issue')
  return found
}
