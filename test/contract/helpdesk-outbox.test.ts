import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OpenIssue } from '@proactive/shared/http'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { webMigrations } from '../../ingest/src/api/migrations.ts'
import { createDatabase, type Database, migrate } from '../../ingest/src/db/index.ts'
import { directoryMigrations } from '../../ingest/src/directory/index.ts'
import { issueMigrations } from '../../ingest/src/issues/migrations.ts'
import { readKnownKey, writePlan } from '../../ingest/src/issues/operations.ts'
import { createOutboxStore, type OutboxStore } from '../../ingest/src/issues/outbox-store.ts'
import type { IssueTables, OperationRow } from '../../ingest/src/issues/tables.ts'
import { anIssue, freshKey } from './helpdesk.ts'
import { findPostgres, type PostgresServer, startPostgres } from './postgres-server.ts'

const nowMs = 1_700_000_000_000
const settleMs = 45_000

/** What the outbox keeps on both engines. */
function outboxContract(engine: string, open: () => Promise<Database>): void {
  describe(`the outbox on ${engine}`, () => {
    let database: Database
    let store: OutboxStore
    beforeEach(async () => {
      database = await open()
      await migrate(database, [...directoryMigrations, ...webMigrations, ...issueMigrations], () => nowMs)
      store = createOutboxStore(database.db)
    })
    afterEach(() => database.stop())

    const remote = (key: string, number: number) => ({
      key,
      id: `rt-${number}`,
      number,
      status: 'Unclaimed' as const,
      ownerTeamId: 'team-network',
      isTouched: false,
      createdAtMs: nowMs,
    })
    async function planOpen(key: string, locationId = 'loc-1', issue: OpenIssue = anIssue) {
      await database.db
        .withTables<IssueTables>()
        .transaction()
        .execute((trx) =>
          writePlan(
            trx,
            key,
            locationId,
            {
              changes: [
                { type: 'insert', opSeq: 1, kind: 'open', body: JSON.stringify(issue), dueAtMs: nowMs },
              ],
              told: issue,
              lastNoteAtMs: nowMs,
            },
            nowMs,
          ),
        )
    }
    const claimOne = async () => {
      const [operation] = await store.due(nowMs, 1, new Set())
      return operation === undefined ? undefined : store.claim(operation, nowMs)
    }

    it('doubts what was being sent after a start: an open when nothing can arrive any more, the rest at once', async () => {
      const key = freshKey()
      await planOpen(key)
      await claimOne()
      expect(await store.doubtSending(nowMs + 1_000, settleMs)).toBe(1)
      expect(await store.nextDueAtMs(new Set())).toBe(nowMs + settleMs)
      expect(await store.due(nowMs + settleMs - 1, 10, new Set())).toEqual([])
      expect(await store.due(nowMs + settleMs, 10, new Set())).toMatchObject([{ key, state: 'ambiguous' }])
    })

    it('gives an operation to one of two', async () => {
      await planOpen(freshKey())
      const [operation] = await store.due(nowMs, 1, new Set())
      if (operation === undefined) throw new Error('nothing is due')
      const claims = await Promise.all([store.claim(operation, nowMs), store.claim(operation, nowMs)])
      expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1)
    })

    it('puts off without an attempt, so that what was never sent may still be rewritten', async () => {
      const key = freshKey()
      await planOpen(key)
      const [operation] = await store.due(nowMs, 1, new Set())
      if (operation === undefined) throw new Error('nothing is due')
      await store.postpone(operation, nowMs + 500, 'storm-guard')
      expect(await store.due(nowMs, 1, new Set())).toEqual([])
      expect(await store.due(nowMs + 500, 1, new Set())).toMatchObject([
        { key, attempts: 0, state: 'pending' },
      ])
    })

    it('counts what is open, or on its way, at the Location only', async () => {
      const [open1, under, other, asked] = [freshKey(), freshKey(), freshKey(), freshKey()]
      for (const key of [open1, under, asked]) await planOpen(key)
      await planOpen(other, 'loc-2')
      for (const key of [open1, other])
        await store.settle({ key, op_seq: 1 }, { state: 'done', remote: remote(key, 1) }, nowMs)
      expect(await store.countOpenBeside(asked, new Set())).toBe(1)
      expect(await store.countOpenBeside(asked, new Set([under, other]))).toBe(2)
    })

    it('names the keys to sweep in pages: open ones, and what changed lately', async () => {
      const keys = Array.from({ length: 5 }, freshKey).sort()
      for (const [index, key] of keys.entries()) {
        await planOpen(key)
        const status = index === 0 ? ('Resolved' as const) : ('Unclaimed' as const)
        await store.settle(
          { key, op_seq: 1 },
          { state: 'done', remote: { ...remote(key, index + 1), status } },
          nowMs,
        )
      }
      expect(await store.keysToSweep(nowMs + 1, '', 3)).toEqual(keys.slice(1, 4))
      expect(await store.keysToSweep(nowMs + 1, keys[3] ?? '', 3)).toEqual(keys.slice(4))
      expect(await store.keysToSweep(nowMs, '', 10)).toEqual(keys)
    })

    it('trims what is done and old, and goes on behind its number; what waits and what was refused stays', async () => {
      const [told, waits, refused] = [freshKey(), freshKey(), freshKey()]
      for (const key of [told, waits, refused]) await planOpen(key)
      const [, , ...rest] = await store.due(nowMs, 3, new Set())
      for (const key of [told, refused]) {
        const operation = { key, op_seq: 1, state: 'pending', attempts: 0 } as OperationRow
        await store.claim(operation, nowMs)
      }
      expect(rest).toHaveLength(1)
      await store.settle({ key: told, op_seq: 1 }, { state: 'done', remote: remote(told, 1) }, nowMs)
      await store.settle({ key: refused, op_seq: 1 }, { state: 'dead', reason: 'no queue' }, nowMs)
      const none = { effectsBeforeMs: 0, doneBeforeMs: 0, deadBeforeMs: 0, condenseBeforeMs: 0 }
      expect(await store.trim({ ...none, doneBeforeMs: nowMs })).toMatchObject({ done: 0 })
      expect(await store.trim({ ...none, doneBeforeMs: nowMs + 1 })).toMatchObject({
        effects: 0,
        done: 1,
        dead: 0,
      })
      const trx = database.db.withTables<IssueTables>()
      const known = (key: string) => trx.transaction().execute((inner) => readKnownKey(inner, key))
      expect(await known(told)).toMatchObject({ nextSeq: 2, isRecoveryPlanned: false, tail: undefined })
      expect(await store.depth()).toMatchObject({ pending: 1, dead: 1 })
      expect(await store.depthAt('loc-1')).toEqual({ waiting: 1, dead: 1 })
      expect(await store.depthAt('loc-2')).toEqual({ waiting: 0, dead: 0 })
      expect(await store.deadLetters(10)).toMatchObject([{ key: refused, location_id: 'loc-1' }])
      expect(await store.trim({ ...none, deadBeforeMs: nowMs + 1 })).toMatchObject({ dead: 1 })
      expect(await known(refused)).toMatchObject({ nextSeq: 2 })
    })

    it('keeps of what is long over what a late repeat needs, and not the evidence', async () => {
      const trx = database.db.withTables<IssueTables>()
      const [over, open, recoveryWaits, reopened] = Array.from({ length: 4 }, freshKey) as [
        string,
        string,
        string,
        string,
      ]
      const evidence = {
        ...anIssue,
        diagnosis: 'It answers nothing. '.repeat(80),
        articleUrls: ['https://kb.example/router'],
      }
      for (const key of [over, open, recoveryWaits, reopened]) {
        await planOpen(key, 'loc-1', evidence)
        const status = key === open || key === reopened ? ('Unclaimed' as const) : ('Resolved' as const)
        await store.settle(
          { key, op_seq: 1 },
          { state: 'done', remote: { ...remote(key, 1), status } },
          nowMs,
        )
      }
      const recover = { type: 'insert', opSeq: 2, kind: 'recover', body: '{}', dueAtMs: nowMs } as const
      const plan = { changes: [recover], told: undefined, lastNoteAtMs: nowMs }
      for (const key of [over, recoveryWaits, reopened])
        await trx.transaction().execute((inner) => writePlan(inner, key, 'loc-1', plan, nowMs))
      for (const key of [over, reopened])
        await trx
          .updateTable('issue_outbox')
          .set({ state: 'done' })
          .where('key', '=', key)
          .where('op_seq', '=', 2)
          .execute()
      const laterMs = nowMs + 1
      const limits = { effectsBeforeMs: 0, doneBeforeMs: laterMs, deadBeforeMs: 0, condenseBeforeMs: laterMs }
      await store.trim(limits)
      expect(await store.trim(limits)).toMatchObject({ condensed: 1 })
      expect(await store.trim(limits)).toMatchObject({ condensed: 0 })
      const known = (key: string) => trx.transaction().execute((inner) => readKnownKey(inner, key))
      for (const key of [open, recoveryWaits, reopened])
        expect(await known(key)).toMatchObject({ isCondensed: false, told: evidence })
      const tombstone = await known(over)
      expect(tombstone).toMatchObject({ isCondensed: true, isRecoveryPlanned: true, nextSeq: 3 })
      const row = await trx
        .selectFrom('issue_keys')
        .selectAll()
        .where('key', '=', over)
        .executeTakeFirstOrThrow()
      expect(JSON.stringify(row).length).toBeLessThan(1_000)
      expect(JSON.stringify(row)).not.toContain('answers nothing')
    })

    it('tells when a device that came back too often may have its next Issue', async () => {
      const keys = Array.from({ length: 3 }, freshKey)
      for (const key of keys) await planOpen(key)
      const [first, second, asked] = keys as [string, string, string]
      const beyond = (most: number, sinceMs = nowMs - 1) =>
        store.oldestBeyond(asked, new Set([second]), sinceMs, most)
      expect(await beyond(1)).toBe(nowMs)
      expect(await beyond(2)).toBeUndefined()
      await store.settle({ key: first, op_seq: 1 }, { state: 'done', remote: remote(first, 1) }, nowMs)
      expect(await beyond(2)).toBe(nowMs)
      expect(await beyond(3)).toBeUndefined()
      expect(await beyond(2, nowMs)).toBeUndefined()
    })
  })
}

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})
outboxContract('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'proactive-outbox-'))
  folders.push(folder)
  return createDatabase({ dataDir: folder })
})

const bin = findPostgres()
if (bin === undefined) {
  describe.skip('the outbox on PostgreSQL (no server here: npm run setup -- --tests)', () => {
    it('runs the contract', () => undefined)
  })
} else {
  let server: PostgresServer
  let count = 0
  beforeAll(async () => {
    server = await startPostgres(bin)
  }, 60_000)
  afterAll(() => server.stop())
  outboxContract('PostgreSQL', async () => {
    count += 1
    return createDatabase({ dataDir: '', postgresUrl: await server.createDatabase(`outbox_${count}`) })
  })
}
