import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { webMigrations } from '../api/migrations.ts'
import { createDatabase, type Database } from '../db/database.ts'
import { migrate } from '../db/migrate.ts'
import type { LocationConfig } from '../faults/model.ts'
import { createDirectory, type Directory } from './directory.ts'
import { directoryMigrations } from './migrations.ts'
import { type LocationConfigRelay, relayLocationConfigs } from './relay-location-configs.ts'
import { seedDemo } from './seed-demo.ts'

describe('Location configurations on their way to the log', () => {
  let folder: string
  let database: Database
  let directory: Directory
  let appended: LocationConfig[]
  let failures: unknown[]
  let isLogFull: boolean
  let relay: LocationConfigRelay
  const start = () =>
    relayLocationConfigs({
      configs: directory.configs,
      sink: {
        configure: async (config) => {
          if (isLogFull) throw new Error('log full')
          appended.push(config)
        },
      },
      everyMs: 1_000_000,
      onFailure: (err) => failures.push(err),
    })
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'proactive-relay-'))
    database = await createDatabase({ dataDir: folder })
    await migrate(database, [...directoryMigrations, ...webMigrations], Date.now)
    directory = createDirectory({ database, nowMs: Date.now })
    await seedDemo(directory)
    appended = []
    failures = []
    isLogFull = false
    relay = start()
  })
  afterEach(async () => {
    await relay.stop()
    await database.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('are appended once, and again only when something changed', async () => {
    await relay.flush()
    await relay.flush()
    expect(appended).toHaveLength(1)
    expect(appended[0]).toMatchObject({
      locationId: 'loc-cornerstone',
      timeZone: 'Europe/Berlin',
      devices: {},
    })
    await directory.products.confirmDevice(
      'loc-cornerstone',
      'dev-1',
      { role: 'pos-terminal' },
      'user-technician',
    )
    await relay.flush()
    expect(appended[1]?.devices).toEqual({ 'dev-1': { role: 'pos-terminal' } })
  })

  it('wait for the log, also across a restart', async () => {
    isLogFull = true
    await expect(relay.flush()).rejects.toThrow('log full')
    await relay.stop()
    isLogFull = false
    relay = start()
    await relay.flush()
    expect(appended).toHaveLength(1)
  })
})
