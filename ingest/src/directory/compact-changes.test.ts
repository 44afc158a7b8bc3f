import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DirectoryEntity } from '@proactive/shared/http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDatabase, type Database } from '../db/database.ts'
import { migrate } from '../db/migrate.ts'
import { createChanges } from './changes.ts'
import { directoryMigrations } from './migrations.ts'

describe('a change feed from before it was compacted', () => {
  let folder: string
  let database: Database
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'proactive-compact-'))
    database = await createDatabase({ dataDir: folder })
  })
  afterEach(async () => {
    await database.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('keeps the newest of each thing, removals too, in their places', async () => {
    const at = directoryMigrations.findIndex(({ name }) => name.endsWith('compact-changes'))
    await migrate(database, directoryMigrations.slice(0, at), Date.now)
    const stake = { locationId: 'loc-1', organizationId: 'org-1', kind: 'pos' } as const
    const entities: DirectoryEntity[] = [
      { type: 'organization', value: { id: 'org-1', name: 'Old' } },
      { type: 'stake', value: stake },
      { type: 'customer', value: { id: 'cust-1', name: 'Café', number: 'C-1' } },
      { type: 'organization', value: { id: 'org-1', name: 'New' } },
      { type: 'removed', value: { entity: 'stake', id: 'loc-1/org-1/pos' } },
    ]
    const rows = entities.map((entity, n) => ({ cursor: n + 1, entity: JSON.stringify(entity), at_ms: 1 }))
    for (const row of rows)
      await database.db
        .insertInto('directory_changes')
        .columns(['cursor', 'entity', 'at_ms'])
        .values({ ...row, subject: undefined as never })
        .execute()
    await migrate(database, directoryMigrations, Date.now)
    const kept = await createChanges(database).after(0, 10)
    expect(kept).toEqual([
      { cursor: 3, entity: entities[2] },
      { cursor: 4, entity: entities[3] },
      { cursor: 5, entity: entities[4] },
    ])
  })
})
