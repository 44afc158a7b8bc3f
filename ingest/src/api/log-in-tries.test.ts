import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase, type Database } from '../db/database.ts'
import { migrate } from '../db/migrate.ts'
import { directoryMigrations } from '../directory/migrations.ts'
import { createLogInTries, maxTries } from './log-in-tries.ts'
import { webMigrations } from './migrations.ts'

describe('the bound on tries', () => {
  let folder: string
  let database: Database
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'proactive-tries-'))
    database = await createDatabase({ dataDir: folder })
    await migrate(database, [...directoryMigrations, ...webMigrations], Date.now)
  })
  afterAll(async () => {
    await database.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it.each([
    [
      'one /64 is one guesser, however its addresses are written',
      (n: number) => `2001:db8:0:7::${n.toString(16)}`,
    ],
    ['also with zones and long forms', (n: number) => `2001:0db8:0000:0008:0:0:${n.toString(16)}:1%eth0`],
  ])('holds over IPv6: %s', async (_what, addressOf) => {
    const tries = createLogInTries(database, Date.now)
    const verdicts: boolean[] = []
    for (let n = 1; n <= maxTries + 5; n += 1)
      verdicts.push(await tries.reserve(addressOf(n), `somebody-${addressOf(n)}`))
    expect(verdicts.filter(Boolean)).toHaveLength(maxTries)
  })

  it('takes the next /64, and an IPv4 address written as IPv6, for somebody else', async () => {
    const tries = createLogInTries(database, Date.now)
    expect(await tries.reserve('2001:db8:0:9::1', 'a')).toBe(true)
    expect(await tries.reserve('::ffff:192.0.2.7', 'b')).toBe(true)
  })
})
