import { setTimeout as delay } from 'node:timers/promises'
import { openIssueSchema, recoverIssueSchema, updateIssueSchema } from '@proactive/shared/http'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { Helpdesk, HelpdeskOutcome, RemoteIssue } from './helpdesk.ts'
import type { HealthTracker } from './helpdesk-health.ts'
import type { IssueMetrics } from './issue-metrics.ts'
import { defaultRetryPolicy, judgeAttempt, type RetryPolicy } from './judge-attempt.ts'
import type { OutboxStore, Settlement } from './outbox-store.ts'
import { createOpenBudget, dayMs, defaultGuards, flappingReason, type StormGuards } from './storm-guards.ts'
import type { OperationRow } from './tables.ts'

export interface DispatcherDependencies {
  readonly store: OutboxStore
  readonly helpdesk: Helpdesk
  readonly health: HealthTracker
  readonly metrics: IssueMetrics
  readonly log: Logger
  readonly nowMs: () => number
  /** 0 ≤ n < 1. */
  readonly random: () => number
  readonly policy?: RetryPolicy
  /** Operations under way at once, each of another key. */
  readonly concurrency?: number
  readonly guards?: StormGuards
  /** An Issue is open after more than one attempt: a late request may still make a second one. */
  readonly onDoubtfulOpen?: (key: string) => void
}

/**
 * Carries the outbox to the helpdesk. One process at a time may run one per database: it is the single writer of every key.
 * Operations of a key go strictly in order; keys do not wait for each other.
 */
export interface OutboxDispatcher {
  /** What was being sent when the last process ended becomes doubt, then work begins. */
  start(): Promise<void>
  /** A row came; sends at once. Cheap, may be called any time. */
  wake(): void
  /** The helpdesk answers again: nothing waits for the end of its pause. */
  expedite(): Promise<void>
  /** Ends after the calls under way; safe to call twice. */
  stop(): Promise<void>
}

/** Longest sleep without a look at the table. */
const maxSleepMs = 60_000
/** Pause after our own database failed. */
const storeFailurePauseMs = 1_000

export function createDispatcher(dependencies: DispatcherDependencies): OutboxDispatcher {
  const { store, helpdesk, health, metrics, log, nowMs, random } = dependencies
  const { policy = defaultRetryPolicy, guards = defaultGuards } = dependencies
  const concurrency = dependencies.concurrency ?? helpdesk.caps.concurrency ?? 8
  const { onDoubtfulOpen = () => undefined } = dependencies
  const budget = createOpenBudget(guards)
  const stopping = new AbortController()
  const underWay = new Map<string, Promise<void>>()
  let timer: NodeJS.Timeout | undefined
  let isLooking = false
  let isWoken = false
  let isStarted = false
  let looking: Promise<void> = Promise.resolve()

  function wake(): void {
    isWoken = true
    if (!isStarted || isLooking || stopping.signal.aborted) return
    isLooking = true
    looking = lookUntilIdle().finally(() => {
      isLooking = false
      if (isWoken) wake()
    })
  }

  /** Starts what is due until nothing is or all hands are busy; then sleeps until the next due time. */
  async function lookUntilIdle(): Promise<void> {
    clearTimeout(timer)
    try {
      while (isWoken && !stopping.signal.aborted) {
        isWoken = false
        const free = concurrency - underWay.size
        if (free <= 0) return
        const busyKeys = new Set(underWay.keys())
        for (const operation of await store.due(nowMs(), free, busyKeys)) {
          if (operation.attempts > 0 || operation.kind !== 'open') begin(operation)
          else if (await mayOpen(operation)) begin(operation)
          else isWoken = true
        }
      }
      const dueAtMs = await store.nextDueAtMs(new Set(underWay.keys()))
      if (dueAtMs !== null) sleep(dueAtMs - nowMs())
    } catch (err) {
      log.error({ err }, 'the outbox could not be read')
      sleep(storeFailurePauseMs)
    }
  }

  /** Storm guards: not so often for one device, not so many open at one Location, not faster than the budget. What is held stays in the outbox. */
  async function mayOpen(operation: OperationRow): Promise<boolean> {
    const hold = await whyHold(operation)
    if (hold === undefined) return true
    await store.postpone(operation, nowMs() + hold.waitMs, hold.reason)
    metrics.held.inc({ guard: hold.guard })
    return false
  }

  async function whyHold({ key }: OperationRow) {
    const busyKeys = new Set(underWay.keys())
    const oldestMs = await store.oldestBeyond(key, busyKeys, nowMs() - dayMs, guards.maxOpensPerSubjectAndDay)
    if (oldestMs !== undefined)
      return {
        guard: 'flapping',
        waitMs: Math.max(1_000, oldestMs + dayMs - nowMs()),
        reason: flappingReason,
      }
    if ((await store.countOpenBeside(key, busyKeys)) >= guards.maxOpenPerLocation)
      return {
        guard: 'location',
        waitMs: guards.fullLocationPauseMs,
        reason: 'storm-guard: too many open Issues at the Location',
      }
    const waitMs = budget.take(nowMs())
    return waitMs === 0 ? undefined : { guard: 'rate', waitMs, reason: 'storm-guard: too many at once' }
  }

  function sleep(ms: number): void {
    clearTimeout(timer)
    if (!stopping.signal.aborted) timer = setTimeout(wake, Math.min(Math.max(ms, 1), maxSleepMs))
  }

  function begin(operation: OperationRow): void {
    const work = attempt(operation)
      .catch((err: unknown) => {
        if (!stopping.signal.aborted)
          log.error({ err, dedupKey: operation.key }, 'an outbox attempt broke off')
      })
      .finally(() => {
        underWay.delete(operation.key)
        wake()
      })
    underWay.set(operation.key, work)
  }

  async function attempt(operation: OperationRow): Promise<void> {
    let claimed: OperationRow | undefined
    try {
      claimed = await store.claim(operation, nowMs())
      if (claimed === undefined) return
      const settlement = await carryOut(claimed, operation.state === 'ambiguous')
      await store.settle(claimed, settlement, nowMs())
      report(claimed, settlement)
    } catch (err) {
      await settleFailure(claimed ?? operation, err)
      throw err
    }
  }

  /** Nobody looks at a row that is `sending`: while our own database fails this goes on, until a stop leaves it to the next start. */
  async function settleFailure(operation: OperationRow, failure: unknown): Promise<void> {
    for (;;) {
      try {
        await store.settle(operation, settlementOfFailure(failure, nowMs()), nowMs())
        return
      } catch (err) {
        if (stopping.signal.aborted) throw err
        log.error({ err, dedupKey: operation.key }, 'the outbox could not be written; it is tried again')
        await delay(storeFailurePauseMs, undefined, { signal: stopping.signal }).catch(() => undefined)
      }
    }
  }

  /** One attempt: after doubt about an open the key is looked for first, where the provider needs that. */
  async function carryOut(operation: OperationRow, wasDoubtful: boolean): Promise<Settlement> {
    if (operation.kind !== 'open' && (await store.isOpenDead(operation.key))) {
      return { state: 'dead', reason: 'never-opened: its Issue could not be opened' }
    }
    const mustSearch =
      wasDoubtful && operation.kind === 'open' && helpdesk.caps.createIdempotency === 'search'
    const outcome = mustSearch ? await verify(operation) : await send(operation)
    if (outcome === 'not-there') {
      return { state: 'pending', dueAtMs: nowMs(), reason: 'looked for by key, was not there' }
    }
    metrics.attempts.inc({ kind: operation.kind, outcome: outcome.kind })
    noteHealth(outcome)
    return judgeAttempt(operation, outcome, { nowMs: nowMs(), random: random(), caps: helpdesk.caps, policy })
  }

  async function verify(operation: OperationRow): Promise<HelpdeskOutcome<RemoteIssue> | 'not-there'> {
    const found = await helpdesk.findByKey(operation.key, stopping.signal)
    if (found.kind !== 'ok') return found
    const [first, ...duplicates] = found.value
    if (duplicates.length > 0) {
      metrics.duplicates.inc(duplicates.length)
      log.error(
        { dedupKey: operation.key, issues: found.value.map((issue) => issue.number) },
        'the helpdesk holds duplicates of one Issue',
      )
    }
    return first === undefined ? 'not-there' : { kind: 'ok', value: first }
  }

  function send(operation: OperationRow): Promise<HelpdeskOutcome<RemoteIssue>> {
    const body: unknown = JSON.parse(operation.body)
    switch (operation.kind) {
      case 'open':
        return helpdesk.open(operation.key, openIssueSchema.parse(body), stopping.signal)
      case 'update':
        return helpdesk.update(operation.key, updateIssueSchema.parse(body), stopping.signal)
      case 'recover':
        return helpdesk.recover(operation.key, recoverIssueSchema.parse(body), stopping.signal)
    }
  }

  function noteHealth(outcome: HelpdeskOutcome<RemoteIssue>): void {
    if (outcome.kind === 'ok' || outcome.kind === 'permanent') health.succeeded()
    else if (outcome.kind === 'ambiguous' || outcome.isUnreachable) health.failed(outcome.reason)
  }

  function report(operation: OperationRow, settlement: Settlement): void {
    const { key: dedupKey, kind, attempts } = operation
    if (settlement.state === 'done') {
      metrics.seconds.observe({ kind }, (nowMs() - operation.created_at_ms) / 1_000)
      if (kind === 'open') {
        log.info({ dedupKey, issue: settlement.remote.number, attempts }, 'Issue opened')
        if (attempts > 1) onDoubtfulOpen(dedupKey)
      }
      if (kind !== 'open') log.debug({ dedupKey, kind, attempts }, 'Issue told')
    } else if (settlement.state === 'dead') {
      metrics.dead.inc({ kind })
      log.error({ dedupKey, kind, attempts, reason: settlement.reason }, 'the helpdesk refused an operation')
    } else if (attempts === 1) {
      log.warn(
        { dedupKey, kind, state: settlement.state, reason: settlement.reason },
        'the helpdesk did not take an operation yet',
      )
    }
  }

  return {
    async start() {
      const doubtful = await store.doubtSending(nowMs(), helpdesk.caps.settleMs)
      if (doubtful > 0)
        log.warn({ operations: doubtful }, 'operations were being sent when the last run ended')
      isStarted = true
      wake()
    },
    wake,
    async expedite() {
      await store.expedite(
        helpdesk.caps.createIdempotency === 'native' ? ['retry', 'ambiguous'] : ['retry'],
        nowMs(),
      )
      wake()
    },
    async stop() {
      stopping.abort()
      clearTimeout(timer)
      await Promise.allSettled([looking, ...underWay.values()])
    },
  }
}

/** A failure of ours, not of the helpdesk: a stop, a database that failed; doubt is the safe side. A body that does not parse never will. */
function settlementOfFailure(err: unknown, nowMs: number): Settlement {
  const reason = err instanceof Error ? err.message : 'unknown failure'
  return err instanceof z.ZodError || err instanceof SyntaxError
    ? { state: 'dead', reason: `body-invalid: ${reason}` }
    : { state: 'ambiguous', dueAtMs: nowMs + storeFailurePauseMs, reason }
}
