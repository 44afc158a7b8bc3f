import {
  articlePageSchema,
  articleQuerySchema,
  articleSchema,
  writeArticleSchema,
} from '@proactive/shared/http'
import { z } from 'zod'
import { createArticle, findArticle, replaceArticle, searchArticles } from '../articles/articles.ts'
import type { ApiContext, App } from './context.ts'
import { etagOf, requireMatch } from './etag.ts'
import { access, userOf } from './guard.ts'
import { notFound, ProblemError } from './problem.ts'
import { matchHeaders } from './work.ts'

const tags = ['Knowledge Base']
const params = z.strictObject({ id: z.string().max(64) })
const reads = access({ users: 'viewer', scope: 'articles:read' })
const writes = access({ users: 'agent', scope: 'articles:write' })

/** The Knowledge Base: articles of the own Organization and those that others share. */
export function registerArticleRoutes(app: App, { db, nowMs }: ApiContext): void {
  app.get(
    '/api/articles',
    {
      config: reads,
      schema: {
        tags,
        summary: 'Search articles',
        querystring: articleQuerySchema,
        response: { 200: articlePageSchema },
      },
    },
    async (request) => {
      const { cursor } = request.query
      if (cursor !== undefined && !/^\d{1,6}$/.test(cursor))
        throw new ProblemError(400, 'invalid-request', 'The cursor is none of this list.')
      return searchArticles(db, userOf(request), request.query)
    },
  )

  app.get(
    '/api/articles/:id',
    {
      config: reads,
      schema: { tags, summary: 'One article with its checklist', params, response: { 200: articleSchema } },
    },
    async (request, reply) => {
      const article = await findArticle(db, userOf(request), request.params.id)
      if (article === undefined) throw notFound('article')
      return reply.header('etag', etagOf(article.version)).send(article)
    },
  )

  app.post(
    '/api/articles',
    {
      config: writes,
      schema: {
        tags,
        summary: 'Write an article',
        body: writeArticleSchema,
        response: { 201: articleSchema },
      },
    },
    async (request, reply) => {
      const actor = userOf(request)
      const article = await db
        .transaction()
        .execute((trx) => createArticle(trx, actor, request.body, nowMs()))
      return reply.code(201).header('etag', etagOf(article.version)).send(article)
    },
  )

  app.put(
    '/api/articles/:id',
    {
      config: writes,
      schema: {
        tags,
        summary: 'Replace an article of the own Organization',
        params,
        headers: matchHeaders,
        body: writeArticleSchema,
        response: { 200: articleSchema },
      },
    },
    async (request, reply) => {
      const actor = userOf(request)
      const article = await db.transaction().execute(async (trx) => {
        const present = await findArticle(trx, actor, request.params.id)
        if (present === undefined) throw notFound('article')
        if (present.organizationId !== actor.organizationId)
          throw new ProblemError(403, 'not-owner', "Only the article's Organization may change it.")
        requireMatch(request.headers['if-match'], present.version)
        return replaceArticle(trx, present.id, request.body, nowMs())
      })
      return reply.header('etag', etagOf(article.version)).send(article)
    },
  )
}
