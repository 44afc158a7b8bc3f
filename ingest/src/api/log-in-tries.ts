import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { networkOf } from '../net/network-of.ts'

export const maxTries = 20
export const triesWindowMs = 15 * 60 * 1_000

/** Bounds how often somebody may guess a secret, by address and by what is guessed at (ETSI EN 303 645 5.1-5). */
export interface LogInTries {
  /**
   * Reserves one try for the address and one for the account. False = one of them has had 20 evaluated tries since it was last quiet for 15 minutes;
   * nothing may be evaluated then. Atomic, so that tries side by side count one by one.
   */
  reserve(address: string, account: string): Promise<boolean>
  /** Whether {@link reserve} would say yes now; for what is asked often and rarely wrong. */
  mayTry(address: string, account: string): Promise<boolean>
  /** The try was right: it does not count. */
  giveBack(address: string, account: string): Promise<void>
}

export function createLogInTries({ db }: Database, nowMs: () => number): LogInTries {
  const keysOf = (address: string, account: string) => [
    `address:${networkOf(address)}`,
    // Hashed: people type passwords into the wrong field.
    `account:${createHash('sha256').update(account.toLowerCase()).digest('base64url')}`,
  ]
  return {
    reserve: async (address, account) => {
      const now = nowMs()
      const quietSinceMs = now - triesWindowMs
      await db.deleteFrom('log_in_tries').where('last_try_ms', '<=', quietSinceMs).execute()
      return db.transaction().execute(async (trx) => {
        const keys = keysOf(address, account)
        for (const key of keys) {
          // The row stays locked until the commit: who tries at the same time waits here. Always the address first, so that nobody waits in a ring.
          const { count } = await trx
            .insertInto('log_in_tries')
            .values({ key, count: 0, last_try_ms: now })
            .onConflict((conflict) => conflict.column('key').doUpdateSet({ count: sql`log_in_tries.count` }))
            .returning('count')
            .executeTakeFirstOrThrow()
          if (count >= maxTries) return false
        }
        for (const key of keys)
          await trx
            .updateTable('log_in_tries')
            .set((eb) => ({ count: eb('count', '+', 1), last_try_ms: now }))
            .where('key', '=', key)
            .execute()
        return true
      })
    },
    mayTry: async (address, account) => {
      const spent = await db
        .selectFrom('log_in_tries')
        .select('key')
        .where('key', 'in', keysOf(address, account))
        .where('count', '>=', maxTries)
        .where('last_try_ms', '>', nowMs() - triesWindowMs)
        .limit(1)
        .executeTakeFirst()
      return spent === undefined
    },
    giveBack: async (address, account) => {
      await db
        .updateTable('log_in_tries')
        .set((eb) => ({ count: eb('count', '-', 1) }))
        .where('key', 'in', keysOf(address, account))
        .where('count', '>', 0)
        .execute()
    },
  }
}
