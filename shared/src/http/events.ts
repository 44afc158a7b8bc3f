import { z } from 'zod'
import { epochMs, topicToken } from '../domain/text.ts'
import { incidentSchema } from './incident.ts'
import { issueSchema } from './issue.ts'
import { deviceStateSchema, locationSummarySchema } from './location.ts'

/**
 * `GET /api/events[?location=ID]`: server-sent events; `event` = type, `data` = JSON, `id` grows so that `Last-Event-ID` resumes within the last minutes;
 * `resync` says that too much was missed: fetch anew. Only what the actor may see is sent.
 */
export const liveEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('location'), summary: locationSummarySchema }),
  z.object({ type: z.literal('device'), locationId: topicToken, state: deviceStateSchema }),
  z.object({ type: z.literal('incident'), incident: incidentSchema }),
  z.object({ type: z.literal('issue'), issue: issueSchema }),
  /** A telemetry batch is in the store: charts of this Location may fetch its newest points. */
  z.object({ type: z.literal('telemetry'), locationId: topicToken, atMs: epochMs }),
  z.object({ type: z.literal('resync') }),
])
export type LiveEvent = z.infer<typeof liveEventSchema>
