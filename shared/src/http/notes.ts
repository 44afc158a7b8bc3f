import { z } from 'zod'
import { epochMs, longText, shortText, topicToken } from '../domain/text.ts'

/** What people should know about a Location: where the router stands, who has the key. Read by every Organization with a stake in it. */
export const locationNoteSchema = z.object({
  id: topicToken,
  body: z.string(),
  authorName: shortText(120),
  organizationName: shortText(120),
  atMs: epochMs,
  /** Whether this User may take it away: who wrote it, and admins of their Organization. */
  isOwn: z.boolean(),
})
export type LocationNote = z.infer<typeof locationNoteSchema>
/** `GET /api/locations/:id/notes` (viewer), newest first. */
export const locationNotesSchema = z.object({ items: z.array(locationNoteSchema) })
/** `POST /api/locations/:id/notes` (agent). */
export const writeLocationNoteSchema = z.strictObject({ body: longText(2_000).min(1) })
