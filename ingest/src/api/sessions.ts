import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Database } from '../db/database.ts'
import type { Account, People } from '../directory/people.ts'
import type { Actor } from './access.ts'

export const sessionLifeMs = 12 * 60 * 60 * 1_000
const maxSessionsPerUser = 20

/** A log-in as its browser holds it. */
export interface WebSession {
  readonly actor: Actor
  /** Goes back as `x-csrf-token`; only who can read our answers knows it. */
  readonly csrfToken: string
  readonly expiresAtMs: number
}

/** Log-ins of people, kept on the server: what the browser holds is a random value, and only its hash is stored. */
export interface Sessions {
  /** @returns the cookie's value, always a fresh one, so that nobody can plant a session before a log-in. */
  open(account: Account): Promise<{ cookie: string; session: WebSession }>
  find(cookie: string): Promise<WebSession | undefined>
  end(cookie: string): Promise<void>
}

export function createSessions(options: {
  readonly database: Database
  readonly people: People
  readonly nowMs: () => number
}): Sessions {
  const { people, nowMs } = options
  const { db } = options.database
  return {
    open: async (account) => {
      const cookie = randomBytes(32).toString('base64url')
      const now = nowMs()
      const expiresAtMs = now + sessionLifeMs
      await db.transaction().execute(async (trx) => {
        await trx.deleteFrom('sessions').where('expires_at_ms', '<=', now).execute()
        const oldest = await trx
          .selectFrom('sessions')
          .select('id_hash')
          .where('user_id', '=', account.user.id)
          .orderBy('created_at_ms', 'desc')
          .offset(maxSessionsPerUser - 1)
          .limit(1_000)
          .execute()
        for (const { id_hash } of oldest)
          await trx.deleteFrom('sessions').where('id_hash', '=', id_hash).execute()
        await trx
          .insertInto('sessions')
          .values({
            id_hash: hashOf(cookie),
            user_id: account.user.id,
            created_at_ms: now,
            expires_at_ms: expiresAtMs,
          })
          .execute()
      })
      return { cookie, session: { actor: toActor(account), csrfToken: csrfOf(cookie), expiresAtMs } }
    },
    find: async (cookie) => {
      const row = await db
        .selectFrom('sessions')
        .select(['user_id', 'expires_at_ms'])
        .where('id_hash', '=', hashOf(cookie))
        .where('expires_at_ms', '>', nowMs())
        .executeTakeFirst()
      const account = row && (await people.findAccount(row.user_id))
      if (row === undefined || account === undefined) return undefined
      return { actor: toActor(account), csrfToken: csrfOf(cookie), expiresAtMs: row.expires_at_ms }
    },
    end: async (cookie) => {
      await db.deleteFrom('sessions').where('id_hash', '=', hashOf(cookie)).execute()
    },
  }
}

/** Compares in constant time. */
export function isSameToken(given: string, expected: string): boolean {
  const a = Buffer.from(given)
  const b = Buffer.from(expected)
  return a.length === b.length && timingSafeEqual(a, b)
}

function hashOf(cookie: string): string {
  return createHash('sha256').update(cookie).digest('hex')
}

/** Derived from the cookie's value, which scripts cannot read, so that nothing more must be stored. */
function csrfOf(cookie: string): string {
  return createHmac('sha256', cookie).update('csrf').digest('base64url')
}

function toActor({ user, organizationName, isOperator }: Account): Actor {
  return {
    userId: user.id,
    name: user.name,
    email: user.email,
    role: user.role,
    organizationId: user.organizationId,
    organizationName,
    teamIds: user.teamIds,
    isOperator,
  }
}
