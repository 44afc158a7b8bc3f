import { z } from 'zod'
import { counter, epochMs, longText, shortText, topicToken } from '../domain/text.ts'
import { dedupKeySchema } from './incident.ts'

/** `GET /api/locations/:id/helpdesk` (viewer): the banner over a Location while the helpdesk is out of reach. */
export const locationHelpdeskSchema = z.object({
  isReachable: z.boolean(),
  /** Since when it is so. */
  sinceMs: epochMs,
  /** What this Location's Issues wait to tell, and what the helpdesk refused for good. */
  waiting: counter,
  dead: counter,
})
export type LocationHelpdesk = z.infer<typeof locationHelpdeskSchema>

/** `GET /api/helpdesk` (admin of the operator): the way of Issues to the helpdesk. */
export const helpdeskStateSchema = z.object({
  /** Which one it is, e.g. `embedded`, `request-tracker`. */
  kind: shortText(40),
  isReachable: z.boolean(),
  sinceMs: epochMs,
  /** Why it is out of reach. */
  reason: shortText(300).optional(),
  /** What is set up wrongly, as last looked at. */
  problems: z.array(longText(500)).max(100),
  /** Operations in the outbox, by state. */
  outbox: z.object({ pending: counter, sending: counter, retry: counter, ambiguous: counter, dead: counter }),
})
export type HelpdeskState = z.infer<typeof helpdeskStateSchema>

/** `POST /api/helpdesk/test` (admin of the operator): looks at the helpdesk's set-up now; empty = all is well. */
export const helpdeskTestSchema = z.object({
  problems: helpdeskStateSchema.shape.problems,
  tookMs: z.number(),
})
export type HelpdeskTest = z.infer<typeof helpdeskTestSchema>

/** `GET /api/helpdesk/dead-letters` (admin of the operator): what the helpdesk refused for good, newest first. */
export const deadLetterQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(100),
})
export const deadLetterSchema = z.object({
  key: dedupKeySchema,
  opSeq: counter,
  kind: z.enum(['open', 'update', 'recover']),
  locationId: topicToken,
  /** Name of the Issue, as it was to be told. */
  name: shortText(200),
  reason: longText(500),
  attempts: counter,
  atMs: epochMs,
})
export type DeadLetter = z.infer<typeof deadLetterSchema>
export const deadLettersSchema = z.object({ items: z.array(deadLetterSchema) })
/** `POST /api/helpdesk/dead-letters/:key/revive` (admin of the operator): sends all of the key again, in their order. */
export const revivedSchema = z.object({ revived: counter })
