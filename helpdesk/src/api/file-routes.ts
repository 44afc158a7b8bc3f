import { addFileQuerySchema, issueFileSchema, issueFilesSchema, maxFileBytes } from '@proactive/shared/http'
import { z } from 'zod'
import { maySee } from '../access/actor.ts'
import { addFile, dispositionOf, listFiles, readFileOf } from '../issues/files.ts'
import type { ApiContext, App } from './context.ts'
import { access, userOf } from './guard.ts'
import { notFound, ProblemError } from './problem.ts'
import { issueParams, requireVisible, work } from './work.ts'

const tags = ['Files']
const fileParams = z.strictObject({ id: z.string().max(64), fileId: z.string().max(64) })

/** Files of an Issue: in as bytes, out as attachments only, so that no browser ever runs one in our origin. */
export function registerFileRoutes(app: App, context: ApiContext): void {
  const { db } = context
  app.addContentTypeParser(
    'application/octet-stream',
    { parseAs: 'buffer', bodyLimit: maxFileBytes },
    (_request, body, done) => done(null, body),
  )

  app.post(
    '/api/issues/:id/files',
    {
      config: access({ users: 'agent', scope: 'issues:write' }),
      bodyLimit: maxFileBytes,
      schema: {
        tags,
        summary: 'Attach a file, at most 10 MB, as application/octet-stream',
        consumes: ['application/octet-stream'],
        params: issueParams,
        querystring: addFileQuerySchema,
        response: { 201: issueFileSchema },
      },
    },
    async (request, reply) => {
      const { body } = request
      if (!Buffer.isBuffer(body))
        throw new ProblemError(415, 'unsupported-media-type', 'Send the file as application/octet-stream.')
      const { file } = await work(context, request, maySee, (trx, found, scene) =>
        addFile(trx, found, { name: request.query.name, content: body }, scene),
      )
      return reply.code(201).send(file)
    },
  )

  app.get(
    '/api/issues/:id/files',
    {
      config: access({ users: 'viewer', scope: 'issues:read' }),
      schema: {
        tags,
        summary: 'Files of an Issue',
        params: issueParams,
        response: { 200: issueFilesSchema },
      },
    },
    async (request) => {
      const found = await requireVisible(db, userOf(request), request.params.id)
      return { items: await listFiles(db, found.number) }
    },
  )

  app.get(
    '/api/issues/:id/files/:fileId',
    {
      config: access({ users: 'viewer', scope: 'issues:read' }),
      schema: { tags, summary: 'One file, as an attachment', params: fileParams },
    },
    async (request, reply) => {
      const found = await requireVisible(db, userOf(request), request.params.id)
      const file = await readFileOf(db, found.number, request.params.fileId)
      if (file === undefined) throw notFound('file')
      return reply
        .headers({
          'content-type': 'application/octet-stream',
          'content-disposition': dispositionOf(file.name),
          'content-security-policy': "default-src 'none'; sandbox",
        })
        .send(Buffer.from(file.content))
    },
  )
}
