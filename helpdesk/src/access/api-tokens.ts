import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { apiScopes } from '@proactive/shared/http'
import { z } from 'zod'
import type { Database } from '../db/open.ts'
import type { UserActor } from './actor.ts'

const pattern = /^Bearer pxt_([a-z0-9]{16})_([A-Za-z0-9_-]{43})$/
const storedScopes = z.array(z.enum(apiScopes))
/** Its last use is written at most this often. */
const noteUseEveryMs = 60_000
const dayMs = 24 * 3_600_000

export interface NewApiToken {
  readonly organizationId: string
  readonly name: string
  readonly scopes: readonly (typeof apiScopes)[number][]
  readonly expiresInDays: number
}

/** Whether it looks like a program's token at all; a person's actor token never does. */
export function isApiToken(authorization: string | undefined): authorization is string {
  return authorization?.startsWith('Bearer pxt_') === true
}

/** Makes a token: the text is shown once, the table keeps the hash of its 256-bit secret. */
export async function createApiToken(
  db: Database,
  { organizationId, name, scopes, expiresInDays }: NewApiToken,
  nowMs: number,
) {
  const id = randomBytes(8).toString('hex')
  const secret = randomBytes(32).toString('base64url')
  const row = {
    id,
    organization_id: organizationId,
    name,
    hash: hashOf(secret),
    scopes_json: JSON.stringify([...new Set(scopes)]),
    created_at_ms: nowMs,
    expires_at_ms: nowMs + expiresInDays * dayMs,
    last_used_at_ms: null,
  }
  await db.insertInto('api_tokens').values(row).execute()
  return { ...view(row), token: `pxt_${id}_${secret}` }
}

export async function listApiTokens(db: Database, organizationId: string) {
  const rows = await db
    .selectFrom('api_tokens')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .orderBy('created_at_ms')
    .limit(500)
    .execute()
  return rows.map(view)
}

/** Ends a token at once; false where the Organization has none such. */
export async function revokeApiToken(db: Database, organizationId: string, id: string): Promise<boolean> {
  const result = await db
    .deleteFrom('api_tokens')
    .where('id', '=', id)
    .where('organization_id', '=', organizationId)
    .executeTakeFirst()
  return result.numDeletedRows > 0n
}

/** The program behind a token, as an agent (or viewer) of its Organization bound to its scopes; undefined = unknown or expired. */
export async function findTokenActor(
  db: Database,
  authorization: string,
  nowMs: number,
): Promise<UserActor | undefined> {
  const match = pattern.exec(authorization)
  if (match === null) return undefined
  const [, id = '', secret = ''] = match
  const row = await db
    .selectFrom('api_tokens')
    .innerJoin('organizations', 'organizations.id', 'api_tokens.organization_id')
    .selectAll('api_tokens')
    .where('api_tokens.id', '=', id)
    .where('organizations.is_removed', '=', 0)
    .executeTakeFirst()
  if (row === undefined || row.expires_at_ms <= nowMs) return undefined
  if (!timingSafeEqual(Buffer.from(row.hash), Buffer.from(hashOf(secret)))) return undefined
  if (nowMs - (row.last_used_at_ms ?? 0) > noteUseEveryMs)
    await db.updateTable('api_tokens').set({ last_used_at_ms: nowMs }).where('id', '=', id).execute()
  const teams = await db
    .selectFrom('teams')
    .select('id')
    .where('organization_id', '=', row.organization_id)
    .where('is_removed', '=', 0)
    .execute()
  const scopes = new Set<string>(storedScopes.parse(JSON.parse(row.scopes_json)))
  const isWriter = [...scopes].some((scope) => scope.endsWith(':write'))
  return {
    kind: 'user',
    id: `token-${id}`,
    name: row.name,
    role: isWriter ? 'agent' : 'viewer',
    organizationId: row.organization_id,
    teamIds: teams.map((team) => team.id),
    scopes,
  }
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

function view(row: {
  id: string
  name: string
  scopes_json: string
  created_at_ms: number
  expires_at_ms: number
  last_used_at_ms: number | null
}) {
  return {
    id: row.id,
    name: row.name,
    scopes: storedScopes.parse(JSON.parse(row.scopes_json)),
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
    ...(row.last_used_at_ms === null ? {} : { lastUsedAtMs: row.last_used_at_ms }),
  }
}
