import { z } from 'zod'
import { faultClassSchema, payabilitySchema } from '../domain/fault.ts'
import { counter, epochMs, longText, shortText, topicToken } from '../domain/text.ts'
import { dedupKeySchema } from './incident.ts'

/** 128 random bits as base64url; what makes a link a link. */
export const merchantTokenPattern = /^[A-Za-z0-9_-]{22}$/

/** A link to the merchant's page of one Location; the token itself is shown once, when it is made. */
export const merchantLinkSchema = z.object({
  id: topicToken,
  locationId: topicToken,
  createdByName: shortText(120),
  createdAtMs: epochMs,
  expiresAtMs: epochMs,
  revokedAtMs: epochMs.optional(),
  lastUsedAtMs: epochMs.optional(),
})
export type MerchantLink = z.infer<typeof merchantLinkSchema>
/** `GET /api/locations/:id/merchant-links` (agent): those of the own Organization that can still be opened, newest first. */
export const merchantLinksSchema = z.object({ items: z.array(merchantLinkSchema) })
/** `POST /api/locations/:id/merchant-links` (agent): the page is `/m#<token>`; a fragment reaches no server, log or referrer. */
export const createdMerchantLinkSchema = merchantLinkSchema.extend({ token: z.string() })
export type CreatedMerchantLink = z.infer<typeof createdMerchantLinkSchema>

/** Who works on what is wrong, as far as the Organization that made the link takes part in it. */
export const merchantHelpSchema = z.object({
  /** `told` = it waits for somebody to take it up, `working` = somebody did. */
  state: z.enum(['told', 'working']),
  /** Absent where the Organization behind it stays in the background. */
  organizationName: shortText(120).optional(),
  sinceMs: epochMs,
})
export type MerchantHelp = z.infer<typeof merchantHelpSchema>

/** Something said in the conversation that this link began. */
export const merchantMessageSchema = z.object({
  fromUs: z.boolean(),
  name: shortText(120),
  body: z.string(),
  atMs: epochMs,
})

/** `GET /api/merchant` (the link's token as `Authorization: Bearer`): what the merchant's page shows. */
export const merchantPageSchema = z.object({
  locationName: shortText(120),
  timeZone: shortText(60),
  payability: payabilitySchema,
  /** The worst thing that is wrong now; null = nothing known. */
  fault: z.object({ faultClass: faultClassSchema, startedAtMs: epochMs }).nullable(),
  /** When the appliance was heard last; null = it never was. */
  lastSeenMs: epochMs.nullable(),
  isWatched: z.boolean(),
  help: merchantHelpSchema.nullable(),
  messages: z.array(merchantMessageSchema).max(20),
  /** Whether words reach a desk from here. */
  canReport: z.boolean(),
  reportsLeft: counter,
  nowMs: epochMs,
  expiresAtMs: epochMs,
})
export type MerchantPage = z.infer<typeof merchantPageSchema>

export const merchantReportKinds = ['works-again', 'still-broken', 'problem'] as const
/** `POST /api/merchant/reports`: at most 5 an hour for a link, then 429 `too-many-reports`. */
export const merchantReportSchema = z
  .strictObject({
    /** The sender's own name for what it says: what was said under it through this link is not said again (a repeat after a time-out). */
    id: z
      .string()
      .regex(/^[A-Za-z0-9_-]{16,40}$/)
      .optional(),
    kind: z.enum(merchantReportKinds),
    text: longText(1_000).default(''),
    name: shortText(80).optional(),
    phone: shortText(40).optional(),
  })
  .refine(({ kind, text }) => kind !== 'problem' || text.trim() !== '', 'say what is wrong')
export type MerchantReport = z.infer<typeof merchantReportSchema>

/** `POST /api/reports` of the helpdesk (service actor): a merchant's words, into the open Issue they are about or a new one. `reportId` makes a repeat harmless. */
export const deskReportSchema = z.strictObject({
  reportId: topicToken,
  linkId: topicToken,
  locationId: topicToken,
  /** The Organization that made the link: what it takes no part in is out of reach. */
  organizationId: topicToken,
  /** Where a new Issue begins. */
  teamId: topicToken,
  kind: z.enum(merchantReportKinds),
  text: longText(1_000),
  name: shortText(80),
  phone: shortText(40).optional(),
})
export type DeskReport = z.infer<typeof deskReportSchema>
/** `issueId: null` = there was nothing to say it to ("works again", and no Issue is open). */
export const deskReportAnswerSchema = z.object({ issueId: topicToken.nullable(), isNew: z.boolean() })

/** `GET /api/reports/standing` of the helpdesk (service actor): open Issues at the Location that the Organization takes part in, and what was said through the link. */
export const deskStandingQuerySchema = z.strictObject({
  locationId: topicToken,
  organizationId: topicToken,
  linkId: topicToken,
})
export const deskStandingSchema = z.object({
  issues: z.array(
    z.object({
      key: dedupKeySchema.optional(),
      isOfLink: z.boolean(),
      organizationName: shortText(120).optional(),
      openedAtMs: epochMs,
      claimedAtMs: epochMs.optional(),
    }),
  ),
  messages: z.array(merchantMessageSchema).max(20),
})
export type DeskStanding = z.infer<typeof deskStandingSchema>
