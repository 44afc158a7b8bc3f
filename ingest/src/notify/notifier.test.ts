import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createOutgoingGuard } from '@proactive/shared/outgoing'
import pino from 'pino'
import { Registry } from 'prom-client'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createDatabase, type Database } from '../db/database.ts'
import { migrate } from '../db/migrate.ts'
import { createSecretBox, type SecretBox } from '../db/secret-box.ts'
import { allMigrations } from '../schema.ts'
import { createChannels } from './channels.ts'
import { createSmtpMailer, type Mailer } from './mailer.ts'
import { createNotifier, type Notifier } from './notifier.ts'

const secondMs = 1_000
const dayMs = 24 * 3_600_000
const patience = { timeout: 10_000, interval: 20 }

describe('the notifier', () => {
  let dataDir: string
  let database: Database
  let secrets: SecretBox
  let receiver: Server
  /** Keys of incidents that the receiver was told, by path. */
  let heard: string[]
  let held: ServerResponse[]
  let answer = 204
  let onHeard = (): void => undefined
  let nowMs = 1_700_000_000_000
  let registry: Registry
  let notifier: Notifier
  const channels = new Map<string, string>()

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'proactive-notifier-'))
    database = await createDatabase({ dataDir })
    await migrate(database, allMigrations, () => nowMs)
    secrets = createSecretBox(dataDir)
    receiver = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk) => {
        body += chunk
      })
      request.on('end', () => {
        const path = request.url ?? ''
        heard.push(`${path} ${JSON.parse(body).incidentKey}`)
        onHeard()
        if (path.startsWith('/silent')) held.push(response)
        else response.writeHead(answer).end()
      })
    })
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  })
  afterAll(async () => {
    receiver.closeAllConnections()
    await new Promise((resolve) => receiver.close(resolve))
    await database.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })
  beforeEach(() => {
    heard = []
    held = []
    answer = 204
    onHeard = () => undefined
    notifier = start()
  })
  afterEach(async () => {
    await notifier.stop()
    channels.clear()
    await database.db.deleteFrom('channels').execute()
    await database.db.deleteFrom('incidents').execute()
  })

  function start(deadline?: () => AbortSignal, mailer?: Mailer): Notifier {
    registry = new Registry()
    return createNotifier({
      database,
      secrets,
      guard: createOutgoingGuard(['127.0.0.1']),
      mailer,
      consoleUrl: () => 'https://console.example',
      registry,
      log: pino({ level: 'silent' }),
      nowMs: () => nowMs,
      ...(deadline === undefined ? {} : { deadline }),
    })
  }
  async function addChannel(
    path: string,
    organizationId = 'org-1',
    mail?: { kind: 'email'; recipients: string[] },
  ): Promise<void> {
    await database.db
      .insertInto('organizations')
      .values({ id: organizationId, name: organizationId, is_operator: 0 })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    const { port } = receiver.address() as AddressInfo
    const { channel } = await createChannels(database, secrets, () => nowMs).make(organizationId, {
      name: path,
      ...(mail ?? { kind: 'webhook', url: `http://127.0.0.1:${port}${path}` }),
      minSeverity: 'low',
      locationIds: null,
      tellsRecovery: true,
      isActive: true,
    })
    channels.set(path, channel.id)
  }
  let made = 0
  async function queue(path: string, ...incidentKeys: string[]): Promise<void> {
    for (const incidentKey of incidentKeys) {
      made += 1
      await database.db
        .insertInto('notifications')
        .values({
          id: `note-${made}`,
          channel_id: channels.get(path) ?? '',
          incident_key: incidentKey,
          event: 'opened',
          fault_class: 'router-down',
          message: JSON.stringify({ v: 1, event: 'opened', incidentKey }),
          state: 'waiting',
          attempts: 0,
          due_at_ms: nowMs,
          last_error: null,
          created_at_ms: nowMs,
          delivered_at_ms: null,
        })
        .execute()
    }
  }
  const keys = (count: number) => Array.from({ length: count }, (_, n) => `incident-${n}`)
  async function statesOf(path: string): Promise<string[]> {
    const rows = await database.db
      .selectFrom('notifications')
      .select(['state', 'attempts'])
      .where('channel_id', '=', channels.get(path) ?? '')
      .orderBy('created_at_ms')
      .execute()
    return rows.map(({ state, attempts }) => `${state} ${attempts}`)
  }
  async function counted(outcome: string): Promise<number> {
    const { values } = (await registry.getSingleMetric('proactive_notifications_total')?.get()) ?? {
      values: [],
    }
    return values.find(({ labels }) => labels.outcome === outcome)?.value ?? 0
  }

  it('tells other channels while one does not answer, and stops at once', async () => {
    await addChannel('/silent')
    await addChannel('/good')
    await queue('/silent', ...keys(5))
    await queue('/good', ...keys(5))
    const round = notifier.run()
    await vi.waitFor(
      async () => expect(await statesOf('/good')).toEqual(Array(5).fill('delivered 1')),
      patience,
    )
    expect(heard.filter((each) => each.startsWith('/silent'))).toHaveLength(1)
    const before = performance.now()
    await notifier.stop()
    await round
    expect(performance.now() - before).toBeLessThan(1_000)
    // Cut off, not failed: it is sent anew after the start.
    expect(await statesOf('/silent')).toEqual(Array(5).fill('waiting 0'))
  })

  it('hangs up at a mail server that says nothing when it is stopped', async () => {
    const hungUp = Promise.withResolvers<void>()
    const isCalled = Promise.withResolvers<void>()
    const server = createTcpServer((socket) => {
      isCalled.resolve()
      socket.on('error', () => undefined).on('close', () => hungUp.resolve())
      socket.resume()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const url = `smtp://127.0.0.1:${port}`
    notifier = start(undefined, createSmtpMailer({ url, from: 'alerts@proactive.example' }))
    await addChannel('/mail', 'org-1', { kind: 'email', recipients: ['desk@tillwise.example'] })
    await queue('/mail', 'incident-1')
    const round = notifier.run()
    await isCalled.promise
    await notifier.stop()
    await Promise.all([round, hungUp.promise])
    expect(await statesOf('/mail')).toEqual(['waiting 0'])
    await new Promise((resolve) => server.close(resolve))
  })

  it('leaves room for others, however many channels of one Organization do not answer', async () => {
    for (let n = 0; n < 10; n += 1) {
      await addChannel(`/silent-${n}`)
      await queue(`/silent-${n}`, 'incident-1')
    }
    await addChannel('/good', 'org-2')
    nowMs += secondMs
    await queue('/good', 'incident-1')
    const round = notifier.run()
    await vi.waitFor(async () => expect(await statesOf('/good')).toEqual(['delivered 1']), patience)
    await vi.waitFor(() => expect(held.length).toBe(4), patience)
    await notifier.stop()
    await round
  })

  it('does not let an Organization’s own silent channels delay its good one', async () => {
    const silent = Array.from({ length: 6 }, (_, n) => `/silent-${n}`)
    for (const path of silent) {
      await addChannel(path)
      await queue(path, 'incident-1')
    }
    await addChannel('/good')
    nowMs += 1
    await queue('/good', 'incident-1')
    let deadline = new AbortController()
    notifier = start(() => deadline.signal)
    const round = notifier.run()
    await vi.waitFor(() => expect(held.length).toBe(4), patience)
    expect(await statesOf('/good')).toEqual(['waiting 0'])
    // Those four take too long: they wait on, and room is made.
    nowMs += 2 * secondMs
    await vi.waitFor(async () => expect(await statesOf('/good')).toEqual(['delivered 1']), patience)
    expect(held).toHaveLength(6)

    // From now on it is known who does not answer: the good one waits for none of them.
    deadline.abort(new DOMException('late', 'TimeoutError'))
    await round
    deadline = new AbortController()
    nowMs += 10 * secondMs
    held.length = 0
    await queue('/good', 'incident-2')
    notifier.run().catch(() => undefined)
    await vi.waitFor(
      async () => expect(await statesOf('/good')).toEqual(Array(2).fill('delivered 1')),
      patience,
    )
    await notifier.stop()
  })

  it('ends a try at its deadline, says so, and lets a channel rest that took nothing', async () => {
    const deadlines: AbortController[] = []
    notifier = start(() => {
      const late = new AbortController()
      deadlines.push(late)
      return late.signal
    })
    onHeard = () => deadlines.at(-1)?.abort(new DOMException('late', 'TimeoutError'))
    await addChannel('/silent')
    await queue('/silent', 'incident-1', 'incident-2')
    await notifier.run()
    expect(heard).toEqual(['/silent incident-1'])
    const [row] = await database.db.selectFrom('notifications').select('last_error').execute()
    expect(row?.last_error).toBe('It did not answer in time.')
    nowMs += 2 * secondMs
    await notifier.run()
    expect(heard).toHaveLength(2)
    expect(await counted('retry')).toBe(2)
  })

  it('tells an incident in the order in which it went, and does not hold back others for that', async () => {
    await addChannel('/good')
    answer = 503
    await queue('/good', 'incident-1')
    await notifier.run()
    nowMs += secondMs
    await queue('/good', 'incident-1', 'incident-2')
    answer = 204
    nowMs += secondMs - 1
    await notifier.run()
    expect(heard).toEqual(['/good incident-1'])
    nowMs += 1
    await notifier.run()
    expect(heard.slice(1).sort()).toEqual(['/good incident-1', '/good incident-1', '/good incident-2'])
    expect(await statesOf('/good')).toEqual(['delivered 2', 'delivered 1', 'delivered 1'])
  })

  it('gives up what waited through an hour in which its channel took nothing, and counts it', async () => {
    await addChannel('/good')
    await queue('/good', ...keys(5))
    answer = 503
    for (const minutes of [20, 20, 20]) {
      await notifier.run()
      nowMs += minutes * 60 * secondMs
    }
    await queue('/good', 'incident-late')
    await notifier.run()
    const states = await statesOf('/good')
    expect(states.filter((state) => state.startsWith('dead'))).toHaveLength(5)
    expect(states.at(-1)).toBe('waiting 0')
    expect(heard).toHaveLength(4)
    expect(await counted('stale')).toBe(5)
    answer = 204
    await queue('/good', 'incident-new')
    nowMs += 60 * secondMs
    await notifier.run()
    expect(heard.at(-1)).toBe('/good incident-new')
  })

  it('remembers what was told of an incident until 30 days after its end', async () => {
    await addChannel('/good')
    const openedAtMs = nowMs
    for (const [key, closedAfterDays] of [
      ['goes-on', undefined],
      ['over-late', 20],
      ['over', 1],
    ] as const) {
      const isClosed = closedAfterDays !== undefined
      await database.db
        .insertInto('incidents')
        .values({
          key,
          location_id: 'loc-1',
          state: isClosed ? 'closed' : 'open',
          opened_at_ms: openedAtMs,
          closed_at_ms: isClosed ? openedAtMs + closedAfterDays * dayMs : null,
          report: '{}',
        })
        .execute()
    }
    await queue('/good', 'goes-on', 'over-late', 'over', 'test')
    await notifier.run()
    nowMs += 32 * dayMs
    await notifier.run()
    const kept = await database.db.selectFrom('notifications').select('incident_key').execute()
    expect(kept.map(({ incident_key }) => incident_key).sort()).toEqual(['goes-on', 'over-late'])
  })
})
