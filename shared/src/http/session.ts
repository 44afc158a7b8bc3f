import { z } from 'zod'
import { epochMs, shortText, topicToken } from '../domain/text.ts'

/** What a User may do, from least to most. A viewer looks, an agent works on Issues, a technician also uses live tools and devices, an admin also changes the directory. */
export const userRoles = ['viewer', 'agent', 'technician', 'admin'] as const
export const userRoleSchema = z.enum(userRoles)
export type UserRole = z.infer<typeof userRoleSchema>

/** `POST /api/session`: log in. Sets an HttpOnly SameSite=Lax cookie; ≤ 20 evaluated tries per address and account in 15 minutes, then 429. */
export const logInSchema = z.strictObject({ email: z.email().max(200), password: z.string().min(1).max(200) })
export type LogIn = z.infer<typeof logInSchema>

/** `GET /api/session`: who is logged in. `csrfToken` goes back as `x-csrf-token` with every request that changes something. */
export const sessionSchema = z.object({
  user: z.object({
    id: topicToken,
    name: shortText(120),
    email: shortText(200),
    role: userRoleSchema,
    organizationId: topicToken,
    organizationName: shortText(120),
    teamIds: z.array(topicToken),
    /** Of the Organization that runs this installation; absent = no. */
    isOperator: z.boolean().optional(),
  }),
  csrfToken: z.string(),
  expiresAtMs: z.int(),
})
export type Session = z.infer<typeof sessionSchema>

/** `GET /api/setup`: whether the first admin is still to be made. */
export const setUpStateSchema = z.object({ isNeeded: z.boolean() })
/** `POST /api/setup`: makes the Organization that runs this installation and its first admin; `token` is what ingest printed when it started. Once only, then 409. */
export const setUpSchema = z.strictObject({
  token: z.string().min(1).max(100),
  organization: shortText(120).min(1),
  name: shortText(120).min(1).optional(),
  email: z.email().max(200),
  password: z.string().min(12, 'at least 12 characters').max(200),
})
export type SetUp = z.infer<typeof setUpSchema>

/** `PUT /api/session/password`: a User changes the own password; every other session of theirs ends. */
export const changePasswordSchema = z.strictObject({
  current: z.string().min(1).max(200),
  password: z.string().min(12, 'at least 12 characters').max(200),
})

/** `GET /api/password` (the link's token as `Authorization: Bearer`): whose password may be chosen here. */
export const passwordChoiceSchema = z.object({
  name: shortText(120),
  email: shortText(200),
  expiresAtMs: epochMs,
})
/** `POST /api/password` (as above): chooses it, ends the link and every session, and logs in. */
export const choosePasswordSchema = z.strictObject({
  password: z.string().min(12, 'at least 12 characters').max(200),
})

/**
 * Who stands behind a request, as ingest tells the helpdesk: the claims of the 60 s signed actor token (Ed25519, compact JWS, `Authorization: Bearer`).
 * A `service` is ingest itself: it opens, notes and resolves proactive Issues and feeds the directory; it never claims.
 */
export const actorClaimsSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('user'),
    iss: z.literal('proactive-ingest'),
    aud: z.literal('proactive-helpdesk'),
    sub: topicToken,
    iat: z.int(),
    exp: z.int(),
    name: shortText(120),
    role: userRoleSchema,
    organizationId: topicToken,
    teamIds: z.array(topicToken).max(64),
  }),
  /** A Customer User in a channel: sees public messages of the own Customer's Issues, nothing else. */
  z.strictObject({
    kind: z.literal('customer'),
    iss: z.literal('proactive-ingest'),
    aud: z.literal('proactive-helpdesk'),
    sub: topicToken,
    iat: z.int(),
    exp: z.int(),
    name: shortText(120),
    customerId: topicToken,
  }),
  z.strictObject({
    kind: z.literal('service'),
    iss: z.literal('proactive-ingest'),
    aud: z.literal('proactive-helpdesk'),
    sub: z.literal('ingest'),
    iat: z.int(),
    exp: z.int(),
  }),
])
export type ActorClaims = z.infer<typeof actorClaimsSchema>
