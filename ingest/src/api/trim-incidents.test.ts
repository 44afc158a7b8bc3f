import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createDatabase } from '../db/database.ts'
import { migrate } from '../db/migrate.ts'
import type { IssueTables } from '../issues/tables.ts'
import { allMigrations } from '../schema.ts'
import { trimIncidents } from './trim-incidents.ts'

const dayMs = 24 * 3_600_000
const nowMs = 1_700_000_000_000
const keptMs = 730 * dayMs

it('forgets incidents that were over for long, not what stands, nor the key that keeps its Issue from opening twice', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'proactive-trim-'))
  const database = await createDatabase({ dataDir })
  try {
    await migrate(database, allMigrations, () => nowMs)
    const { db } = database
    const insert = (keys: readonly string[], closedAtMs: number | null) =>
      db
        .insertInto('incidents')
        .values(
          keys.map((key) => ({
            key,
            location_id: 'loc-1',
            state: closedAtMs === null ? 'open' : 'closed',
            opened_at_ms: nowMs - 800 * dayMs,
            closed_at_ms: closedAtMs,
            report: '{}',
          })),
        )
        .execute()
    await insert(['stands'], null)
    await insert(['over-lately'], nowMs - keptMs)
    const old = Array.from({ length: 1_200 }, (_, n) => `over-${n}`)
    await insert(old, nowMs - keptMs - 1)
    const issues = db.withTables<IssueTables>()
    const told = {
      location_id: 'loc-1',
      committed_at_ms: 1,
      told: '{}',
      last_note_at_ms: 1,
      subject: 'router',
    }
    await issues
      .insertInto('issue_keys')
      .values({ key: 'over-1', ...told })
      .execute()

    let hasOtherRun = false
    setImmediate(() => {
      hasOtherRun = true
    })
    expect(await trimIncidents(db, nowMs - keptMs)).toBe(1_200)
    expect(hasOtherRun).toBe(true)
    const left = await db.selectFrom('incidents').select('key').orderBy('key').execute()
    expect(left.map(({ key }) => key)).toEqual(['over-lately', 'stands'])
    expect(await trimIncidents(db, nowMs - keptMs)).toBe(0)
    expect(await issues.selectFrom('issue_keys').select('key').execute()).toEqual([{ key: 'over-1' }])
  } finally {
    await database.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
})
