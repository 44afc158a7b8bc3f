import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase, type Database, migrate } from '../db/index.ts'
import { createDispatcher } from './dispatcher.ts'
import type { Helpdesk, HelpdeskOutcome, RemoteIssue } from './helpdesk.ts'
import { trackHealth } from './helpdesk-health.ts'
import { createIssueMetrics } from './issue-metrics.ts'
import { keyOf, quickPolicy, until } from './issue-stack-fixture.ts'
import { issueMigrations } from './migrations.ts'
import { createOutboxStore } from './outbox-store.ts'
import type { IssueTables } from './tables.ts'

let folder: string
let database: Database
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'proactive-search-'))
  database = await createDatabase({ dataDir: folder })
  await migrate(database, issueMigrations, Date.now)
})
afterAll(async () => {
  await database.stop()
  rmSync(folder, { recursive: true, force: true })
})

const faults = ['none', 'lost-answer', 'never-arrived', 'late-arrival', 'refused-once'] as const
type Fault = (typeof faults)[number]

/** A tracker without idempotency, like most: every request that arrives makes a ticket. Late ones arrive within the settle time. */
function createTracker(settleMs: number, faultByKey: ReadonlyMap<string, Fault>) {
  const tickets: RemoteIssue[] = []
  const spoiled = new Set<string>()
  const onTheirWay: { readonly key: string; readonly atMs: number }[] = []
  /** A tracker is another machine: what is due has arrived there, however late our own process comes to look. */
  const takeIn = () => {
    while ((onTheirWay[0]?.atMs ?? Infinity) <= Date.now()) arrive(onTheirWay.shift()?.key ?? '')
  }
  const arrive = (key: string): HelpdeskOutcome<RemoteIssue> => {
    const number = tickets.length + 1
    const ticket: RemoteIssue = {
      key,
      id: `ticket-${number}`,
      number,
      status: 'Unclaimed',
      ownerTeamId: 'queue-1',
      isTouched: false,
      createdAtMs: Date.now(),
    }
    tickets.push(ticket)
    return { kind: 'ok', value: ticket }
  }
  const never = async (): Promise<never> => {
    throw new Error('not part of this test')
  }
  const helpdesk: Helpdesk = {
    caps: { createIdempotency: 'search', settleMs },
    preflight: async () => ({ ok: true }),
    async open(key) {
      const fault = spoiled.has(key) ? 'none' : faultByKey.get(key)
      spoiled.add(key)
      switch (fault) {
        case 'lost-answer':
          arrive(key)
          return { kind: 'ambiguous', reason: 'reset' }
        case 'late-arrival':
          onTheirWay.push({ key, atMs: Date.now() + settleMs / 2 })
          return { kind: 'ambiguous', reason: 'timeout' }
        case 'never-arrived':
          return { kind: 'ambiguous', reason: 'timeout' }
        case 'refused-once':
          return { kind: 'retry', afterMs: 10, reason: 'rate-limited', isUnreachable: false }
        default:
          return arrive(key)
      }
    },
    update: never,
    recover: never,
    findByKey: async (key) => {
      takeIn()
      return { kind: 'ok', value: tickets.filter((ticket) => ticket.key === key) }
    },
    changesSince: never,
  }
  return { helpdesk, tickets, onTheirWay }
}

describe('a provider that must be searched before an open is sent again', () => {
  it('holds one ticket for each of 25 opens, whatever happened to the first request', async () => {
    const keys = Array.from({ length: 25 }, (_, n) => keyOf(9_000 + n))
    const faultByKey = new Map(keys.map((key, n) => [key, faults[n % faults.length] ?? 'none']))
    const { helpdesk, tickets, onTheirWay } = createTracker(200, faultByKey)
    const db = database.db.withTables<IssueTables>()
    const nowMs = Date.now()
    await db
      .insertInto('issue_outbox')
      .values(
        keys.map((key) => ({
          key,
          op_seq: 1,
          kind: 'open' as const,
          body: JSON.stringify(anIssue),
          state: 'pending' as const,
          attempts: 0,
          due_at_ms: nowMs,
          created_at_ms: nowMs,
          updated_at_ms: nowMs,
          last_error: null,
        })),
      )
      .execute()
    const dispatcher = createDispatcher({
      store: createOutboxStore(database.db),
      helpdesk,
      health: trackHealth(Date.now, () => undefined),
      metrics: createIssueMetrics(new Registry()),
      log: pino({ level: 'silent' }),
      nowMs: Date.now,
      random: Math.random,
      policy: quickPolicy,
    })
    await dispatcher.start()
    const states = () => db.selectFrom('issue_outbox').select('state').execute()
    await until(async () => (await states()).every((row) => row.state === 'done'))
    await dispatcher.stop()
    expect(onTheirWay).toEqual([])
    expect(tickets.map((ticket) => ticket.key).sort()).toEqual([...keys].sort())
    const refs = await db.selectFrom('issue_refs').select(['key', 'issue_id']).execute()
    expect(new Map(refs.map((ref) => [ref.key, ref.issue_id]))).toEqual(
      new Map(tickets.map((ticket) => [ticket.key, ticket.id])),
    )
  })
})

const anIssue = {
  locationId: 'loc-1',
  name: 'Router unreachable',
  ownerTeamId: 'queue-1',
  collaboratorTeamIds: [],
  product: { kind: 'not-listed', name: 'router' },
  severity: 'high',
  categories: [],
  symptoms: '',
  diagnosis: '',
  articleUrls: [],
  proactive: { faultClass: 'router-down', affectedDeviceIds: [], startedAtMs: 1, evidenceUrl: '/x' },
}
