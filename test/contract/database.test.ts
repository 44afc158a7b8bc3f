import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createLogInTries } from '../../ingest/src/api/log-in-tries.ts'
import { createDatabase, type Database, migrate, sql } from '../../ingest/src/db/index.ts'
import { createDirectory, type Directory, seedDemo } from '../../ingest/src/directory/index.ts'
import { createPasswords } from '../../ingest/src/directory/passwords.ts'
import type { IncidentReport } from '../../ingest/src/faults/model.ts'
import { viewOf } from '../../ingest/src/api/web-under-test.ts'
import { createChanges, createViewFollower } from '../../ingest/src/history/index.ts'
import { readTraits } from '../../ingest/src/history/traits.ts'
import { createInterfaces } from '../../ingest/src/interfaces/interfaces.ts'
import { createMerchantLinks } from '../../ingest/src/merchant/links.ts'
import { queueIncident } from '../../ingest/src/notify/queue.ts'
import { createSender } from '../../ingest/src/notify/sender.ts'
import { trimNotifications } from '../../ingest/src/notify/trim.ts'
import { allMigrations } from '../../ingest/src/schema.ts'
import { createUsual } from '../../ingest/src/usual/usual.ts'
import { findPostgres, type PostgresServer, startPostgres } from './postgres-server.ts'

const migrations = allMigrations
const now = 1_700_000_000_000

/** What both engines must do alike; `open` gives a fresh, empty database. */
function databaseContract(engine: string, open: () => Promise<Database>): void {
  describe(`relational store on ${engine}`, () => {
    let database: Database
    let directory: Directory
    beforeEach(async () => {
      database = await open()
      await migrate(database, migrations, () => now)
      directory = createDirectory({
        database,
        nowMs: () => now,
        passwords: createPasswords({ N: 2 ** 10, r: 8, p: 1 }),
      })
    })
    afterEach(() => database.stop())

    it('migrates once, however often and from however many sides it is asked', async () => {
      const fresh = await open()
      const runs = await Promise.all([1, 2, 3].map(() => migrate(fresh, migrations, () => now)))
      expect(runs.flat().sort()).toEqual(migrations.map((migration) => migration.name).sort())
      expect(await migrate(fresh, migrations, () => now)).toEqual([])
      await fresh.stop()
    })

    it('leaves nothing of a migration that fails midway', async () => {
      const broken = {
        name: 'test-0001-broken',
        up: async (trx: Parameters<(typeof migrations)[number]['up']>[0]) => {
          await trx.schema.createTable('half_done').addColumn('id', 'text').execute()
          throw new Error('midway')
        },
      }
      await expect(migrate(database, [...migrations, broken], () => now)).rejects.toThrow('midway')
      await expect(sql`select * from half_done`.execute(database.db)).rejects.toThrow()
    })

    it('refuses a database of a newer version in one sentence', async () => {
      await expect(migrate(database, migrations.slice(0, -1), () => now)).rejects.toThrow(
        /start the version that wrote it/,
      )
    })

    it('brings up a database of before: what a fault of many Locations accounted for is found by its key', async () => {
      const older = await open()
      const name = 'web-0005-incidents-by-parent'
      await migrate(
        older,
        migrations.slice(
          0,
          migrations.findIndex((step) => step.name === name),
        ),
        () => now,
      )
      const row = (key: string, report: object) => ({
        key,
        location_id: 'loc-1',
        state: 'closed',
        opened_at_ms: now,
        closed_at_ms: now,
        report: JSON.stringify(report),
      })
      const held = Array.from({ length: 501 }, (_, n) => row(`held-${n}`, { parentKey: 'many-1' }))
      const text = row('free', { headline: 'says "parentKey":"many-1" in its words' })
      await older.db
        .insertInto('incidents')
        .values([...held, text, row('plain', {})])
        .execute()
      await migrate(older, migrations, () => now)
      const found = older.db.selectFrom('incidents').select('key').where('parent_key', '=', 'many-1')
      const keys = (await found.execute()).map(({ key }) => key)
      expect(keys.sort()).toEqual(held.map(({ key }) => key).sort())
      if (engine === 'SQLite') {
        const [plan] = await found.explain<{ detail: string }>(undefined, sql`query plan`)
        expect(plan?.detail).toContain('incidents_by_parent')
      }
      await older.stop()
    })

    it('keeps what changed, by what devices are known, their ports and what is usual; a repeat changes nothing', async () => {
      const { db } = database
      const changes = createChanges({ db })
      const locationId = 'loc-1'
      const change = { type: 'device-restarted', deviceId: 'dev-pos-1' } as const
      for (const id of ['a', 'b', 'b']) await changes.keep(locationId, { id, atMs: now, change })
      const query = { device: 'dev-pos-1', fromMs: now, limit: 1 }
      const page = await changes.page(locationId, query)
      expect(page.items).toEqual([{ id: 'b', atMs: now, change }])
      const older = await changes.page(locationId, { ...query, cursor: page.nextCursor ?? '' })
      expect(older).toMatchObject({ items: [{ id: 'a' }], nextCursor: null })
      const follow = createViewFollower({ changes, nowMs: () => now })
      const view = viewOf(locationId)
      const gone = { ...view, devices: [], lastSeenMs: now + 1 }
      for (const next of [view, view, gone, view])
        await db.transaction().execute((trx) => follow(trx, undefined, next))
      expect(await readTraits(db, locationId, 'dev-pos-1')).toMatchObject([
        { kind: 'ip', firstSeenMs: now, lastSeenMs: null },
        { kind: 'mac', firstSeenMs: now, lastSeenMs: null },
      ])
      const interfaces = createInterfaces({ db, latest: async () => [], onReadFailure: () => undefined })
      const port = { alias: 1, id: 'sw_if1', deviceId: 'sw', index: 1, name: 'ge1' }
      for (const atMs of [now, now, now - 1]) await interfaces.keep(locationId, [port], atMs)
      expect(await interfaces.list(locationId, 'sw')).toMatchObject([{ id: 'sw_if1', isUp: null }])
      const usual = createUsual({ db })
      for (const atMs of [now, now - 1]) await usual.keep({ locationId, atMs, paths: [] })
      expect(await usual.read(locationId)).toEqual({ items: [], atMs: now })
    })

    it('reads milliseconds and counts as numbers', async () => {
      await seedDemo(directory)
      expect(await directory.changes.newest()).toBeTypeOf('number')
      expect((await directory.changes.after(0, 1))[0]?.cursor).toBe(1)
      await directory.appliances.register({
        applianceId: 'box-1',
        locationId: 'loc-cornerstone',
        certificateNotAfterMs: 1_800_000_000_000,
      })
      expect(await directory.appliances.get('box-1')).toEqual({
        id: 'box-1',
        locationId: 'loc-cornerstone',
        claimedAtMs: now,
        certificateNotAfterMs: 1_800_000_000_000,
      })
    })

    it('undoes a transaction that fails, the change feed too', async () => {
      const before = await directory.changes.newest()
      const failing = directory.journal.write(async ({ trx, record }) => {
        await trx.insertInto('organizations').values({ id: 'org-x', name: 'X', is_operator: 0 }).execute()
        await record({ type: 'organization', value: { id: 'org-x', name: 'X' } })
        throw new Error('midway')
      })
      await expect(failing).rejects.toThrow('midway')
      expect(await directory.people.organizations()).toEqual([])
      expect(await directory.changes.newest()).toBe(before)
    })

    it('holds foreign keys', async () => {
      const orphan = database.db
        .insertInto('teams')
        .values({ id: 'team-x', organization_id: 'org-nowhere', name: 'X', line: 1 })
      await expect(orphan.execute()).rejects.toThrow()
    })

    it('numbers changes without a gap or a repeat, also when many write at once', async () => {
      const ids = Array.from({ length: 30 }, (_, index) => `org-${String(index).padStart(2, '0')}`)
      await Promise.all(ids.map((id) => directory.people.putOrganization({ id, name: id })))
      const changes = await directory.changes.after(0, 100)
      expect(changes.map((change) => change.cursor)).toEqual(ids.map((_, index) => index + 1))
      expect(await directory.changes.after(28, 100)).toHaveLength(2)
    })

    it('makes one Customer of a number, whoever asks first', async () => {
      const asked = await Promise.all(
        [1, 2, 3, 4].map((n) =>
          directory.places.ensureCustomer({ id: `cust-${n}`, name: `Name ${n}`, number: '+49 30 1' }),
        ),
      )
      expect(new Set(asked.map((customer) => customer.id)).size).toBe(1)
    })

    it('gives a claim token to one of many who present it at once', async () => {
      await seedDemo(directory)
      const { token } = await directory.claims.issue('loc-cornerstone', 'user-technician')
      const results = await Promise.all(
        [1, 2, 3, 4, 5].map((n) => directory.claims.consume(token, `box-${n}`)),
      )
      expect(results.filter((result) => result !== undefined)).toEqual([{ locationId: 'loc-cornerstone' }])
      const winner = results.findIndex((result) => result !== undefined) + 1
      expect(await directory.claims.consume(token, `box-${winner}`)).toEqual({
        locationId: 'loc-cornerstone',
      })
      const stranger = winner === 1 ? 'box-2' : 'box-1'
      expect(await directory.claims.consume(token, stranger)).toBeUndefined()
    })

    it('keeps planned work, silences and hours, and tells the fault core what is in force', async () => {
      await seedDemo(directory)
      const { plannedWork, places, configs } = directory
      const [locationId] = await places.locationIdsOf('org-proactive-operations')
      if (locationId === undefined) throw new Error('the demo has no Location')
      const schedule = { kind: 'once', fromMs: now, toMs: now + 60_000 } as const
      const work = await plannedWork.plan(locationId, { schedule, note: 'new switch' }, 'user-1')
      const quiet = await plannedWork.silence(
        locationId,
        { untilMs: now + 60_000, faultClass: 'pos-down', note: '' },
        'user-1',
      )
      expect([work.isActive, work.activeToMs, quiet.isActive]).toEqual([true, now + 60_000, true])
      await places.setHours(locationId, {
        timeZone: 'Europe/Madrid',
        calendar: { openings: [{ weekday: 1, from: '09:00', to: '21:00' }], holidays: ['2026-12-25'] },
      })
      expect(await configs.get(locationId)).toMatchObject({
        timeZone: 'Europe/Madrid',
        calendar: { holidays: ['2026-12-25'] },
        maintenance: [{ id: work.id, schedule }],
        silences: [{ id: quiet.id, faultClass: 'pos-down' }],
      })
      await plannedWork.endWindow(locationId, work.id)
      await plannedWork.endSilence(locationId, quiet.id)
      expect(await plannedWork.windows(locationId)).toMatchObject([{ id: work.id, endedAtMs: now }])
      const config = await configs.get(locationId)
      expect([config?.maintenance, config?.silences]).toEqual([undefined, undefined])
      await expect(plannedWork.endWindow('loc-other', work.id)).rejects.toThrow('no such Location')
    })

    it('evaluates 20 tries of many at once', async () => {
      const tries = createLogInTries(database, () => now)
      const reserved = await Promise.all(
        Array.from({ length: 30 }, (_, index) => tries.reserve(`192.0.2.${index}`, 'a@b.example')),
      )
      expect(reserved.filter(Boolean)).toHaveLength(20)
    })

    it('takes five reports an hour through a link, side by side', async () => {
      await seedDemo(directory)
      const links = createMerchantLinks(database, () => now)
      const place = {
        locationId: 'loc-cornerstone',
        organizationId: 'org-tillwise',
        userId: 'user-pos-agent',
      }
      const { link, token } = await links.make(place)
      expect(await links.find(token)).toMatchObject({ id: link.id })
      const taken = await Promise.all(Array.from({ length: 9 }, () => links.takeReport(link.id, 'problem')))
      expect(taken.filter((id) => id !== undefined)).toHaveLength(5)
      expect(await links.reportsLeft(link.id)).toBe(0)
      expect(await links.revoke(place.locationId, place.organizationId, link.id)).toBe(true)
      expect(await links.find(token)).toBeUndefined()
    })

    it('queues a message for a channel once, whatever is repeated', async () => {
      await seedDemo(directory)
      const channel = {
        id: 'chan-1',
        organization_id: 'org-tillwise',
        name: 'Desk',
        kind: 'webhook',
        target: '',
        secret: null,
        min_severity: 'low',
        location_ids: null,
        tells_recovery: 1,
        is_active: 1,
        created_at_ms: now,
      }
      await database.db.insertInto('channels').values(channel).execute()
      const report: IncidentReport = {
        key: 'px-test-aaaaaaaaaaaaaaaaaaaaaaaaaa',
        locationId: 'loc-cornerstone',
        faultClass: 'router-down',
        severity: 'critical',
        state: 'open',
        rootRole: 'router',
        headline: 'Router unreachable',
        symptoms: '',
        diagnosis: '',
        affectedDeviceIds: [],
        startedAtMs: now,
        openedAtMs: now,
        reasons: [],
      }
      const options = { consoleUrl: 'https://console.example', nowMs: now, onFull: () => undefined }
      for (const state of ['open', 'open', 'closed', 'closed'] as const)
        await database.db.transaction().execute((trx) => queueIncident(trx, { ...report, state }, options))
      const rows = await database.db.selectFrom('notifications').select('event').execute()
      expect(rows.map(({ event }) => event).sort()).toEqual(['opened', 'recovered'])
      const statesNow = async () => {
        const states = await database.db.selectFrom('notifications').select('state').execute()
        return states.map(({ state }) => state)
      }
      const sender = createSender({
        db: database.db,
        tryOnce: async () => ({ isDelivered: true }),
        counter: { count: () => undefined },
        signal: new AbortController().signal,
        log: pino({ level: 'silent' }),
        nowMs: () => now,
      })
      await sender.run()
      expect(await statesNow()).toEqual(['delivered', 'delivered'])
      await trimNotifications(database.db, now + 31 * 24 * 3_600_000)
      expect(await statesNow()).toEqual([])
    })

    it('fills the demo twice into the same rows', async () => {
      const first = await seedDemo(directory)
      const rules = await directory.routing.rules('loc-cornerstone')
      const products = await directory.products.list('loc-cornerstone')
      const second = await seedDemo(directory)
      expect(await directory.routing.rules('loc-cornerstone')).toEqual(rules)
      expect(await directory.products.list('loc-cornerstone')).toEqual(products)
      expect(await directory.people.countUsers()).toBe(3)
      const [user] = second.users
      expect(await directory.people.authenticate(user?.email ?? '', user?.password ?? '')).toBeDefined()
      expect(
        await directory.people.authenticate(user?.email ?? '', first.users[0]?.password ?? ''),
      ).toBeUndefined()
    })
  })
}

const folders: string[] = []
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'proactive-db-'))
  folders.push(folder)
  return folder
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

databaseContract('SQLite', () => createDatabase({ dataDir: temporaryFolder() }))

describe('the embedded database', () => {
  it('syncs each commit to the disk and is readable by its owner only', async () => {
    const dataDir = join(temporaryFolder(), 'data')
    const { db, stop } = await createDatabase({ dataDir })
    const pragma = async (name: string) =>
      Object.values((await sql.raw(`pragma ${name}`).execute(db)).rows[0] ?? {})[0]
    expect([await pragma('journal_mode'), await pragma('synchronous'), await pragma('foreign_keys')]).toEqual(
      ['wal', 2, 1],
    )
    expect(statSync(join(dataDir, 'directory.sqlite')).mode & 0o777).toBe(0o600)
    expect(statSync(dataDir).mode & 0o777).toBe(0o700)
    await stop()
    await stop()
  })

  it('says in one sentence what to do where the folder cannot be used', async () => {
    await expect(createDatabase({ dataDir: '/dev/null/data' })).rejects.toThrow(/PROACTIVE_DATA/)
  })
})

const bin = findPostgres()
if (bin === undefined) {
  console.warn(
    'SKIPPED relational store on PostgreSQL: no server here; install it by: npm run setup -- --tests',
  )
  describe.skip('relational store on PostgreSQL (no server here: npm run setup -- --tests)', () => {
    it('runs the contract', () => undefined)
  })
} else {
  let server: PostgresServer
  let count = 0
  beforeAll(async () => {
    server = await startPostgres(bin)
  }, 60_000)
  afterAll(() => server.stop())
  databaseContract('PostgreSQL', async () => {
    count += 1
    return createDatabase({ dataDir: '', postgresUrl: await server.createDatabase(`contract_${count}`) })
  })

  it('says in one sentence when PostgreSQL does not answer', async () => {
    const postgresUrl = 'postgresql://postgres@localhost/x?host=/nowhere'
    await expect(createDatabase({ dataDir: '', postgresUrl })).rejects.toThrow(/PROACTIVE_POSTGRES_URL/)
  })
}
