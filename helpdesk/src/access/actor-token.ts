import { type KeyObject, verify } from 'node:crypto'
import { actorClaimsSchema } from '@proactive/shared/http'
import { z } from 'zod'
import type { Actor } from './actor.ts'

/** Longest life of a token, and how far the two clocks may differ (seconds). */
const maxLifeSeconds = 60
const skewSeconds = 5
const maxTokenLength = 12_000

const headerSchema = z.strictObject({
  alg: z.literal('EdDSA'),
  typ: z.literal('JWT').optional(),
  kid: z.string().max(100).optional(),
})

/** Why a token was refused; also the `reason` label of the rejection counter. */
export type TokenRefusal = 'missing' | 'malformed' | 'bad-signature' | 'bad-claims' | 'expired' | 'not-yet'
export type TokenVerdict =
  | { readonly ok: true; readonly actor: Actor }
  | { readonly ok: false; readonly reason: TokenRefusal }

/**
 * Reads `Authorization: Bearer <compact JWS>` (RFC 7515, EdDSA of RFC 8037).
 * The algorithm is fixed, the signature is checked before the claims are parsed, and a life above 60 s is refused.
 */
export function verifyActorToken(
  authorization: string | undefined,
  key: KeyObject,
  nowMs: number,
): TokenVerdict {
  if (authorization === undefined) return refused('missing')
  if (authorization.length > maxTokenLength) return refused('malformed')
  const match = /^Bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/i.exec(authorization)
  if (match === null) return refused('malformed')
  const [, header = '', payload = '', signature = ''] = match
  if (!headerSchema.safeParse(decodeJson(header)).success) return refused('malformed')
  const isSigned = verify(
    null,
    Buffer.from(`${header}.${payload}`, 'ascii'),
    key,
    Buffer.from(signature, 'base64url'),
  )
  if (!isSigned) return refused('bad-signature')
  const claims = actorClaimsSchema.safeParse(decodeJson(payload))
  if (!claims.success) return refused('bad-claims')
  const { iat, exp } = claims.data
  const nowSeconds = nowMs / 1_000
  if (exp - iat > maxLifeSeconds || exp <= iat) return refused('bad-claims')
  if (nowSeconds > exp + skewSeconds) return refused('expired')
  if (nowSeconds < iat - skewSeconds) return refused('not-yet')
  if (claims.data.kind === 'service')
    return { ok: true, actor: { kind: 'service', id: 'ingest', name: 'Proactive' } }
  if (claims.data.kind === 'customer') {
    const { sub, name, customerId } = claims.data
    return { ok: true, actor: { kind: 'customer', id: sub, name, customerId } }
  }
  const { sub, name, role, organizationId, teamIds } = claims.data
  return { ok: true, actor: { kind: 'user', id: sub, name, role, organizationId, teamIds } }
}

function refused(reason: TokenRefusal): TokenVerdict {
  return { ok: false, reason }
}

function decodeJson(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}
