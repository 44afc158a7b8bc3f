import { z } from 'zod'
import { faultClassSchema, severitySchema } from '../domain/fault.ts'
import { counter, shortText } from '../domain/text.ts'
import { closingCodeSchema } from './issue.ts'

/** One line of the table of causes, with what came of it at Locations where the own Organization has a stake. */
export const faultRuleSchema = z.object({
  faultClass: faultClassSchema,
  /** What must have been seen. */
  evidence: shortText(400),
  /** How long it must stand before an Issue opens; null = it opens none. */
  holdSeconds: z.number().min(0).nullable(),
  severity: severitySchema,
  whenClosed: z.enum(['nothing', 'slower', 'same']),
  explains: z.array(faultClassSchema),
  /** Incidents that opened, and how people closed their Issues: cancelled = there was nothing. */
  opened: counter,
  resolved: counter,
  cancelled: counter,
  /** Resolved of those that people or the recovery closed, 0..1; null before the first. */
  precision: z.number().min(0).max(1).nullable(),
  /** Over all Organizations: the rule as it is written now. */
  ledger: z.object({
    /** Changes with the rule. */
    ruleVersion: shortText(20),
    /** Closed Issues by what they turned out to be. */
    closed: z.record(closingCodeSchema, counter),
    /** Share of right ones among the newest hundred; null before the first. */
    precision: z.number().min(0).max(1).nullable(),
    /** Below 80 % (of ten or more) the rule records and opens nothing. */
    isShadow: z.boolean(),
  }),
})
export type FaultRule = z.infer<typeof faultRuleSchema>
/** `GET /api/fault-rules` (technician): the newest 5,000 incidents of the last 90 days count. */
export const faultRulesSchema = z.object({ items: z.array(faultRuleSchema), days: counter })

/**
 * `POST /api/locations/:id/incidents/:key/verdict` (agent): what an incident that a rule on probation recorded turned out to be. It counts as the
 * closing code of an Issue would; said again, the newest word counts. 409 for any other incident.
 */
export const incidentVerdictSchema = z.strictObject({
  closingCode: closingCodeSchema.extract(['true', 'self-recovered', 'false']),
})
export type IncidentVerdict = z.infer<typeof incidentVerdictSchema>
