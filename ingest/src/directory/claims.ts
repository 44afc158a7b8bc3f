import { createHash, randomBytes } from 'node:crypto'
import { base32, type EpochMs } from '@proactive/shared'
import type { Database } from '../db/database.ts'
import type { ClaimStore } from '../identity/ports.ts'
import { found } from './errors.ts'

/** How long a claim token lives. */
export const claimLifeMs = 24 * 60 * 60 * 1_000

export interface IssuedClaim {
  /** 160 random bits, base32; only its hash is stored, so it is shown here and never again. */
  readonly token: string
  readonly locationId: string
  readonly expiresAtMs: EpochMs
}

/** One-use claim tokens, bound to a Location. */
export interface Claims extends ClaimStore {
  issue(locationId: string, byUserId: string): Promise<IssuedClaim>
}

export interface ClaimsDependencies {
  readonly database: Database
  readonly nowMs: () => EpochMs
}

export function createClaims({ database: { db }, nowMs }: ClaimsDependencies): Claims {
  return {
    issue: async (locationId, byUserId) => {
      const location = db.selectFrom('locations').select('id').where('id', '=', locationId)
      found(await location.executeTakeFirst(), 'Location')
      const token = base32(randomBytes(20))
      const createdAtMs = nowMs()
      const expiresAtMs = createdAtMs + claimLifeMs
      await db
        .deleteFrom('claims')
        .where('expires_at_ms', '<', createdAtMs - 30 * claimLifeMs)
        .execute()
      await db
        .insertInto('claims')
        .values({
          token_hash: hashOf(token),
          location_id: locationId,
          created_by: byUserId,
          created_at_ms: createdAtMs,
          expires_at_ms: expiresAtMs,
          consumed_at_ms: null,
          consumed_by: null,
        })
        .execute()
      return { token, locationId, expiresAtMs }
    },
    consume: async (token, applianceId) => {
      const now = nowMs()
      const row = await db
        .updateTable('claims')
        .set({ consumed_at_ms: now, consumed_by: applianceId })
        .where('token_hash', '=', hashOf(token))
        .where((claim) =>
          claim.or([claim('consumed_at_ms', 'is', null), claim('consumed_by', '=', applianceId)]),
        )
        .where('expires_at_ms', '>', now)
        .returning('location_id')
        .executeTakeFirst()
      return row && { locationId: row.location_id }
    },
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
