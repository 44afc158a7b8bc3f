import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase, type Database, migrate } from '../db/index.ts'
import { createDispatcher } from './dispatcher.ts'
import type { Helpdesk, RemoteIssue } from './helpdesk.ts'
import { trackHealth } from './helpdesk-health.ts'
import { createIssueMetrics } from './issue-metrics.ts'
import { keyOf, quickPolicy, until } from './issue-stack-fixture.ts'
import { issueMigrations } from './migrations.ts'
import { OutboxMovedError, writePlan } from './operations.ts'
import { createOutboxStore } from './outbox-store.ts'
import type { IssueTables, OperationState } from './tables.ts'

let folder: string
let database: Database
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'proactive-dispatcher-'))
  database = await createDatabase({ dataDir: folder })
  await migrate(database, issueMigrations, Date.now)
})
afterAll(async () => {
  await database.stop()
  rmSync(folder, { recursive: true, force: true })
})

const tables = () => database.db.withTables<IssueTables>()

async function insertOpen(key: string, state: OperationState): Promise<void> {
  const nowMs = Date.now()
  const body = {
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
  await tables()
    .insertInto('issue_outbox')
    .values({
      ...{ key, op_seq: 1, kind: 'open', body: JSON.stringify(body), state, attempts: 0, last_error: null },
      ...{ due_at_ms: nowMs, created_at_ms: nowMs, updated_at_ms: nowMs },
    })
    .execute()
}

const stateOf = async (key: string) =>
  (await tables().selectFrom('issue_outbox').select('state').where('key', '=', key).executeTakeFirst())?.state

describe('an outbox whose own database fails for a moment', () => {
  it('writes down how a request ended as soon as it can, so that its key goes on without a restart', async () => {
    const key = keyOf(1)
    await insertOpen(key, 'pending')
    const store = createOutboxStore(database.db)
    let failuresLeft = 2
    const ticket: RemoteIssue = {
      ...{ key, id: 'ticket-1', number: 1, status: 'Unclaimed', ownerTeamId: 'queue-1' },
      ...{ isTouched: false, createdAtMs: Date.now() },
    }
    const opened: string[] = []
    const never = async (): Promise<never> => {
      throw new Error('not part of this test')
    }
    const helpdesk: Helpdesk = {
      caps: { createIdempotency: 'native', settleMs: 0 },
      preflight: async () => ({ ok: true }),
      open: async (asked) => {
        opened.push(asked)
        return { kind: 'ok', value: ticket }
      },
      ...{ update: never, recover: never, findByKey: never, changesSince: never },
    }
    const dispatcher = createDispatcher({
      store: {
        ...store,
        settle: async (...settlement) => {
          if (failuresLeft-- > 0) throw new Error('database is locked')
          await store.settle(...settlement)
        },
      },
      helpdesk,
      health: trackHealth(Date.now, () => undefined),
      metrics: createIssueMetrics(new Registry()),
      log: pino({ level: 'silent' }),
      nowMs: Date.now,
      random: Math.random,
      policy: quickPolicy,
    })
    await dispatcher.start()
    await until(async () => (await stateOf(key)) === 'done')
    await dispatcher.stop()
    // Told twice with one key: the helpdesk takes the second for the first.
    expect(opened).toEqual([key, key])
  })
})

describe('a plan that rewrites an operation which left in the meantime', () => {
  it('is not written, so that the change is planned anew and told', async () => {
    const key = keyOf(2)
    await insertOpen(key, 'sending')
    const plan = {
      changes: [{ type: 'replace', opSeq: 1, body: '{}', dueAtMs: 0 }],
      told: undefined,
      lastNoteAtMs: 0,
    } as const
    const written = tables()
      .transaction()
      .execute((trx) => writePlan(trx, key, 'loc-1', plan, Date.now()))
    await expect(written).rejects.toThrow(OutboxMovedError)
  })
})
