import { z } from 'zod'
import { deviceIdSchema } from '../domain/device.ts'
import { faultClassSchema, severitySchema } from '../domain/fault.ts'
import { counter, epochMs, longText, shortText, topicToken } from '../domain/text.ts'
import { routingModes } from './directory.ts'
import { dedupKeySchema } from './incident.ts'

/** Where an Issue came from; the Case Card's source icon. */
export const issueSources = ['proactive', 'email', 'chat', 'sms', 'phone', 'web', 'partner'] as const
/** Unclaimed → Remote (claimed) → Resolved or Cancelled. */
export const issueStatuses = ['Unclaimed', 'Remote', 'Resolved', 'Cancelled'] as const
export const issueStatusSchema = z.enum(issueStatuses)
export type IssueStatus = z.infer<typeof issueStatusSchema>

/** What the Issue turned out to be; updates how far its rule is trusted. `wrong-owner` = the fault was real, the Team was not its. */
export const closingCodes = ['true', 'self-recovered', 'false', 'wrong-owner'] as const
export const closingCodeSchema = z.enum(closingCodes)
export type ClosingCode = z.infer<typeof closingCodeSchema>

/** Rooms of an Issue: Customer Users see `public` only; `private` is for agents; `log` for notes. The server enforces it. */
export const roomSchema = z.enum(['public', 'private', 'log'])

const productSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('listed'), productId: topicToken, name: shortText(120) }),
  /** "Not listed?": no product of the Location's list; what it seems to be, where anything is known. */
  z.strictObject({ kind: z.literal('not-listed'), name: shortText(120) }),
])

/** `PUT /api/issues/by-key/:key` (service actor): opens the Issue of an incident, or answers the one that exists: 201 opened, 200 existed. Same key, same Issue, for ever. */
export const openIssueSchema = z.strictObject({
  locationId: topicToken,
  name: shortText(200),
  ownerTeamId: topicToken,
  collaboratorTeamIds: z.array(topicToken).max(16),
  product: productSchema,
  severity: severitySchema,
  categories: z.array(shortText(40)).max(16),
  symptoms: longText(2_000),
  diagnosis: longText(4_000),
  articleUrls: z.array(z.string().max(300)).max(16),
  proactive: z.strictObject({
    faultClass: faultClassSchema,
    rootDeviceId: deviceIdSchema.optional(),
    affectedDeviceIds: z.array(deviceIdSchema).max(1_100),
    startedAtMs: epochMs,
    evidenceUrl: z.string().max(300),
  }),
  /** How responsibility for the cause is shared at this Location; absent = collaborative. */
  mode: z.enum(routingModes).optional(),
})
export type OpenIssue = z.infer<typeof openIssueSchema>

/** `PATCH /api/issues/by-key/:key` (service actor): the diagnosis moved; owner and product follow it, the former owner Team stays as collaborator. `opId` repeats are answered as done. */
export const updateIssueSchema = z.strictObject({
  opId: shortText(80),
  note: longText(4_000),
  change: openIssueSchema.omit({ locationId: true }).partial(),
})
export type UpdateIssue = z.infer<typeof updateIssueSchema>

/** `POST /api/issues/by-key/:key/recovery` (service actor): resolves it where nobody touched it, else notes the recovery and asks to confirm. */
export const recoverIssueSchema = z.strictObject({
  opId: shortText(80),
  clearedAtMs: epochMs,
  note: longText(4_000),
  /** `folded` = it is not over but goes on in another Issue; absent = it stayed well. */
  endedBy: z.literal('folded').optional(),
})
export type RecoverIssue = z.infer<typeof recoverIssueSchema>

export const issueEntrySchema = z.object({
  id: topicToken,
  room: roomSchema,
  author: z.object({ kind: z.enum(['user', 'service', 'customer']), id: topicToken, name: shortText(120) }),
  body: longText(8_000),
  atMs: epochMs,
})
export type IssueEntry = z.infer<typeof issueEntrySchema>

export const issueSchema = z.object({
  id: topicToken,
  number: z.int().min(1),
  key: dedupKeySchema.optional(),
  name: shortText(200),
  source: z.enum(issueSources),
  status: issueStatusSchema,
  resolution: z.enum(['Completed', 'Cancelled']).optional(),
  /** Present once a closed Issue's truth was told, or followed from how it was closed. */
  closingCode: closingCodeSchema.optional(),
  customerId: topicToken,
  customerName: shortText(120),
  customerNumber: shortText(40),
  locationId: topicToken,
  locationName: shortText(120),
  ownerTeamId: topicToken,
  ownerTeamName: shortText(120),
  ownerOrganizationId: topicToken,
  ownerUserId: topicToken.optional(),
  ownerUserName: shortText(120).optional(),
  collaboratorTeamIds: z.array(topicToken),
  product: productSchema,
  severity: severitySchema,
  categories: z.array(shortText(40)),
  symptoms: longText(2_000),
  diagnosis: longText(4_000),
  resolutionText: longText(4_000),
  articleUrls: z.array(z.string()),
  proactive: openIssueSchema.shape.proactive.extend({ clearedAtMs: epochMs.optional() }).optional(),
  /** Whether a person wrote, claimed or changed anything; decides whether a recovery may resolve it. */
  isTouched: z.boolean(),
  version: counter,
  createdAtMs: epochMs,
  updatedAtMs: epochMs,
  resolvedAtMs: epochMs.optional(),
  mode: z.enum(routingModes).optional(),
  /** Line of the owner Team. */
  line: z.union([z.literal(1), z.literal(2)]).optional(),
  collaboratorUserIds: z.array(topicToken).optional(),
  /** Who asked, where a person did. */
  customerUser: z
    .object({
      name: shortText(120).optional(),
      phone: shortText(40).optional(),
      email: shortText(200).optional(),
    })
    .optional(),
  /** Clock of the first human answer; it stands still once `respondedAtMs` is there. */
  response: z
    .object({
      limit: z.enum(['chat', 'mail', 'critical']),
      respondByMs: epochMs,
      respondedAtMs: epochMs.optional(),
      breachedAtMs: epochMs.optional(),
    })
    .optional(),
  /** Whether the Customer is asked how it went; by e-mail only. */
  survey: z.boolean().optional(),
})
export type Issue = z.infer<typeof issueSchema>

/** `GET /api/issues/:id`: the Issue with the entries this actor may see, oldest first. */
export const issueDetailSchema = issueSchema.extend({ entries: z.array(issueEntrySchema) })
export type IssueDetail = z.infer<typeof issueDetailSchema>

/** `GET /api/issues`: `queue=unclaimed|mine|team|all`, `location`, `status`, `cursor`; newest first. */
export const issueQuerySchema = z.strictObject({
  queue: z.enum(['unclaimed', 'mine', 'team', 'all']).default('all'),
  location: topicToken.optional(),
  status: issueStatusSchema.optional(),
  /** Full text over name, symptoms and diagnosis. */
  q: shortText(200).optional(),
  cursor: z.string().max(80).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
export type IssueQuery = z.infer<typeof issueQuerySchema>
export const issuePageSchema = z.object({ items: z.array(issueSchema), nextCursor: z.string().nullable() })
export type IssuePage = z.infer<typeof issuePageSchema>

/** No queue is counted further, so that counting costs the same however many Issues there are. */
export const maxQueueCount = 1_000
const queueCount = z.int().min(0).max(maxQueueCount)
/** `GET /api/issues/counts`: how many Issues each queue of `GET /api/issues` holds for this actor; {@link maxQueueCount} = that many or more. */
export const issueCountsSchema = z.object({
  unclaimed: queueCount,
  mine: queueCount,
  team: queueCount,
  all: queueCount,
})
export type IssueCounts = z.infer<typeof issueCountsSchema>

/** `POST /api/issues/:id/entries` (agent and up). */
export const addEntrySchema = z.strictObject({ room: roomSchema, body: longText(8_000).min(1) })
/** `POST /api/issues/:id/resolve` (agent and up, owner Organization). */
export const resolveIssueSchema = z.strictObject({
  resolution: z.enum(['Completed', 'Cancelled']),
  text: longText(4_000),
  /** Absent = `true` where it was completed, `false` where it was cancelled. */
  closingCode: closingCodeSchema.optional(),
  survey: z.boolean().default(false),
})
// `POST /api/issues/:id/claim` has no body: compare-and-set on Unclaimed; the second claimer gets 409 `already-claimed`.

/**
 * `GET /api/issues/changes?after=&waitMs=` (service actor): what changed since a place in the feed, each Issue once, as it is now.
 * With nothing new the answer waits up to `waitMs`. Cursors are opaque; one the helpdesk does not know starts from the beginning.
 */
export const issueChangesQuerySchema = z.strictObject({
  after: shortText(80).optional(),
  waitMs: z.coerce.number().int().min(0).max(25_000).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(200),
})
export const issueChangesSchema = z.object({ items: z.array(issueSchema), cursor: shortText(80) })
export type IssueChanges = z.infer<typeof issueChangesSchema>
