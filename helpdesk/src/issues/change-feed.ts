import type { IssueChanges } from '@proactive/shared/http'
import type { Database } from '../db/open.ts'
import { inflate } from './read.ts'

/** Wakes those who wait for the next change; at most `maxWaiters` wait at once. */
export interface ChangeSignal {
  notify(): void
  /** Resolves at the next change, after `waitMs`, or when `signal` aborts; never rejects. */
  wait(waitMs: number, signal: AbortSignal): Promise<void>
}

const maxWaiters = 64

export function createChangeSignal(): ChangeSignal {
  const waiters = new Set<() => void>()
  return {
    notify() {
      for (const wake of [...waiters]) wake()
    },
    wait(waitMs, signal) {
      if (signal.aborted || waitMs <= 0 || waiters.size >= maxWaiters) return Promise.resolve()
      return new Promise((resolve) => {
        const wake = () => {
          clearTimeout(timer)
          signal.removeEventListener('abort', wake)
          waiters.delete(wake)
          resolve()
        }
        const timer = setTimeout(wake, waitMs)
        signal.addEventListener('abort', wake)
        waiters.add(wake)
      })
    },
  }
}

/**
 * The Issues that changed after a place in the feed, each once and as it is now, in order of its newest change.
 * A cursor is `<epoch>.<n>`; one of another database starts from the beginning, so a reader never misses what it cannot know.
 */
export async function readChanges(
  db: Database,
  after: string | undefined,
  limit: number,
): Promise<IssueChanges> {
  const state = await db.selectFrom('state').select(['feed_epoch', 'feed_cursor']).executeTakeFirstOrThrow()
  const from = placeIn(state.feed_epoch, after)
  const rows = await db
    .selectFrom('issues')
    .selectAll()
    .where('change_cursor', '>', from)
    .orderBy('change_cursor')
    .limit(limit)
    .execute()
  const items = (await inflate(db, rows)).map(({ issue }) => issue)
  return { items, cursor: `${state.feed_epoch}.${rows.at(-1)?.change_cursor ?? from}` }
}

function placeIn(epoch: string, cursor: string | undefined): number {
  const [cursorEpoch, place = ''] = (cursor ?? '').split('.')
  return cursorEpoch === epoch && /^\d{1,15}$/.test(place) ? Number(place) : 0
}
