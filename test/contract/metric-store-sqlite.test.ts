import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import type { Point } from '../../ingest/src/metrics/metric-store.ts'
import { createSqliteStore } from '../../ingest/src/metrics/sqlite/sqlite-store.ts'
import { metricStoreContract } from './metric-store.ts'

const dayMs = 86_400_000

metricStoreContract('SQLite', {
  canQuery: true,
  async open() {
    const dataDir = await mkdtemp(join(tmpdir(), 'proactive-metrics-'))
    const store = createSqliteStore({ dataDir, nowMs: Date.now })
    await store.start()
    const side = new Database(join(dataDir, 'metrics.sqlite'))
    return {
      store,
      async rowsOf(family, locationId, subjectId) {
        return dayTables(side)
          .filter((table) => table.startsWith(`${family}_d`))
          .sort()
          .flatMap((table) =>
            side
              .prepare<[string, string], Record<string, number | null>>(
                `select t.* from ${table} t join subject s on s.id = t.subject where s.location = ? and s.name = ? order by at`,
              )
              .all(locationId, subjectId),
          )
          .map(({ subject: _, at, ...columns }) => ({
            atMs: at ?? 0,
            fields: Object.fromEntries(
              Object.entries(columns).filter((column): column is [string, number] => column[1] !== null),
            ),
          }))
      },
      async interrupt() {
        side.exec('begin immediate')
      },
      async restore() {
        side.exec('rollback')
      },
      async dispose() {
        side.close()
        await store.stop()
        await rm(dataDir, { recursive: true, force: true })
      },
    }
  },
})

function dayTables(db: Database.Database): string[] {
  return db
    .prepare<[], string>(
      `select name from sqlite_schema where type = 'table' and name like '%\\_d%' escape '\\'`,
    )
    .pluck()
    .all()
}

describe('the SQLite metric store', () => {
  async function withFolder(use: (dataDir: string) => Promise<void>): Promise<void> {
    const dataDir = await mkdtemp(join(tmpdir(), 'proactive-metrics-'))
    try {
      await use(dataDir)
    } finally {
      await rm(dataDir, { recursive: true, force: true })
    }
  }
  const point = (atMs: number, subjectId = 'd-1'): Point => ({
    family: 'device',
    locationId: 'shop-1',
    subjectId,
    kind: 'printer',
    atMs,
    fields: new Map([['rttP50Ms', 1]]),
  })

  it('drops whole days once they are beyond retention', () =>
    withFolder(async (dataDir) => {
      let nowMs = 20_000 * dayMs + 1_000
      const store = createSqliteStore({ dataDir, nowMs: () => nowMs })
      await store.start()
      await store.write([0, 5, 10].map((days) => point(nowMs - days * dayMs)))
      const side = new Database(join(dataDir, 'metrics.sqlite'), { readonly: true })
      expect(dayTables(side).sort()).toEqual(['device_d19990', 'device_d19995', 'device_d20000'])
      nowMs += 6 * dayMs
      await store.write([point(nowMs)])
      expect(dayTables(side).sort()).toEqual(['device_d19995', 'device_d20000', 'device_d20006'])
      side.close()
      await store.stop()
    }))

  it('still holds everything after a restart', () =>
    withFolder(async (dataDir) => {
      const atMs = 20_000 * dayMs
      const options = { dataDir, nowMs: () => atMs + 1_000 }
      const first = createSqliteStore(options)
      await first.start()
      await first.write([point(atMs), point(atMs, 'd-2')])
      await first.stop()
      const second = createSqliteStore(options)
      await second.start()
      expect(await second.latest('shop-1', 0)).toHaveLength(2)
      await second.stop()
    }))

  it('says in one sentence when its file is something else', () =>
    withFolder(async (dataDir) => {
      await writeFile(
        join(dataDir, 'metrics.sqlite'),
        'this is a letter to my aunt, not a database\n'.repeat(50),
      )
      const store = createSqliteStore({ dataDir, nowMs: Date.now })
      await expect(store.start()).rejects.toThrow(
        /^The metric store .*metrics\.sqlite is damaged or no database \(file is not a database\): move it away/,
      )
      await store.stop()
    }))
})
