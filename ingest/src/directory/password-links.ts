import { createHash, randomBytes } from 'node:crypto'
import type { Database, Trx } from '../db/database.ts'
import type { Passwords } from './passwords.ts'

/** How long somebody has to choose a password. */
export const passwordLinkLifeMs = 3 * 24 * 60 * 60 * 1_000

export interface MadePasswordLink {
  /** 160 random bits; only its hash is stored, so it is shown here and never again. */
  readonly token: string
  readonly expiresAtMs: number
}

/** Links by which a User chooses the own password, once: nobody else ever knows it, not even whoever made the User (ADR 100). */
export interface PasswordLinks {
  /** A new link ends the User's former one. */
  make(userId: string, byUserId: string): Promise<MadePasswordLink>
  /** Whose it is; undefined = it is unknown, used or over, or its User is out of service. */
  find(token: string): Promise<{ readonly userId: string; readonly expiresAtMs: number } | undefined>
  /** Sets the password, ends the User's sessions and the link. @returns the User's id; undefined as with {@link find}. */
  use(token: string, password: string): Promise<string | undefined>
}

export interface PasswordLinksDependencies {
  readonly database: Database
  readonly passwords: Passwords
  readonly nowMs: () => number
}

export function createPasswordLinks(dependencies: PasswordLinksDependencies): PasswordLinks {
  const { passwords, nowMs } = dependencies
  const { db } = dependencies.database

  const find = async (token: string) => {
    const row = await db
      .selectFrom('password_links')
      .innerJoin('users', 'users.id', 'password_links.user_id')
      .select(['password_links.user_id', 'password_links.expires_at_ms'])
      .where('password_links.token_hash', '=', hashOf(token))
      .where('password_links.expires_at_ms', '>', nowMs())
      .where('users.disabled_at_ms', 'is', null)
      .executeTakeFirst()
    return row && { userId: row.user_id, expiresAtMs: row.expires_at_ms }
  }

  return {
    make: (userId, byUserId) =>
      db.transaction().execute(async (trx) => {
        const token = randomBytes(20).toString('base64url')
        const now = nowMs()
        const expiresAtMs = now + passwordLinkLifeMs
        await endPasswordLinks(trx, userId)
        await trx.deleteFrom('password_links').where('expires_at_ms', '<=', now).execute()
        await trx
          .insertInto('password_links')
          .values({
            token_hash: hashOf(token),
            user_id: userId,
            created_by: byUserId,
            created_at_ms: now,
            expires_at_ms: expiresAtMs,
          })
          .execute()
        return { token, expiresAtMs }
      }),
    find,
    use: async (token, password) => {
      // Looked at first: a guess must not cost a hash.
      if ((await find(token)) === undefined) return undefined
      const passwordHash = await passwords.hash(password)
      return db.transaction().execute(async (trx) => {
        const link = await trx
          .deleteFrom('password_links')
          .where('token_hash', '=', hashOf(token))
          .returning('user_id')
          .executeTakeFirst()
        if (link === undefined) return undefined
        await trx
          .updateTable('users')
          .set({ password_hash: passwordHash })
          .where('id', '=', link.user_id)
          .where('disabled_at_ms', 'is', null)
          .execute()
        await trx.deleteFrom('sessions').where('user_id', '=', link.user_id).execute()
        return link.user_id
      })
    },
  }
}

/** What was given to somebody to choose a password by opens nothing any more. */
export async function endPasswordLinks(trx: Trx, userId: string): Promise<void> {
  await trx.deleteFrom('password_links').where('user_id', '=', userId).execute()
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
