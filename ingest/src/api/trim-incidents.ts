import { setImmediate as afterOthers } from 'node:timers/promises'
import type { Db } from '../db/database.ts'

const atOnce = 500

/**
 * Forgets closed incidents that ended before, a few at a time; what stands or recovers stays however old it is. The keys of their Issues are
 * the outbox's and stay there (ADR 127). @returns how many went
 */
export async function trimIncidents(db: Db, endedBeforeMs: number, signal?: AbortSignal): Promise<number> {
  let went = 0
  while (signal?.aborted !== true) {
    const old = await db
      .selectFrom('incidents')
      .select('key')
      .where('closed_at_ms', '<', endedBeforeMs)
      .where('state', '=', 'closed')
      .limit(atOnce)
      .execute()
    if (old.length > 0)
      await db
        .deleteFrom('incidents')
        .where(
          'key',
          'in',
          old.map(({ key }) => key),
        )
        .execute()
    went += old.length
    if (old.length < atOnce) break
    // SQLite answers at once, and a shorter time to keep may leave a hundred thousand: what came in meanwhile goes first.
    await afterOthers()
  }
  return went
}
