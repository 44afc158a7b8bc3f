import { z } from 'zod'
import { epochMs, topicToken } from '../domain/text.ts'

/** What is usual on a path at this hour, as the fault core learned it. */
export const usualPathSchema = z.object({
  kind: z.enum(['line', 'dns', 'paypath']),
  /** Uplink of the line, else the target's id. */
  subject: topicToken,
  /** Nine of ten windows lie between: a round trip of the line, a lookup, or the whole way to a processor (name, connection and TLS). */
  lowMs: z.number().min(0),
  highMs: z.number().min(0),
})
export type UsualPath = z.infer<typeof usualPathSchema>

/** `GET /api/locations/:id/usual` (viewer): empty in the first minutes. `atMs` = when it was told last. */
export const locationUsualSchema = z.object({ items: z.array(usualPathSchema), atMs: epochMs.nullable() })
export type LocationUsual = z.infer<typeof locationUsualSchema>
