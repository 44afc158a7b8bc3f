import { ProactiveError } from '@proactive/shared'
import { directoryCursorSchema } from '@proactive/shared/http'
import { readCapped } from '../net/read-capped.ts'
import type { DirectoryChange, DirectoryChanges } from './changes.ts'
import type { DirectoryJournal } from './journal.ts'

const maxBatch = 200
/** Half of what the other side takes, so that a few large products still fit. */
const maxBatchBytes = 512 * 1_024
const answerTimeoutMs = 10_000
const maxAnswerBytes = 64 * 1_024

/** The helpdesk did not take the changes, or not yet. */
export class DirectoryFeedError extends ProactiveError {
  readonly code = 'directory-feed'
  override readonly retryable = true
}

export interface DirectoryFeedDependencies {
  readonly changes: DirectoryChanges
  readonly journal: DirectoryJournal
  /** Origin of the helpdesk, e.g. `http://127.0.0.1:8090`. */
  readonly helpdeskUrl: string
  /** A fresh service actor token. */
  readonly token: () => string
  readonly onState: (state: DirectoryFeedState) => void
  /** Between looks without being told (another process may have written), and the longest pause after failures. */
  readonly everyMs?: number
  readonly maxPauseMs?: number
  readonly random?: () => number
}

export interface DirectoryFeedState {
  /** Newest change the helpdesk holds; undefined until it was asked. */
  readonly cursor: number | undefined
  readonly isCaughtUp: boolean
  readonly failure: unknown
}

/** Keeps the helpdesk's read copy of the directory fresh. */
export interface DirectoryFeed {
  start(): void
  state(): DirectoryFeedState
  /** Resolves when no request is under way any more. Safe to call twice. */
  stop(): Promise<void>
}

/** Sends what changed, in order and in batches, from where the helpdesk says it stands; a failure is tried again with growing, jittered pauses. */
export function createDirectoryFeed(dependencies: DirectoryFeedDependencies): DirectoryFeed {
  const { changes, journal, everyMs = 5_000, maxPauseMs = 30_000, random = Math.random } = dependencies
  const stopping = new AbortController()
  let state: DirectoryFeedState = { cursor: undefined, isCaughtUp: false, failure: undefined }
  let endPause: () => void = () => undefined
  let hasNews = false
  let loop: Promise<void> | undefined
  let failures = 0

  function tell(next: DirectoryFeedState): void {
    const isNews =
      next.isCaughtUp !== state.isCaughtUp || (next.failure === undefined) !== (state.failure === undefined)
    state = next
    if (isNews) dependencies.onState(state)
  }

  async function run(): Promise<void> {
    const forget = journal.onNews(({ hasEntities }) => {
      if (!hasEntities) return
      hasNews = true
      // After a failure the pause stands: news must not turn it into a storm.
      if (failures === 0) endPause()
    })
    try {
      while (!stopping.signal.aborted) {
        const pauseMs = await once()
        await pause(pauseMs)
      }
    } finally {
      forget()
    }
  }

  /** One batch. @returns how long to wait before the next. */
  async function once(): Promise<number> {
    hasNews = false
    try {
      const cursor = state.cursor ?? (await call('GET', '/api/directory/cursor', undefined))
      const batch = withinBytes(await changes.after(cursor, maxBatch))
      if (batch.length === 0) {
        failures = 0
        await refuseForeignCopy(cursor)
        tell({ cursor, isCaughtUp: true, failure: undefined })
        return everyMs
      }
      const reached = await call('POST', '/api/directory/changes', { changes: batch })
      failures = 0
      tell({ cursor: reached, isCaughtUp: false, failure: undefined })
      return 0
    } catch (failure) {
      if (stopping.signal.aborted) return 0
      failures += 1
      // Where the helpdesk stands must be asked again: it may have been restored from a backup.
      tell({ cursor: undefined, isCaughtUp: false, failure })
      return Math.min(maxPauseMs, 250 * 2 ** Math.min(failures, 10)) * (0.5 + random() / 2)
    }
  }

  async function refuseForeignCopy(cursor: number): Promise<void> {
    const newest = await changes.newest()
    if (cursor > newest) {
      throw new DirectoryFeedError(
        `The helpdesk holds change ${cursor} of a directory, ours ends at ${newest}: it belongs to another installation; give it a fresh data folder.`,
      )
    }
  }

  async function call(method: string, path: string, body: unknown): Promise<number> {
    const response = await fetch(new URL(path, dependencies.helpdeskUrl), {
      method,
      redirect: 'error',
      headers: {
        authorization: `Bearer ${dependencies.token()}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(answerTimeoutMs)]),
    })
    const text = response.body === null ? '' : await readCapped(response.body, maxAnswerBytes)
    if (!response.ok)
      throw new DirectoryFeedError(`The helpdesk answered ${response.status} to ${method} ${path}.`)
    return directoryCursorSchema.parse(JSON.parse(text.toString())).cursor
  }

  function pause(ms: number): Promise<void> {
    if (ms === 0 || stopping.signal.aborted || (hasNews && failures === 0)) return Promise.resolve()
    return new Promise((resolve) => {
      endPause = () => {
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(endPause, ms)
    })
  }

  return {
    start: () => {
      loop ??= run()
    },
    state: () => state,
    stop: async () => {
      stopping.abort()
      endPause()
      await loop
    },
  }
}

function withinBytes(changes: readonly DirectoryChange[]): DirectoryChange[] {
  const batch: DirectoryChange[] = []
  let bytes = 0
  for (const change of changes) {
    bytes += JSON.stringify(change).length
    if (batch.length > 0 && bytes > maxBatchBytes) break
    batch.push(change)
  }
  return batch
}
