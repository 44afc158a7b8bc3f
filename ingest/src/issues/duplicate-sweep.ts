import type { Logger } from 'pino'
import type { Helpdesk } from './helpdesk.ts'
import type { IssueMetrics } from './issue-metrics.ts'
import type { OutboxStore } from './outbox-store.ts'

const everyMs = 3_600_000
/** Closed Issues are looked at this long after their last change: a duplicate may come late. */
const memoryMs = 24 * 3_600_000
const pageSize = 200
/** Keys that wait for their second look; beyond that the hourly sweep finds them. */
const maxWaiting = 1_000

/** Lost keys that were told once; beyond that they are told again. */
const maxLost = 10_000

export interface DuplicateSweepDependencies {
  readonly store: Pick<OutboxStore, 'keysToSweep'>
  readonly helpdesk: Helpdesk
  readonly metrics: Pick<IssueMetrics, 'duplicates' | 'merged' | 'lost'>
  readonly log: Logger
  readonly nowMs: () => number
}

/**
 * Finds Issues that share a key and merges them into the lowest, at helpdesks that must be searched: however long a request was held on
 * its way, its duplicate does not stay. Runs at the start, hourly, and for a doubtful open once more after its settle time.
 */
export interface DuplicateSweep {
  start(): void
  /** This key's open was in doubt: look once more when nothing can arrive any more. */
  lookAgain(key: string): void
  /** All open keys now; how many duplicates were merged. */
  run(): Promise<number>
  stop(): Promise<void>
}

export function createDuplicateSweep(dependencies: DuplicateSweepDependencies): DuplicateSweep {
  const { store, helpdesk, metrics, log, nowMs } = dependencies
  const stopping = new AbortController()
  const isNeeded = helpdesk.caps.createIdempotency === 'search'
  const waiting = new Map<string, NodeJS.Timeout>()
  const lost = new Set<string>()
  let everyHour: NodeJS.Timeout | undefined
  let work: Promise<unknown> = Promise.resolve()

  async function look(key: string): Promise<number> {
    const found = await helpdesk.findByKey(key, stopping.signal)
    if (found.kind !== 'ok') return 0
    const [first, ...duplicates] = found.value
    if (first === undefined) {
      // A person deleted or merged it away: their decision, it is not opened again.
      if (!lost.has(key)) {
        metrics.lost.inc()
        log.warn({ dedupKey: key }, 'the Issue of this key is gone at the helpdesk')
      }
      if (lost.size >= maxLost) lost.clear()
      lost.add(key)
      return 0
    }
    let merged = 0
    for (const duplicate of duplicates) {
      metrics.duplicates.inc()
      const outcome = await helpdesk.merge?.(duplicate, first, stopping.signal)
      const isMerged = outcome?.kind === 'ok'
      if (isMerged) metrics.merged.inc()
      merged += isMerged ? 1 : 0
      log.error(
        { dedupKey: key, duplicate: duplicate.number, into: first.number, isMerged },
        'the helpdesk held a duplicate of one Issue',
      )
    }
    return merged
  }

  async function lookAtAll(): Promise<number> {
    let merged = 0
    let afterKey = ''
    while (!stopping.signal.aborted) {
      const keys = await store.keysToSweep(nowMs() - memoryMs, afterKey, pageSize)
      for (const key of keys) {
        if (!stopping.signal.aborted) merged += await look(key)
      }
      afterKey = keys.at(-1) ?? ''
      if (keys.length < pageSize) break
    }
    return merged
  }

  /** One after the other: two sweeps would merge the same tickets at once. */
  function queue<Value>(next: () => Promise<Value>): Promise<Value> {
    const result = work.then(next)
    work = result.catch((err: unknown) => {
      if (!stopping.signal.aborted) log.error({ err }, 'the sweep for duplicates broke off')
    })
    return result
  }
  const runQuietly = () => void queue(lookAtAll).catch(() => undefined)

  return {
    start() {
      if (!isNeeded) return
      runQuietly()
      everyHour = setInterval(runQuietly, everyMs)
      everyHour.unref()
    },
    lookAgain(key) {
      if (!isNeeded || waiting.size >= maxWaiting || waiting.has(key) || stopping.signal.aborted) return
      const timer = setTimeout(() => {
        waiting.delete(key)
        void queue(() => look(key)).catch(() => undefined)
      }, helpdesk.caps.settleMs)
      timer.unref()
      waiting.set(key, timer)
    },
    run: () => (isNeeded ? queue(lookAtAll) : Promise.resolve(0)),
    async stop() {
      stopping.abort()
      clearInterval(everyHour)
      for (const timer of waiting.values()) clearTimeout(timer)
      waiting.clear()
      await work
    },
  }
}
