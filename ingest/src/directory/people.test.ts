import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { User } from '@proactive/shared/http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { webMigrations } from '../api/migrations.ts'
import { createDatabase, type Database } from '../db/database.ts'
import { migrate } from '../db/migrate.ts'
import { createFlows, maxUnderWayPerAddress } from '../sign-on/flows.ts'
import { signOnMigrations } from '../sign-on/migrations.ts'
import { createDirectory, type Directory } from './directory.ts'
import { directoryMigrations } from './migrations.ts'

const provider = {
  id: 'idp-one',
  name: 'One',
  issuer: 'https://one.example',
  client_id: 'client',
  client_secret: null,
  organization_ids: '["org-one"]',
  is_active: 1,
  created_at_ms: 1,
}
const user: User = {
  id: 'user-one',
  organizationId: 'org-one',
  teamIds: [],
  name: 'First',
  email: 'first@one.example',
  role: 'agent',
}

describe('people and their log-ins', () => {
  let folder: string
  let database: Database
  let directory: Directory
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'proactive-people-'))
    database = await createDatabase({ dataDir: folder })
    await migrate(database, [...directoryMigrations, ...webMigrations, ...signOnMigrations], Date.now)
    directory = createDirectory({ database, nowMs: Date.now })
    await directory.people.putOrganization({ id: 'org-one', name: 'One' })
    await directory.people.putUser(user, 'a password to try')
    await database.db.insertInto('sign_on_providers').values(provider).execute()
  })
  afterAll(async () => {
    await database.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('ends sessions and forgets the person at providers when a User gets another address, not another name', async () => {
    const { db } = database
    await db
      .insertInto('sign_on_subjects')
      .values({ provider_id: provider.id, subject: 'first', user_id: user.id, bound_at_ms: 1 })
      .execute()
    await db
      .insertInto('sessions')
      .values({ id_hash: 'hash', user_id: user.id, created_at_ms: 1, expires_at_ms: 2 })
      .execute()
    const left = async () => [
      (await db.selectFrom('sign_on_subjects').selectAll().execute()).length,
      (await db.selectFrom('sessions').selectAll().execute()).length,
    ]
    await directory.people.putUser({ ...user, name: 'Married', email: 'First@One.example' }, undefined)
    expect(await left()).toEqual([1, 1])
    await directory.people.putUser({ ...user, name: 'Second', email: 'second@one.example' }, undefined)
    expect(await left()).toEqual([0, 0])
  })

  it('bounds the log-ins under way of one address, and leaves room for the others', async () => {
    const flows = createFlows(database, Date.now)
    const begin = (address: string) =>
      flows.begin({ providerId: provider.id, redirectUri: 'https://x.example/' }, address)
    const own = await begin('192.0.2.1')
    for (let n = 1; n < maxUnderWayPerAddress; n++) await begin('192.0.2.1')
    expect(await begin('192.0.2.1')).toBeUndefined()
    expect(await begin('192.0.2.2')).toBeDefined()
    // Who comes back makes room.
    expect(await flows.take(own?.state ?? '', own?.browser ?? '')).toBeDefined()
    expect(await begin('192.0.2.1')).toBeDefined()
  })
})
