import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DirectoryEntity, directoryChangesSchema } from '@proactive/shared/http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { webMigrations } from '../api/migrations.ts'
import { createDatabase, type Database } from '../db/database.ts'
import { migrate } from '../db/migrate.ts'
import { createDirectory, type Directory } from './directory.ts'
import { createDirectoryFeed, type DirectoryFeed, type DirectoryFeedState } from './feed.ts'
import { directoryMigrations } from './migrations.ts'

/** A helpdesk as far as the feed knows it: keeps what is behind its cursor, can fail on purpose. */
interface Copy {
  readonly server: Server
  readonly url: string
  readonly entities: Map<number, DirectoryEntity>
  cursor: number
  /** Statuses to answer instead, one a request. */
  readonly failures: number[]
  readonly tokens: Set<string>
  requests: number
}

describe('directory feed', () => {
  let folder: string
  let database: Database
  let directory: Directory
  let copy: Copy
  let feed: DirectoryFeed
  let states: DirectoryFeedState[]
  let hasNewState: () => void
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'proactive-feed-'))
    database = await createDatabase({ dataDir: folder })
    await migrate(database, [...directoryMigrations, ...webMigrations], Date.now)
    directory = createDirectory({ database, nowMs: Date.now })
    copy = await startCopy()
    states = []
    hasNewState = () => undefined
    feed = feedTo(copy.url)
  })
  afterEach(async () => {
    await feed.stop()
    copy.server.closeAllConnections()
    copy.server.close()
    await database.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('brings what was there before and what comes after, once and in order', async () => {
    await organizations(1, 450)
    feed.start()
    await until(() => copy.cursor === 450)
    await organizations(451, 452)
    await until(() => copy.cursor === 452)
    expect([...copy.entities.keys()]).toEqual(Array.from({ length: 452 }, (_, index) => index + 1))
    expect(copy.tokens).toEqual(new Set(['Bearer service']))
  })

  it('holds one line for each thing, however often it changed; a late reader gets the newest, an early one every news', async () => {
    await organizations(1, 3)
    feed.start()
    await until(() => copy.cursor === 3)
    for (const name of ['A', 'B', 'C']) await directory.people.putOrganization({ id: 'org-2', name })
    await until(() => copy.cursor === 6)
    const kept = await directory.changes.after(0, 100)
    expect(
      kept.map(({ cursor, entity }) => [cursor, entity.type === 'organization' && entity.value.name]),
    ).toEqual([
      [1, 'Org 1'],
      [3, 'Org 3'],
      [6, 'C'],
    ])
    expect([...copy.entities.values()].at(-1)).toMatchObject({ value: { id: 'org-2', name: 'C' } })
    expect(await directory.changes.newest()).toBe(6)
  })

  it('goes on where the helpdesk says it stands', async () => {
    await organizations(1, 5)
    copy.cursor = 3
    feed.start()
    await until(() => copy.cursor === 5)
    expect([...copy.entities.keys()]).toEqual([4, 5])
  })

  it('tries again with pauses until the helpdesk takes it, and tells both changes', async () => {
    await organizations(1, 1)
    copy.failures.push(503, 500, 401)
    feed.start()
    await until(() => copy.cursor === 1 && feed.state().isCaughtUp)
    expect(states.map((state) => state.failure === undefined)).toEqual(expect.arrayContaining([false, true]))
    expect(feed.state().failure).toBeUndefined()
  })

  it('does not hammer a helpdesk that is away, however much changes meanwhile', async () => {
    copy.failures.push(...Array<number>(1_000).fill(503))
    feed = feedTo(copy.url, 10_000)
    feed.start()
    await until(() => copy.requests >= 1)
    const before = copy.requests
    for (let n = 1; n <= 30; n += 1) {
      await organizations(n, n)
      // A round trip for each change: time enough for a request that should not come.
      await fetch(new URL('/round-trip', copy.url)).then((response) => response.text())
    }
    expect(copy.requests - before).toBeLessThan(10)
  })

  it('refuses a copy of another installation in one sentence', async () => {
    await organizations(1, 1)
    copy.cursor = 99
    feed.start()
    await until(() => feed.state().failure !== undefined)
    expect(String(feed.state().failure)).toContain('belongs to another installation')
  })

  it('stops at once while a request hangs', async () => {
    const silent = createServer(() => undefined)
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const asked = once(silent, 'request')
    const hanging = feedTo(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`)
    hanging.start()
    await asked
    await hanging.stop()
    silent.closeAllConnections()
    silent.close()
  })

  function feedTo(helpdeskUrl: string, maxPauseMs = 50): DirectoryFeed {
    return createDirectoryFeed({
      changes: directory.changes,
      journal: directory.journal,
      helpdeskUrl,
      token: () => 'service',
      onState: (state) => {
        states.push(state)
        hasNewState()
      },
      everyMs: 1_000,
      maxPauseMs,
      random: () => 0,
    })
  }

  async function organizations(from: number, to: number): Promise<void> {
    for (let n = from; n <= to; n += 1)
      await directory.people.putOrganization({ id: `org-${n}`, name: `Org ${n}` })
  }

  async function until(isDone: () => boolean): Promise<void> {
    while (!isDone())
      await new Promise<void>((resolve) => {
        hasNewState = resolve
        copy.server.once('request', () => setImmediate(resolve))
      })
  }
})

async function startCopy(): Promise<Copy> {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url === '/round-trip') {
      response.end()
      return
    }
    copy.requests += 1
    copy.tokens.add(request.headers.authorization ?? '')
    let body = ''
    for await (const chunk of request) body += chunk
    const failure = copy.failures.shift()
    if (failure !== undefined) {
      response.writeHead(failure).end('{}')
      return
    }
    if (request.method === 'POST') {
      for (const { cursor, entity } of directoryChangesSchema.parse(JSON.parse(body)).changes) {
        if (cursor <= copy.cursor) continue
        copy.entities.set(cursor, entity)
        copy.cursor = cursor
      }
    }
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ cursor: copy.cursor }))
  }
  const server = createServer((request, response) => void answer(request, response))
  const copy: Copy = {
    server,
    url: '',
    entities: new Map(),
    cursor: 0,
    failures: [],
    tokens: new Set(),
    requests: 0,
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(copy, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}
