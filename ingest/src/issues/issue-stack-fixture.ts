import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { dedupKey } from '@proactive/shared'
import {
  type Issue,
  issueChangesSchema,
  issueDetailSchema,
  type LiveEvent,
  type Team,
} from '@proactive/shared/http'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { createActorTokens } from '../api/actor-tokens.ts'
import { webMigrations } from '../api/migrations.ts'
import { createDatabase, migrate } from '../db/index.ts'
import { createDirectory, createDirectoryFeed, directoryMigrations, seedDemo } from '../directory/index.ts'
import type { IncidentReport } from '../faults/model.ts'
import { createDirectoryFacts } from './directory-facts.ts'
import { createEmbeddedHelpdesk } from './embedded-helpdesk.ts'
import { createIssueDesk, type IssueDeskDependencies } from './issue-desk.ts'
import type { RetryPolicy } from './judge-attempt.ts'
import { issueMigrations } from './migrations.ts'
import type { IncidentEffect } from './plan-operations.ts'
import { defaultGuards, type StormGuards } from './storm-guards.ts'

const helpdeskMain = new URL('../../../helpdesk/src/main.ts', import.meta.url).pathname
export const locationId = 'loc-cornerstone'
const startedAtMs = 1_700_000_000_000

/** Short pauses, so that a test of many faults ends soon; the same rules. */
export const quickPolicy: RetryPolicy = { firstPauseMs: 20, maxPauseMs: 200, giveUpAfterMs: 60_000 }

/** All incidents of these tests are of one device: what holds a flapping one back has tests of its own. */
export const manyOpens: StormGuards = { ...defaultGuards, maxOpensPerSubjectAndDay: 10_000 }

/** Key number n. */
export function keyOf(n: number): string {
  return dedupKey({
    env: 'test',
    scope: locationId,
    rootId: 'dev-router',
    faultClass: 'router-down',
    origin: { from: 'ingest', partition: 'p00', offset: n },
  })
}

/** An incident's report for tests; a dead router unless told otherwise. */
export function report(key: string, changed: Partial<IncidentReport> = {}): IncidentReport {
  return {
    key,
    locationId,
    faultClass: 'router-down',
    severity: 'critical',
    state: 'open',
    rootDeviceId: 'dev-router',
    rootRole: 'router',
    headline: 'Router unreachable; 1 terminal affected, not at fault',
    symptoms: 'Card payments fail.',
    diagnosis: 'The router answers neither ARP nor ICMP.',
    affectedDeviceIds: ['dev-pos-1'],
    startedAtMs,
    openedAtMs: startedAtMs + 5_000,
    reasons: [{ atMs: startedAtMs, text: 'Router fell silent.' }],
    ...changed,
  }
}

export function effect(
  change: IncidentEffect['change'],
  key: string,
  changed: Partial<IncidentReport> = {},
): IncidentEffect {
  return { type: 'incident', change, report: report(key, changed) }
}

/** The same incident's whole life: opened on the router, moved to the terminal's Team, over. */
export function lifeOf(key: string): IncidentEffect[] {
  const moved = {
    faultClass: 'pos-down',
    rootDeviceId: 'dev-pos-1',
    rootRole: 'pos-terminal',
    diagnosis: 'The terminal itself is off.',
  } as const
  const clearedAtMs = startedAtMs + 60_000
  return [
    effect('opened', key),
    effect('moved', key, moved),
    effect('closed', key, { ...moved, state: 'closed', clearedAtMs, closedAtMs: clearedAtMs + 20_000 }),
  ]
}

/** Real directory, real database, real helpdesk process; what a test varies is how the desk reaches it. */
export async function startIssueStack() {
  const folder = mkdtempSync(join(tmpdir(), 'proactive-issues-'))
  const log = pino({ level: 'silent' })
  const nowMs = Date.now
  const database = await createDatabase({ dataDir: folder })
  await migrate(database, [...directoryMigrations, ...webMigrations, ...issueMigrations], nowMs)
  const directory = createDirectory({ database, nowMs })
  await seedDemo(directory)
  const tokens = createActorTokens({ dataDir: folder, nowMs })
  let child: ChildProcess | undefined
  let helpdeskUrl = ''

  async function startHelpdesk(): Promise<void> {
    child = spawn(process.execPath, [helpdeskMain, 'run'], {
      env: {
        PATH: process.env.PATH,
        PROACTIVE_DATA: join(folder, 'helpdesk'),
        PROACTIVE_HELPDESK_PORT: helpdeskUrl === '' ? '0' : new URL(helpdeskUrl).port,
        PROACTIVE_ACTOR_PUBLIC_KEY_FILE: tokens.publicKeyFile,
        PROACTIVE_LOG_LEVEL: 'error',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    if (child.stdout === null) throw new Error('the helpdesk has no stdout')
    const [line] = await once(createInterface(child.stdout), 'line')
    helpdeskUrl = String(JSON.parse(String(line)).url)
  }

  async function killHelpdesk(): Promise<void> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  async function feedDirectory(): Promise<void> {
    const caughtUp = Promise.withResolvers<void>()
    const feed = createDirectoryFeed({
      changes: directory.changes,
      journal: directory.journal,
      helpdeskUrl,
      token: () => tokens.sign('service'),
      onState: (state) => {
        if (state.isCaughtUp) caughtUp.resolve()
      },
    })
    feed.start()
    await caughtUp.promise
    await feed.stop()
  }

  await startHelpdesk()
  await feedDirectory()
  const tokenSource = { serviceToken: () => tokens.sign('service') }
  const call = async (path: string, token: string, method = 'GET', body?: unknown) => {
    const answer = await fetch(new URL(path, helpdeskUrl), {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    })
    return { status: answer.status, body: (await answer.json()) as unknown }
  }
  const person = (name: 'network' | 'pos') => {
    const email = name === 'network' ? 'network-agent@northwind.example' : 'pos-agent@tillwise.example'
    return tokens.sign({
      userId: `user-${name}-agent`,
      name,
      email,
      role: 'agent',
      organizationId: name === 'network' ? 'org-northwind' : 'org-tillwise',
      organizationName: name,
      teamIds: [`team-${name}`],
      isOperator: false,
    })
  }

  return {
    db: database.db,
    log,
    nowMs,
    folder,
    facts: createDirectoryFacts({ db: database.db, directory }),
    helpdeskUrl: () => helpdeskUrl,
    helpdeskAt: (url: string, callTimeoutMs = 300) =>
      createEmbeddedHelpdesk({ url, tokens: tokenSource, callTimeoutMs }),
    /** A desk over this stack; `changed` replaces what the test is about. */
    desk(changed: Pick<IssueDeskDependencies, 'helpdesk'> & Partial<IssueDeskDependencies>) {
      const events: Extract<LiveEvent, { type: 'issue' }>[] = []
      const desk = createIssueDesk({
        db: database.db,
        facts: createDirectoryFacts({ db: database.db, directory }),
        projectIncident: async () => undefined,
        announceIncident: () => undefined,
        publish: (event) => events.push(event),
        registry: new Registry(),
        log,
        nowMs,
        random: Math.random,
        coalesceMs: 100,
        policy: quickPolicy,
        guards: manyOpens,
        ...changed,
      })
      return { ...desk, events }
    },
    startHelpdesk,
    killHelpdesk,
    /** Puts a Team into the directory and tells the helpdesk. */
    async addTeam(team: Team) {
      await directory.people.putTeam(team)
      await feedDirectory()
    },
    person,
    call,
    /** Every Issue that the helpdesk holds. */
    async issues(): Promise<Issue[]> {
      const { body } = await call('/api/issues/changes?limit=200', tokens.sign('service'))
      return issueChangesSchema.parse(body).items
    },
    async entries(issueId: string, as: 'network' | 'pos' = 'pos'): Promise<string[]> {
      const { body } = await call(`/api/issues/${issueId}`, person(as))
      return issueDetailSchema.parse(body).entries.map((entry) => entry.body)
    },
    async stop() {
      await killHelpdesk()
      await database.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
export type IssueStack = Awaited<ReturnType<typeof startIssueStack>>

/** Waits until the condition holds; looks again every few milliseconds, for things that no event tells. */
export async function until(condition: () => Promise<boolean> | boolean, withinMs = 30_000): Promise<void> {
  const deadline = Date.now() + withinMs
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`did not become true within ${withinMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
