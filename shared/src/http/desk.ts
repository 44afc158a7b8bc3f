import { z } from 'zod'
import { faultClassSchema, severitySchema } from '../domain/fault.ts'
import { counter, epochMs, longText, shortText, topicToken } from '../domain/text.ts'
import { calendarSchema } from './directory.ts'
import { issueSchema, issueSources, roomSchema } from './issue.ts'

/** The person at the Customer who asked; known by what they gave. */
export const customerUserSchema = z.strictObject({
  name: shortText(120).optional(),
  phone: shortText(40).optional(),
  email: shortText(200).optional(),
})

/** `POST /api/issues` (agent): an Issue that a person opens, e.g. for a call. The Organization needs a stake in the Location. */
export const createIssueSchema = z.strictObject({
  locationId: topicToken,
  name: shortText(200).min(1),
  source: z.enum(issueSources).exclude(['proactive']),
  ownerTeamId: topicToken,
  severity: severitySchema.default('medium'),
  symptoms: longText(2_000).default(''),
  customerUser: customerUserSchema.optional(),
})
export type CreateIssue = z.input<typeof createIssueSchema>

/** `PATCH /api/issues/:id` (agent, owner Organization): the Issue Edit section. Absent = as it is. */
export const editIssueSchema = z.strictObject({
  name: shortText(200).min(1).optional(),
  categories: z.array(shortText(40).min(1)).max(16).optional(),
  product: issueSchema.shape.product.optional(),
  severity: severitySchema.optional(),
  symptoms: longText(2_000).optional(),
  diagnosis: longText(4_000).optional(),
  resolutionText: longText(4_000).optional(),
})
export type EditIssue = z.infer<typeof editIssueSchema>

/** `GET /api/issues/:id/products` (viewer): the dropdown, all products of the Issue's Location. */
export const issueProductsSchema = z.object({
  items: z.array(z.object({ id: topicToken, name: shortText(120), role: z.string() })),
})

/** `GET /api/issues/:id/people` (agent): whom the Issue may be assigned to or shared with: Users of Organizations with a stake in its Location. */
export const issuePeopleSchema = z.object({
  items: z.array(
    z.object({
      id: topicToken,
      name: shortText(120),
      organizationId: topicToken,
      organizationName: shortText(120),
    }),
  ),
})
export type IssuePeople = z.infer<typeof issuePeopleSchema>

/** `PUT /api/issues/:id/collaborators` (agent, owner Organization): the whole list; Organizations need a stake in the Location. */
export const setCollaboratorsSchema = z.strictObject({
  teamIds: z.array(topicToken).max(16),
  userIds: z.array(topicToken).max(64).default([]),
})

/** `POST /api/issues/:id/assign` (agent, owner Organization): another Team or User of the same Organization; without a User it is Unclaimed again. */
export const assignIssueSchema = z.strictObject({ teamId: topicToken, userId: topicToken.optional() })

/** `POST /api/issues/:id/hand-over` (first to second line, or any Team of the own Organization), always with a note. */
export const handOverSchema = z.strictObject({ teamId: topicToken, note: longText(4_000).min(1) })
/** `POST /api/issues/:id/hand-back` and `/de-escalate`: to whom it came from. */
export const giveBackSchema = z.strictObject({ note: longText(4_000).min(1) })

/** `POST /api/issues/:id/escalate` (agent, owner Organization): to a Team of an Organization with a stake in the Location. A critical one names what it costs. */
export const escalateIssueSchema = z
  .strictObject({
    teamId: topicToken,
    note: longText(4_000).min(1),
    isCritical: z.boolean().default(false),
    /** What it costs the Customer; needed for a critical escalation. */
    businessImpact: longText(2_000).optional(),
    /** The case that is already open at the partner. */
    partnerCaseNumber: shortText(80).optional(),
  })
  .refine(
    ({ isCritical, businessImpact = '', partnerCaseNumber = '' }) =>
      !isCritical || (businessImpact.trim() !== '' && partnerCaseNumber.trim() !== ''),
    'a critical escalation needs the business impact and the existing case number',
  )
export type EscalateIssue = z.infer<typeof escalateIssueSchema>

export const passKinds = ['escalate', 'de-escalate', 'hand-over', 'hand-back', 'cause-moved'] as const
/** One step of an Issue between Teams. */
export const passSchema = z.object({
  kind: z.enum(passKinds),
  fromTeamId: topicToken,
  toTeamId: topicToken,
  note: z.string(),
  isCritical: z.boolean(),
  businessImpact: z.string().optional(),
  partnerCaseNumber: z.string().optional(),
  byName: z.string(),
  atMs: epochMs,
})
/** One line of the audit trail: who did what, and what it changed. */
export const auditLineSchema = z.object({
  action: shortText(60),
  byKind: z.enum(['user', 'service', 'customer']),
  byId: z.string(),
  byName: z.string(),
  details: z.record(z.string(), z.unknown()),
  version: counter,
  atMs: epochMs,
})
/** `GET /api/issues/:id/history` (agent): how it went from Team to Team, and everything that was done to it; oldest first. */
export const issueHistorySchema = z.object({ passes: z.array(passSchema), audit: z.array(auditLineSchema) })

export const maxFileBytes = 10 * 1024 * 1024
/** `POST /api/issues/:id/files?name=` (agent): the bytes as `application/octet-stream`, at most 10 MB. */
export const addFileQuerySchema = z.strictObject({ name: shortText(120).min(1) })
export const issueFileSchema = z.object({
  id: topicToken,
  name: shortText(120),
  bytes: counter,
  sha256: z.string(),
  byName: z.string(),
  atMs: epochMs,
})
/** `GET /api/issues/:id/files` (viewer); each is served by `GET …/files/:fileId` as an attachment only. */
export const issueFilesSchema = z.object({ items: z.array(issueFileSchema) })

/** `PUT /api/support-hours` (admin): when the own Organization answers; without them the clocks run day and night. */
export const supportHoursSchema = z.strictObject({ timeZone: shortText(60).min(1), calendar: calendarSchema })
export type SupportHours = z.infer<typeof supportHoursSchema>

/** Who reads an article: its Organization, the ones named, or everybody. */
export const articleSharingSchema = z.union([
  z.enum(['own', 'everybody']),
  z.strictObject({ organizationIds: z.array(topicToken).min(1).max(64) }),
])
/** `POST /api/articles`, `PUT /api/articles/:id` (agent, the article's Organization). */
export const writeArticleSchema = z.strictObject({
  title: shortText(200).min(1),
  body: longText(40_000),
  /** Safe checks, in their order. */
  checklist: z.array(longText(500).min(1)).max(30).default([]),
  faultClass: faultClassSchema.optional(),
  sharing: articleSharingSchema.default('own'),
})
export type WriteArticle = z.infer<typeof writeArticleSchema>
export const articleSchema = z.object({
  id: topicToken,
  title: shortText(200),
  body: z.string(),
  checklist: z.array(z.string()),
  faultClass: faultClassSchema.optional(),
  sharing: articleSharingSchema,
  /** Absent: it came with Proactive. */
  organizationId: topicToken.optional(),
  /** What "Add to Issue & copy URL" copies. */
  url: z.string(),
  version: counter,
  updatedAtMs: epochMs,
})
export type Article = z.infer<typeof articleSchema>
/** `GET /api/articles` (viewer): full text in `q`, best first; else newest first. */
export const articleQuerySchema = z.strictObject({
  q: shortText(200).optional(),
  faultClass: faultClassSchema.optional(),
  cursor: z.string().max(80).optional(),
  limit: z.coerce.number().int().min(1).max(50).default(20),
})
export type ArticleQuery = z.infer<typeof articleQuerySchema>
export const articlePageSchema = z.object({
  items: z.array(articleSchema.omit({ body: true }).extend({ excerpt: z.string() })),
  nextCursor: z.string().nullable(),
})
/** `POST /api/issues/:id/articles` (agent, owner or collaborator): "Add to Issue & copy URL". */
export const addArticleSchema = z.strictObject({ articleId: topicToken })
export const addedArticleSchema = z.object({ url: z.string(), issue: issueSchema })

/** What a Customer User sees of an Issue: no diagnosis, no private or log room. */
export const customerIssueSchema = z.object({
  id: topicToken,
  number: counter,
  name: shortText(200),
  status: issueSchema.shape.status,
  createdAtMs: epochMs,
  entries: z.array(
    z.object({ room: roomSchema, fromUs: z.boolean(), name: z.string(), body: z.string(), atMs: epochMs }),
  ),
})
export const addCustomerEntrySchema = z.strictObject({ body: longText(8_000).min(1) })

export const apiScopes = ['issues:read', 'issues:write', 'articles:read', 'articles:write'] as const
/** `POST /api/tokens` (admin): for programs of the own Organization; shown once, kept as a hash. */
export const createTokenSchema = z.strictObject({
  name: shortText(80).min(1),
  scopes: z.array(z.enum(apiScopes)).min(1).max(apiScopes.length),
  expiresInDays: z.int().min(1).max(365),
})
export const apiTokenSchema = z.object({
  id: topicToken,
  name: shortText(80),
  scopes: z.array(z.enum(apiScopes)),
  createdAtMs: epochMs,
  expiresAtMs: epochMs,
  lastUsedAtMs: epochMs.optional(),
})
export const createdTokenSchema = apiTokenSchema.extend({ token: z.string() })
export const apiTokensSchema = z.object({ items: z.array(apiTokenSchema) })

/** `POST /api/webhooks` (admin): where the own Organization's Issues are told, signed. */
export const createWebhookSchema = z.strictObject({ url: z.url({ protocol: /^https?$/ }).max(500) })
export const webhookSchema = z.object({
  id: topicToken,
  url: z.string(),
  isActive: z.boolean(),
  createdAtMs: epochMs,
})
/** The secret is shown once. */
export const createdWebhookSchema = webhookSchema.extend({ secret: z.string() })
export const webhooksSchema = z.object({ items: z.array(webhookSchema) })
export const deliverySchema = z.object({
  id: topicToken,
  issueId: topicToken,
  state: z.enum(['waiting', 'delivered', 'dead']),
  attempts: counter,
  lastStatus: counter.optional(),
  lastError: z.string().optional(),
  createdAtMs: epochMs,
  deliveredAtMs: epochMs.optional(),
})
/** `GET /api/webhooks/:id/deliveries` (admin), newest first; `POST …/deliveries/:deliveryId/replay` sends one again. */
export const deliveryQuerySchema = z.strictObject({
  cursor: z.string().max(80).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
export const deliveryPageSchema = z.object({
  items: z.array(deliverySchema),
  nextCursor: z.string().nullable(),
})
