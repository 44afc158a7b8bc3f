import {
  addArticleSchema,
  addedArticleSchema,
  assignIssueSchema,
  createIssueSchema,
  editIssueSchema,
  escalateIssueSchema,
  giveBackSchema,
  handOverSchema,
  issueHistorySchema,
  issuePeopleSchema,
  issueProductsSchema,
  issueSchema,
  setCollaboratorsSchema,
} from '@proactive/shared/http'
import type { FastifyReply } from 'fastify'
import type { z } from 'zod'
import { mayOwn, maySee } from '../access/actor.ts'
import { findArticle } from '../articles/articles.ts'
import { createIssue } from '../issues/create.ts'
import { isConflict } from '../issues/desk-operations.ts'
import { assignIssue, editIssue, productsOfLocation, setCollaborators } from '../issues/edit.ts'
import { deEscalateIssue, escalateIssue, handBackIssue, handOverIssue } from '../issues/escalation.ts'
import { readHistory } from '../issues/history.ts'
import type { FoundIssue } from '../issues/read.ts'
import { peopleAtLocation } from '../issues/stakes.ts'
import { changeIssue } from '../issues/write.ts'
import type { ApiContext, App } from './context.ts'
import { etagOf } from './etag.ts'
import { access, userOf } from './guard.ts'
import { notFound, ProblemError } from './problem.ts'
import { issueParams, matchHeaders, requireVisible, work } from './work.ts'

const tags = ['Issues']
const reads = access({ users: 'viewer', scope: 'issues:read' })
const writes = access({ users: 'agent', scope: 'issues:write' })
const maxArticles = 16

/** What people do with an Issue beyond claiming and talking: open, edit, assign, hand over, escalate, attach knowledge. */
export function registerWorkRoutes(app: App, context: ApiContext): void {
  const { db, changes, nowMs } = context

  app.post(
    '/api/issues',
    {
      config: writes,
      schema: {
        tags,
        summary: 'Open an Issue for somebody who called or wrote',
        body: createIssueSchema,
        response: { 201: issueSchema },
      },
    },
    async (request, reply) => {
      const scene = { actor: userOf(request), nowMs: nowMs() }
      const { issue } = await db.transaction().execute(async (trx) => {
        const made = await createIssue(trx, request.body, scene)
        if (isConflict(made)) throw new ProblemError(409, made.conflict, made.sentence)
        return made
      })
      changes.notify()
      return reply.code(201).header('etag', etagOf(issue.version)).send(issue)
    },
  )

  app.patch(
    '/api/issues/:id',
    {
      config: writes,
      schema: {
        tags,
        summary: 'Edit name, categories, product and texts',
        params: issueParams,
        headers: matchHeaders,
        body: editIssueSchema,
        response: { 200: issueSchema },
      },
    },
    async (request, reply) =>
      answer(
        reply,
        await work(context, request, mayOwn, (trx, found, scene) =>
          editIssue(trx, found, request.body, scene),
        ),
      ),
  )

  app.get(
    '/api/issues/:id/products',
    {
      config: reads,
      schema: {
        tags,
        summary: 'The dropdown of the Product field: what is known at the Location',
        params: issueParams,
        response: { 200: issueProductsSchema },
      },
    },
    async (request) => {
      const { issue } = await requireVisible(db, userOf(request), request.params.id)
      return { items: await productsOfLocation(db, issue.locationId) }
    },
  )

  app.get(
    '/api/issues/:id/people',
    {
      config: access({ users: 'agent', scope: 'issues:read' }),
      schema: {
        tags,
        summary: 'Whom the Issue may be assigned to or shared with',
        params: issueParams,
        response: { 200: issuePeopleSchema },
      },
    },
    async (request) => {
      const { issue } = await requireVisible(db, userOf(request), request.params.id)
      return { items: await peopleAtLocation(db, issue.locationId) }
    },
  )

  app.get(
    '/api/issues/:id/history',
    {
      config: access({ users: 'agent', scope: 'issues:read' }),
      schema: {
        tags,
        summary: 'From Team to Team, and the audit trail',
        params: issueParams,
        response: { 200: issueHistorySchema },
      },
    },
    async (request) => {
      const found = await requireVisible(db, userOf(request), request.params.id)
      return readHistory(db, found.number)
    },
  )

  app.put(
    '/api/issues/:id/collaborators',
    {
      config: writes,
      schema: {
        tags,
        summary: 'Set who collaborates, also of other Organizations at the Location',
        params: issueParams,
        headers: matchHeaders,
        body: setCollaboratorsSchema,
        response: { 200: issueSchema },
      },
    },
    async (request, reply) =>
      answer(
        reply,
        await work(context, request, mayOwn, (trx, found, scene) =>
          setCollaborators(trx, found, request.body, scene),
        ),
      ),
  )

  const operations = [
    ['assign', 'Assign to a Team and User of the own Organization', assignIssueSchema, assignIssue],
    ['hand-over', 'Hand over to the second line, with a note', handOverSchema, handOverIssue],
    ['hand-back', 'Hand back to who handed it over', giveBackSchema, handBackIssue],
    ['escalate', 'Escalate to another Organization’s Team', escalateIssueSchema, escalateIssue],
    ['de-escalate', 'Give an escalated Issue back', giveBackSchema, deEscalateIssue],
  ] as const
  for (const [name, summary, body, operate] of operations) {
    app.post(
      `/api/issues/:id/${name}`,
      {
        config: writes,
        schema: {
          tags,
          summary,
          params: issueParams,
          headers: matchHeaders,
          body: body as z.ZodType,
          response: { 200: issueSchema },
        },
      },
      async (request, reply) =>
        answer(
          reply,
          // The schema of the same line of the table has checked the body.
          await work(context, request, mayOwn, (trx, found, scene) =>
            operate(trx, found, request.body as never, scene),
          ),
        ),
    )
  }

  app.post(
    '/api/issues/:id/articles',
    {
      config: writes,
      schema: {
        tags,
        summary: 'Add an article to the Issue and get its address',
        params: issueParams,
        headers: matchHeaders,
        body: addArticleSchema,
        response: { 200: addedArticleSchema },
      },
    },
    async (request) => {
      const { found, url } = await work(
        context,
        request,
        maySee,
        async (trx, before, { actor, nowMs: now }) => {
          const article = await findArticle(trx, actor, request.body.articleId)
          if (article === undefined) throw notFound('article')
          const urls = [...new Set([...before.issue.articleUrls, article.url])].slice(0, maxArticles)
          const change = { article_urls_json: JSON.stringify(urls), is_touched: 1 }
          const deed = { actor, action: 'article', details: { articleId: article.id } }
          return { found: await changeIssue(trx, before, now, change, deed), url: article.url }
        },
      )
      return { url, issue: found.issue }
    },
  )
}

function answer(reply: FastifyReply, { issue }: FoundIssue) {
  return reply.header('etag', etagOf(issue.version)).send(issue)
}
