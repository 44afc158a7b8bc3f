import { z } from 'zod'
import { severitySchema } from '../domain/fault.ts'
import { counter, epochMs, shortText, topicToken } from '../domain/text.ts'

/** How people are told: mail, a signed webhook for programs, or a message in the shape that Slack or Teams take. */
export const channelKinds = ['email', 'webhook', 'slack', 'teams'] as const
export type ChannelKind = (typeof channelKinds)[number]
export const channelEvents = ['opened', 'moved', 'recovered', 'test'] as const
export type ChannelEvent = (typeof channelEvents)[number]

/** `POST /api/channels`, `PUT /api/channels/:channelId` (admin, own Organization): who is told of what. */
export const writeChannelSchema = z.strictObject({
  name: shortText(80).min(1),
  kind: z.enum(channelKinds),
  /** For `email`. */
  recipients: z.array(z.email().max(200)).min(1).max(20).optional(),
  /** For the others: https, to the public internet unless the host is listed. Absent with `PUT` = the one that is kept. */
  url: z
    .url({ protocol: /^https?$/ })
    .max(1_000)
    .optional(),
  /** Incidents below this are not told. */
  minSeverity: severitySchema.default('medium'),
  /** `null` = all Locations in which the Organization has a stake. */
  locationIds: z.array(topicToken).min(1).max(1_000).nullable().default(null),
  tellsRecovery: z.boolean().default(true),
  isActive: z.boolean().default(true),
})
export type WriteChannel = z.infer<typeof writeChannelSchema>

export const channelSchema = z.object({
  id: topicToken,
  name: shortText(80),
  kind: z.enum(channelKinds),
  /** Recipients, or where the address leads; what makes a Slack or Teams address secret is not shown. */
  target: z.string(),
  recipients: z.array(z.string()).optional(),
  minSeverity: severitySchema,
  locationIds: z.array(topicToken).nullable(),
  tellsRecovery: z.boolean(),
  isActive: z.boolean(),
  createdAtMs: epochMs,
})
export type Channel = z.infer<typeof channelSchema>
/** `secret` (webhooks only, shown once): signs `t.body` by HMAC-SHA256, as `x-proactive-signature: t=…,v1=…`. */
export const createdChannelSchema = channelSchema.extend({ secret: z.string().optional() })
export type CreatedChannel = z.infer<typeof createdChannelSchema>
export const channelsSchema = z.object({
  items: z.array(channelSchema),
  /** Whether this installation can send mail at all. */
  canMail: z.boolean(),
})

export const notificationSchema = z.object({
  id: topicToken,
  event: z.enum(channelEvents),
  /** What it is about, in a line. */
  subject: shortText(300),
  state: z.enum(['waiting', 'delivered', 'dead']),
  attempts: counter,
  lastError: shortText(300).optional(),
  createdAtMs: epochMs,
  deliveredAtMs: epochMs.optional(),
})
export type Notification = z.infer<typeof notificationSchema>
/** `GET /api/channels/:channelId/deliveries` (admin, own Organization): the newest 100 of 30 days; `POST …/deliveries/:id/replay` tells one again. */
export const notificationsSchema = z.object({ items: z.array(notificationSchema) })
