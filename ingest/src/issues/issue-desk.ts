import type { LiveEvent } from '@proactive/shared/http'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Db, Trx } from '../db/database.ts'
import type { IncidentReport } from '../faults/model.ts'
import type { IssueFacts } from './describe-issue.ts'
import { createDispatcher } from './dispatcher.ts'
import { createDuplicateSweep } from './duplicate-sweep.ts'
import type { Helpdesk } from './helpdesk.ts'
import { type HelpdeskHealth, trackHealth } from './helpdesk-health.ts'
import { createIssueMetrics } from './issue-metrics.ts'
import { createIssueMirror, type IssueMirror } from './issue-mirror.ts'
import type { RetryPolicy } from './judge-attempt.ts'
import { createOutboxStore, type DeadOperation, type OutboxDepth } from './outbox-store.ts'
import { createPrecisionLedger, type PrecisionLedger } from './precision-ledger.ts'
import { followPreflight } from './preflight.ts'
import { createIncidentProjector, type IncidentProjector } from './projector.ts'
import { dayMs, type StormGuards } from './storm-guards.ts'

export interface IssueDeskDependencies {
  readonly db: Db
  readonly helpdesk: Helpdesk
  readonly facts: IssueFacts
  readonly projectIncident: (trx: Trx, report: IncidentReport) => Promise<void>
  readonly announceIncident: (report: IncidentReport) => void
  readonly publish: (event: Extract<LiveEvent, { type: 'issue' }>) => void
  readonly registry: Registry
  readonly log: Logger
  readonly nowMs: () => number
  readonly random: () => number
  /** Least time between two notes on one Issue (ms): 300,000; 5,000 in the lab. */
  readonly coalesceMs: number
  readonly policy?: RetryPolicy
  readonly guards?: StormGuards
}

/** Everything between the fault core's incidents and the helpdesk's Issues, as one part to start and stop. */
export interface IssueDesk {
  readonly projector: IncidentProjector
  readonly mirror: Pick<IssueMirror, 'refsOf' | 'timesOf'>
  start(): Promise<void>
  stop(): Promise<void>
  /** How far each rule is trusted. */
  readonly ledger: Pick<PrecisionLedger, 'standings' | 'trust' | 'judge'>
  /** For the banner: whether the helpdesk answers, and since when. */
  health(): HelpdeskHealth
  /** What is set up wrongly at the helpdesk, one sentence each, as last looked at; empty = good or not looked at yet. */
  problems(): readonly string[]
  /** Looks at the helpdesk's set-up now; what is wrong, one sentence each. Rejects only where `signal` aborts. */
  look(signal: AbortSignal): Promise<readonly string[]>
  /** Looks for duplicates now; resolves with how many were merged. Runs by itself at the start and every hour. */
  sweep(): Promise<number>
  /** Operations the helpdesk refused for good, newest first. */
  deadLetters(limit?: number): Promise<DeadOperation[]>
  /** Sends a key's dead letters again; returns how many. */
  revive(key: string): Promise<number>
  /** Operations that wait, by state. */
  depth(): Promise<OutboxDepth>
  depthAt(locationId: string): Promise<{ readonly waiting: number; readonly dead: number }>
  /** Forgets what is old; runs by itself every hour. */
  trim(): Promise<void>
}

/**
 * How long a repeat of an old log output is still recognised, what was told is still shown, a refused operation can be sent again, and the
 * evidence of an Issue that is over is kept on our side.
 */
const keptMs = { effects: 30 * dayMs, done: 30 * dayMs, dead: 180 * dayMs, evidence: 90 * dayMs } as const
const trimEveryMs = 3_600_000

export function createIssueDesk(dependencies: IssueDeskDependencies): IssueDesk {
  const { db, helpdesk, facts, projectIncident, announceIncident } = dependencies
  const { publish, registry, log, nowMs, random, coalesceMs, policy, guards } = dependencies
  const metrics = createIssueMetrics(registry)
  metrics.reachable.set(1)
  const store = createOutboxStore(db)
  const health = trackHealth(nowMs, ({ isReachable, reason }) => {
    metrics.reachable.set(isReachable ? 1 : 0)
    if (!isReachable) {
      log.error({ reason }, 'the helpdesk is out of reach; Issues wait in the outbox')
      return
    }
    log.info('the helpdesk answers again')
    dispatcher.expedite().catch((err: unknown) => log.error({ err }, 'the outbox could not be hurried'))
  })
  const sweep = createDuplicateSweep({ store, helpdesk, metrics, log, nowMs })
  const preflight = followPreflight(helpdesk, (problems) => {
    metrics.preflightProblems.set(problems.length)
    for (const problem of problems) log.error({ problem }, 'the helpdesk is not set up for Proactive')
    if (problems.length === 0) log.info('the helpdesk is set up for Proactive')
  })
  const dispatcher = createDispatcher({
    store,
    onDoubtfulOpen: sweep.lookAgain,
    ...(guards === undefined ? {} : { guards }),
    helpdesk,
    health,
    metrics,
    log,
    nowMs,
    random,
    ...(policy === undefined ? {} : { policy }),
  })
  const ledger = createPrecisionLedger({
    db,
    nowMs,
    onChange: ({ faultClass, precision, isShadow }) => {
      metrics.shadowRules.set({ fault_class: faultClass }, isShadow ? 1 : 0)
      if (isShadow)
        log.error(
          { faultClass, precision },
          'too many Issues of this rule were none: it records and opens nothing until it is changed or trusted again',
        )
      else log.info({ faultClass, precision }, 'this rule opens Issues again')
    },
  })
  const mirror = createIssueMirror({ db, helpdesk, health, ledger, publish, log, nowMs })
  const projector = createIncidentProjector({
    db,
    facts,
    projectIncident,
    announceIncident,
    wake: dispatcher.wake,
    log,
    nowMs,
    unrouted: metrics.unrouted,
    coalesceMs,
    ledger,
  })
  let trimTimer: NodeJS.Timeout | undefined
  let isStopped = false

  async function trim(): Promise<void> {
    await ledger.trim()
    for (let went = 1; went > 0 && !isStopped; ) {
      const now = nowMs()
      const trimmed = await store.trim({
        effectsBeforeMs: now - keptMs.effects,
        doneBeforeMs: now - keptMs.done,
        deadBeforeMs: now - keptMs.dead,
        condenseBeforeMs: now - keptMs.evidence,
      })
      went = trimmed.effects + trimmed.done + trimmed.dead + trimmed.condensed
      if (trimmed.dead === 0) continue
      metrics.forgotten.inc(trimmed.dead)
      log.warn(
        { operations: trimmed.dead },
        'operations that nobody sent again for half a year were forgotten',
      )
    }
  }

  return {
    projector,
    mirror,
    ledger,
    async start() {
      await ledger.standings()
      await dispatcher.start()
      mirror.start()
      preflight.start()
      sweep.start()
      trimTimer = setInterval(() => {
        trim().catch((err: unknown) => log.error({ err }, 'old operations could not be trimmed'))
      }, trimEveryMs)
      trimTimer.unref()
    },
    async stop() {
      isStopped = true
      clearInterval(trimTimer)
      await Promise.all([dispatcher.stop(), mirror.stop(), preflight.stop(), sweep.stop()])
    },
    health: () => health.current(),
    problems: preflight.problems,
    look: preflight.look,
    sweep: sweep.run,
    deadLetters: (limit = 100) => store.deadLetters(limit),
    async revive(key) {
      const count = await store.revive(key, nowMs())
      dispatcher.wake()
      return count
    },
    depth: store.depth,
    depthAt: store.depthAt,
    trim,
  }
}
