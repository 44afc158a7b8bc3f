import { z } from 'zod'
import { epochMs, topicToken } from '../domain/text.ts'

/** What a claim token travels with: where to enrol, and the fingerprint that the server's CA must have (SHA-256 of its DER, hex). */
export const claimBundleSchema = z.strictObject({
  v: z.literal(1),
  url: z.url().max(300),
  caSha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** ≥ 80 random bits, base32. */
  token: z.string().regex(/^[a-z2-7]{20,64}$/),
})
export type ClaimBundle = z.infer<typeof claimBundleSchema>

/** `POST /enroll` (8443, no client certificate): the token and a PKCS #10 request (RFC 2986) for the appliance's own EC P-256 key. */
export const enrollRequestSchema = z.strictObject({
  token: claimBundleSchema.shape.token,
  csrPem: z.string().max(4_096),
})
export type EnrollRequest = z.infer<typeof enrollRequestSchema>

/** The identity an appliance lives by; also the answer of `POST /renew` (client certificate required). */
export const enrollAnswerSchema = z.strictObject({
  applianceId: topicToken,
  locationId: topicToken,
  certificatePem: z.string().max(8_192),
  caPem: z.string().max(8_192),
  mqttUrl: z.string().max(300),
  /** When to renew: two thirds of the certificate's life. */
  renewAfterMs: epochMs,
})
export type EnrollAnswer = z.infer<typeof enrollAnswerSchema>
