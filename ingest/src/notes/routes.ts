import { topicToken } from '@proactive/shared'
import { locationNoteSchema, locationNotesSchema, writeLocationNoteSchema } from '@proactive/shared/http'
import { z } from 'zod'
import { type Actor, access, hasRole } from '../api/access.ts'
import type { RouteModule } from '../api/context.ts'
import { recorderOf } from '../api/directory-trail.ts'
import { actorOf } from '../api/guard.ts'
import { ProblemError } from '../api/problem.ts'
import { newId } from '../directory/new-id.ts'
import type { NoteTables } from './tables.ts'

const tags = ['Locations']
const params = z.strictObject({ id: topicToken })
const maxNotes = 200

/** Notes on a Location: shared by every Organization with a stake in it, like its network data (ADR 011). */
export const registerNoteRoutes: RouteModule = (app, context) => {
  const { database, nowMs } = context
  const { db } = database
  const record = recorderOf(context)

  const select = (locationId: string) =>
    db
      .selectFrom('location_notes')
      .innerJoin('organizations', 'organizations.id', 'location_notes.organization_id')
      .selectAll('location_notes')
      .select('organizations.name as organization_name')
      .where('location_id', '=', locationId)

  app.get(
    '/api/locations/:id/notes',
    {
      config: access({ role: 'viewer', scope: 'location' }),
      schema: { tags, summary: 'Notes, newest first', params, response: { 200: locationNotesSchema } },
    },
    async (request) => {
      const actor = actorOf(request)
      const rows = await select(request.params.id)
        .orderBy('at_ms', 'desc')
        .orderBy('location_notes.id', 'desc')
        .limit(maxNotes)
        .execute()
      return {
        items: rows.map((row) => ({
          id: row.id,
          body: row.body,
          authorName: row.author_name,
          organizationName: row.organization_name,
          atMs: row.at_ms,
          isOwn: mayRemove(actor, row),
        })),
      }
    },
  )

  app.post(
    '/api/locations/:id/notes',
    {
      config: access({ role: 'agent', scope: 'location' }),
      schema: {
        tags,
        summary: 'Write a note',
        params,
        body: writeLocationNoteSchema,
        response: { 201: locationNoteSchema },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const { userId, name, organizationId, organizationName } = actorOf(request)
      const present = await db
        .selectFrom('location_notes')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('location_id', '=', id)
        .executeTakeFirstOrThrow()
      if (Number(present.count) >= maxNotes)
        throw new ProblemError(409, 'conflict', 'A Location has at most 200 notes: remove what is over.')
      const row: NoteTables['location_notes'] = {
        id: newId('note'),
        location_id: id,
        organization_id: organizationId,
        author_id: userId,
        author_name: name,
        body: request.body.body,
        at_ms: nowMs(),
      }
      await db.insertInto('location_notes').values(row).execute()
      await record(request, id)
      return reply.code(201).send({
        id: row.id,
        body: row.body,
        authorName: name,
        organizationName,
        atMs: row.at_ms,
        isOwn: true,
      })
    },
  )

  app.delete(
    '/api/locations/:id/notes/:noteId',
    {
      config: access({ role: 'agent', scope: 'location' }),
      schema: {
        tags,
        summary: 'Take a note away: one’s own, or one of the own Organization for its admins',
        params: params.extend({ noteId: topicToken }),
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const { id, noteId } = request.params
      const row = await select(id).where('location_notes.id', '=', noteId).executeTakeFirst()
      if (row !== undefined) {
        if (!mayRemove(actorOf(request), row))
          throw new ProblemError(
            403,
            'forbidden',
            'Only who wrote a note, or an admin of theirs, removes it.',
          )
        await db.deleteFrom('location_notes').where('id', '=', noteId).execute()
        await record(request, id)
      }
      return reply.code(204).send()
    },
  )
}

function mayRemove(actor: Actor, note: { author_id: string; organization_id: string }): boolean {
  return (
    note.author_id === actor.userId ||
    (hasRole(actor, 'admin') && note.organization_id === actor.organizationId)
  )
}
