import { setTimeout as sleep } from 'node:timers/promises'

/** How long changes without outputs may wait to be committed with others; after a crash they are computed again. */
const longestDelayMs = 1_000
const retryMs = 1_000

export interface PacedLoop<Batch> {
  readonly batches: AsyncIterable<Batch>
  /** Takes a batch; true = commit now, false = may wait. */
  readonly take: (batch: Batch) => boolean | Promise<boolean>
  readonly commit: () => Promise<void>
  /** Told before a failed commit is tried again. */
  readonly onCommitFailure: (error: unknown) => void
  /** Whether trying again may help. */
  readonly isRetryable: (error: unknown) => boolean
}

/**
 * Takes batches as they come and commits at once where asked to, else after a second at most, and at the end.
 * @throws what the batches, `take`, or a commit that is not retryable throws.
 */
export async function runPaced<Batch>(loop: PacedLoop<Batch>): Promise<void> {
  const iterator = loop.batches[Symbol.asyncIterator]()
  let next = iterator.next()
  let commitAtMs: number | undefined

  async function commit(): Promise<void> {
    for (;;) {
      try {
        await loop.commit()
        commitAtMs = undefined
        return
      } catch (error) {
        if (!loop.isRetryable(error)) throw error
        loop.onCommitFailure(error)
        await sleep(retryMs)
      }
    }
  }

  for (;;) {
    const result = await (commitAtMs === undefined ? next : orAt(next, commitAtMs))
    if (result === 'due') {
      await commit()
      continue
    }
    if (result.done === true) break
    const isUrgent = await loop.take(result.value)
    next = iterator.next()
    commitAtMs ??= performance.now() + longestDelayMs
    if (isUrgent || performance.now() >= commitAtMs) await commit()
  }
  if (commitAtMs !== undefined) await commit()
}

/** The work's outcome, or `due` at the time, whichever comes first. */
async function orAt<T>(work: Promise<T>, atMs: number): Promise<T | 'due'> {
  let timer: NodeJS.Timeout | undefined
  const due = new Promise<'due'>((resolve) => {
    timer = setTimeout(() => resolve('due'), Math.max(atMs - performance.now(), 0))
  })
  return Promise.race([work, due]).finally(() => clearTimeout(timer))
}
