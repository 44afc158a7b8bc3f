import { z } from 'zod'
import { epochMs, shortText, topicToken } from '../domain/text.ts'

/** `GET /api/sign-on` (everybody): the ways to log in beside a password; each begins at `/api/sign-on/:id/start`. */
export const signOnChoicesSchema = z.object({
  items: z.array(z.object({ id: topicToken, name: shortText(80) })),
})
export type SignOnChoices = z.infer<typeof signOnChoicesSchema>

/** `POST /api/sign-on/providers`, `PUT /api/sign-on/providers/:providerId` (admin of the operator): an OpenID Connect provider. */
export const writeSignOnProviderSchema = z.strictObject({
  name: shortText(80).min(1),
  /** As its discovery document names it, e.g. `https://id.example.com/realms/shop`. */
  issuer: z.url({ protocol: /^https?$/ }).max(300),
  clientId: shortText(200).min(1),
  /** Absent = the one that is kept stays; a new provider without one is a public client. */
  clientSecret: shortText(500).min(1).optional(),
  /** Whose Users it may speak for; it never logs anybody else in. */
  organizationIds: z.array(topicToken).min(1).max(64),
  isActive: z.boolean().default(true),
})
export type WriteSignOnProvider = z.infer<typeof writeSignOnProviderSchema>
export const signOnProviderSchema = z.object({
  id: topicToken,
  name: shortText(80),
  issuer: z.string(),
  clientId: z.string(),
  hasSecret: z.boolean(),
  organizationIds: z.array(topicToken),
  isActive: z.boolean(),
  createdAtMs: epochMs,
})
export type SignOnProvider = z.infer<typeof signOnProviderSchema>
export const signOnProvidersSchema = z.object({
  items: z.array(signOnProviderSchema),
  /** What is registered at the provider, as seen from this browser. */
  redirectUri: z.string(),
})

/** What a "test" found, step by step; of channels, providers and desks alike. */
export const testReportSchema = z.object({
  isGood: z.boolean(),
  checks: z.array(z.object({ name: shortText(80), isGood: z.boolean(), detail: shortText(300) })).max(20),
})
export type TestReport = z.infer<typeof testReportSchema>

/** Why nobody was logged in, as the page is told by `/?sign-on=`. */
export const signOnRefusals = [
  'cancelled',
  'expired',
  'unverified',
  'unknown',
  'other-account',
  'failed',
] as const
export type SignOnRefusal = (typeof signOnRefusals)[number]
