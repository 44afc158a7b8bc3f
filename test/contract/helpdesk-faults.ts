import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { webMigrations } from '../../ingest/src/api/migrations.ts'
import { createDatabase, migrate } from '../../ingest/src/db/index.ts'
import { createDirectory, directoryMigrations, seedDemo } from '../../ingest/src/directory/index.ts'
import { crashPoints, dyingAt } from '../../ingest/src/issues/crash-fixture.ts'
import { createDirectoryFacts } from '../../ingest/src/issues/directory-facts.ts'
import { createDispatcher } from '../../ingest/src/issues/dispatcher.ts'
import { type ProxyFault, proxyFaults, startFaultProxy } from '../../ingest/src/issues/fault-proxy-fixture.ts'
import type { Helpdesk } from '../../ingest/src/issues/helpdesk.ts'
import { trackHealth } from '../../ingest/src/issues/helpdesk-health.ts'
import { createIssueDesk } from '../../ingest/src/issues/issue-desk.ts'
import { createIssueMetrics } from '../../ingest/src/issues/issue-metrics.ts'
import { lifeOf, until } from '../../ingest/src/issues/issue-stack-fixture.ts'
import { issueMigrations } from '../../ingest/src/issues/migrations.ts'
import { createOutboxStore, type OutboxStore } from '../../ingest/src/issues/outbox-store.ts'
import { createIssueContext } from '../../ingest/src/issues/trackers/issue-context.ts'
import type { IssueContext } from '../../ingest/src/issues/trackers/tracker.ts'
import { freshKey } from './helpdesk.ts'

/** Longer than the client waits for an answer, shorter than the settle time together with the handling. */
const quietTimes = { callTimeoutMs: 4_000, lateByMs: 5_000, settleMs: 12_000 }
/** A search at a tracker on a quiet machine (ms), and how far a busy one may stretch the times: only the long run has the time for it. */
const quietSearchMs = 600
const mostStretch = process.env.PROACTIVE_FULL === '1' ? 8 : 1

/** Times of one experiment (ms). */
export type ExperimentTimes = Readonly<typeof quietTimes>

/** Stretched where the machine is busy: a client that gives up before any answer can come only repeats itself. */
async function timesHere(
  search: () => Promise<unknown>,
): Promise<{ times: ExperimentTimes; stretch: number }> {
  // The first one pays for what the tracker loads only once.
  await search()
  const tookMs: number[] = []
  for (let n = 0; n < 5; n += 1) {
    const startedMs = performance.now()
    await search()
    tookMs.push(performance.now() - startedMs)
  }
  const medianMs = tookMs.sort((a, b) => a - b)[2] ?? quietSearchMs
  const stretch = Math.min(mostStretch, Math.max(1, medianMs / quietSearchMs))
  const { callTimeoutMs, lateByMs, settleMs } = quietTimes
  return {
    stretch,
    times: {
      callTimeoutMs: callTimeoutMs * stretch,
      lateByMs: lateByMs * stretch,
      settleMs: settleMs * stretch,
    },
  }
}

export interface FaultExperiment {
  readonly upstreamUrl: string
  /** The adapter against an address, with the times of the experiment. */
  helpdeskAt(url: string, context: IssueContext, times: ExperimentTimes): Helpdesk & { stop(): Promise<void> }
  /** Whether a request creates a ticket. */
  isCreate(method: string, path: string): boolean
  /** Whether a request tells a ticket something; its number. */
  toldTicket(method: string, path: string): number | undefined
  /** Numbers of all tickets with a key, asked of the tracker itself. */
  ticketsOf(key: string): Promise<number[]>
}

/** Database, directory and what hangs on them, for one experiment. */
async function startOutbox() {
  const folder = mkdtempSync(join(tmpdir(), 'proactive-faults-'))
  const nowMs = Date.now
  const database = await createDatabase({ dataDir: folder })
  await migrate(database, [...directoryMigrations, ...webMigrations, ...issueMigrations], nowMs)
  const directory = createDirectory({ database, nowMs })
  await seedDemo(directory)
  const store = createOutboxStore(database.db)
  return {
    database,
    directory,
    store,
    async isIdle() {
      const depth = await store.depth()
      return depth.pending + depth.sending + depth.retry + depth.ambiguous === 0
    },
    desk: (helpdesk: Helpdesk) =>
      createIssueDesk({
        db: database.db,
        helpdesk,
        facts: createDirectoryFacts({ db: database.db, directory }),
        projectIncident: async () => undefined,
        announceIncident: () => undefined,
        publish: () => undefined,
        registry: new Registry(),
        log: pino({ level: 'silent' }),
        nowMs,
        random: Math.random,
        coalesceMs: 100,
        policy,
        guards: {
          opensPerMinute: 6_000,
          burst: 1_000,
          maxOpenPerLocation: 10_000,
          fullLocationPauseMs: 1_000,
          maxOpensPerSubjectAndDay: 10_000,
        },
      }),
    async stop() {
      await database.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const policy = { firstPauseMs: 200, maxPauseMs: 2_000, giveUpAfterMs: 30 * 60_000 }

/**
 * A process of ours dies between every two steps of opening (and, with `steps` 3, of moving and closing); the next one goes on.
 * Answers how many tickets each key has in the end.
 */
export async function runCrashExperiment(
  steps: 1 | 2 | 3,
  helpdesk: Helpdesk,
  ticketsOf: (key: string) => Promise<number[]>,
): Promise<number[]> {
  const outbox = await startOutbox()
  try {
    const writer = outbox.desk(helpdesk)
    const counts: number[] = []
    for (const point of crashPoints) {
      const key = freshKey()
      const dispatcherOver = (over: { store: OutboxStore; helpdesk: Helpdesk }) =>
        createDispatcher({
          ...over,
          health: trackHealth(Date.now, () => undefined),
          metrics: createIssueMetrics(new Registry()),
          log: pino({ level: 'silent' }),
          nowMs: Date.now,
          random: Math.random,
          policy,
        })
      for (const step of lifeOf(key).slice(0, steps)) {
        await writer.projector.project(step)
        const dying = dyingAt(point, outbox.store, helpdesk)
        await dispatcherOver(dying).start()
        await dying.died
        const survivor = dispatcherOver({ store: outbox.store, helpdesk })
        await survivor.start()
        await until(outbox.isIdle, 120_000)
        await survivor.stop()
      }
      counts.push((await ticketsOf(key)).length)
    }
    return counts
  } finally {
    await outbox.stop()
  }
}

/**
 * Opens one incident per fault through a proxy that spoils its create, moves each (every third move spoiled too), and counts
 * tickets: facts of a real tracker were 42 tickets for 24 faults with naive retries, 28 with search and retry at once.
 */
export async function runFaultExperiment(
  faults: number,
  { upstreamUrl, helpdeskAt, isCreate, toldTicket, ticketsOf }: FaultExperiment,
) {
  const { times, stretch } = await timesHere(() => ticketsOf(freshKey()))
  const outbox = await startOutbox()
  const { database, directory } = outbox
  const proxy = await startFaultProxy(() => upstreamUrl, {
    lateByMs: times.lateByMs,
    nameOf: (method, url, body) => {
      const told = toldTicket(method, url)
      if (told !== undefined) return `tell ${told}`
      return isCreate(method, url)
        ? `create ${/px-test-[a-z2-7]{26}/.exec(body.toString())?.[0]}`
        : 'something else'
    },
  })
  const helpdesk = helpdeskAt(proxy.url, createIssueContext({ db: database.db, directory }), times)
  const desk = outbox.desk(helpdesk)
  try {
    await desk.start()
    const lives = Array.from({ length: faults }, () => lifeOf(freshKey()))
    const keys = lives.map(([opened]) => opened?.report.key ?? '')
    const moves = keys.filter((_key, index) => index % 3 === 2)
    for (const [index, key] of keys.entries()) {
      const fault: ProxyFault = proxyFaults[index % proxyFaults.length] ?? 'hang'
      proxy.planNamed(`create ${key}`, [fault])
    }
    const withinMs = (120_000 + faults * 15_000) * stretch
    for (const [opened] of lives) if (opened !== undefined) await desk.projector.project(opened)
    await until(outbox.isIdle, withinMs)
    for (const [index, key] of moves.entries()) {
      const [number] = await ticketsOf(key)
      if (number !== undefined)
        proxy.planNamed(`tell ${number}`, [proxyFaults[index % proxyFaults.length] ?? 'hang'])
    }
    for (const [, moved] of lives)
      if (moved !== undefined && moves.includes(moved.report.key)) await desk.projector.project(moved)
    await until(outbox.isIdle, withinMs)
    await proxy.lateOnesArrived()
    const swept = await desk.sweep()
    const ticketsByKey = new Map<string, number[]>()
    for (const key of keys) ticketsByKey.set(key, await ticketsOf(key))
    return {
      injected: proxy.injected(),
      dead: await desk.deadLetters(),
      swept,
      tickets: [...ticketsByKey.values()].flat().length,
      missing: keys.filter((key) => ticketsByKey.get(key)?.length === 0),
      doubled: keys.filter((key) => (ticketsByKey.get(key)?.length ?? 0) > 1),
    }
  } finally {
    await desk.stop()
    await helpdesk.stop()
    await proxy.stop()
    await outbox.stop()
  }
}
