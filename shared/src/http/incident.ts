import { z } from 'zod'
import { deviceIdSchema } from '../domain/device.ts'
import { faultClassSchema, severitySchema } from '../domain/fault.ts'
import { epochMs, longText, shortText, topicToken } from '../domain/text.ts'
import { dedupKeyPattern } from '../ids.ts'

export const dedupKeySchema = z.string().regex(dedupKeyPattern)

/** One link of the chain that answers "why": what was seen, when, and what it showed. */
export const reasonSchema = z.object({ atMs: epochMs, text: shortText(300) })

/** One episode of a fault, as shown and as told to the helpdesk. */
export const incidentSchema = z.object({
  key: dedupKeySchema,
  locationId: topicToken,
  faultClass: faultClassSchema,
  severity: severitySchema,
  state: z.enum(['open', 'recovering', 'closed']),
  /** Device at fault; absent where the fault is no device of the Location (provider, processor, power). */
  rootDeviceId: deviceIdSchema.optional(),
  /** One sentence: what is broken, since when, who suffers. */
  headline: shortText(240),
  symptoms: longText(2_000),
  diagnosis: longText(4_000),
  affectedDeviceIds: z.array(deviceIdSchema).max(1_100),
  openedAtMs: epochMs,
  /** When the fault began on site; earlier than `openedAtMs`. */
  startedAtMs: epochMs,
  clearedAtMs: epochMs.optional(),
  closedAtMs: epochMs.optional(),
  /** Recorded without an Issue: planned work or a silence covers it, or it is only worth a notice. */
  issueHeldBy: z.enum(['maintenance', 'silence', 'notice', 'fleet', 'shadow']).optional(),
  /** Key of the incident of many Locations that accounts for it: that one has the Issue. */
  parentKey: dedupKeySchema.optional(),
  /** Of an incident of many Locations: which ones. */
  locationIds: z.array(topicToken).max(200_000).optional(),
  reasons: z.array(reasonSchema).max(50),
})
export type Incident = z.infer<typeof incidentSchema>

/** `GET /api/incidents/:key` (viewer with a stake in one of its Locations). */
export const incidentPageSchema = incidentSchema
  .omit({ locationIds: true, locationId: true, affectedDeviceIds: true, diagnosis: true, reasons: true })
  .extend({
    /** Whether it is the one fault behind incidents of many Locations. */
    isOfMany: z.boolean(),
    /** Those of its Locations in which the own Organization has a stake. */
    locations: z.array(z.object({ id: topicToken, name: shortText(120), timeZone: shortText(60) })),
    /** Where it is filed, with diagnosis and reasons: only for those with a stake there. */
    locationId: topicToken.optional(),
    diagnosis: incidentSchema.shape.diagnosis.optional(),
    reasons: incidentSchema.shape.reasons.optional(),
  })
export type IncidentPage = z.infer<typeof incidentPageSchema>
