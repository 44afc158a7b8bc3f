import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { base32 } from '@proactive/shared'
import type { Session } from '@proactive/shared/http'
import { createOutgoingGuard, type OutgoingGuard } from '@proactive/shared/outgoing'
import type { InjectOptions, LightMyRequestResponse as Response } from 'fastify'
import pino from 'pino'
import { Registry } from 'prom-client'
import type { CommandOutcome } from '../commands/dispatcher.ts'
import { createDatabase } from '../db/database.ts'
import { migrate } from '../db/migrate.ts'
import { createSecretBox } from '../db/secret-box.ts'
import { createDirectory } from '../directory/directory.ts'
import { createPasswords } from '../directory/passwords.ts'
import { seedDemo } from '../directory/seed-demo.ts'
import type { LocationView } from '../faults/model.ts'
import { createChanges, createViewFollower, historyRoutes } from '../history/index.ts'
import { createInterfaces } from '../interfaces/interfaces.ts'
import { interfaceRoutes } from '../interfaces/routes.ts'
import { createPrecisionLedger } from '../issues/index.ts'
import type { MerchantDesk } from '../merchant/desk.ts'
import { merchantRoutes } from '../merchant/routes.ts'
import { registerNoteRoutes } from '../notes/routes.ts'
import type { Mailer } from '../notify/mailer.ts'
import { createNotifier } from '../notify/notifier.ts'
import { channelRoutes } from '../notify/routes.ts'
import { allMigrations } from '../schema.ts'
import { usualRoutes } from '../usual/routes.ts'
import { createUsual } from '../usual/usual.ts'
import { signOnRoutes } from '../sign-on/routes.ts'
import { createActorTokens } from './actor-tokens.ts'
import type { WebDependencies, WebRoute } from './context.ts'
import { createHeard } from './heard.ts'
import { createLiveFeed } from './live-feed.ts'
import { createLocationReader } from './location-reader.ts'
import { createProjections } from './projections.ts'
import { createWebServer } from './server.ts'
import { createFirstAdmin } from './set-up.ts'

/** A logged-in browser. */
export interface Browser {
  readonly session: Session
  readonly headers: Readonly<Record<string, string>>
  request(options: InjectOptions): Promise<Response>
}
export type WebUnderTest = Awaited<ReturnType<typeof startWeb>>

/** The real server on a real database in a folder of its own, with the demo's directory and doubles for what is not the web's. */
export async function startWeb(
  options: Partial<WebDependencies> & {
    isEmpty?: boolean
    mailer?: Mailer
    merchantDesk?: MerchantDesk
    guard?: OutgoingGuard
  } = {},
) {
  const {
    isEmpty = false,
    mailer,
    merchantDesk,
    guard = createOutgoingGuard(['127.0.0.1']),
    ...overrides
  } = options
  const dataDir = mkdtempSync(join(tmpdir(), 'proactive-web-'))
  const clock = { nowMs: 1_700_000_000_000 }
  const nowMs = () => clock.nowMs
  const database = await createDatabase({ dataDir })
  await migrate(database, allMigrations, nowMs)
  const directory = createDirectory({
    database,
    nowMs,
    passwords: createPasswords({ N: 2 ** 10, r: 8, p: 1 }),
  })
  const demo = isEmpty ? undefined : await seedDemo(directory)
  const feed = createLiveFeed({ nowMs })
  const failures: unknown[] = []
  const outcomes: CommandOutcome[] = []
  const routes: WebRoute[] = []
  const telemetry = overrides.telemetry ?? {
    latest: async () => [],
    series: async () => ({ bucketMs: 1_000, timesMs: [], mean: [], min: [], max: [] }),
  }
  const onFailure = (err: unknown) => void failures.push(err)
  const heard = createHeard()
  const reader = createLocationReader({
    database,
    directory,
    telemetry,
    heard,
    nowMs,
    onTelemetryFailure: onFailure,
  })
  const { db } = database
  const records = {
    changes: createChanges({ db }),
    interfaces: createInterfaces({ db, latest: telemetry.latest, onReadFailure: onFailure }),
    usual: createUsual({ db }),
  }
  const followView = createViewFollower({ changes: records.changes, nowMs })
  const projections = createProjections({ database, reader, feed, heard, nowMs, followView, onFailure })
  const registry = overrides.registry ?? new Registry()
  const secrets = createSecretBox(dataDir)
  const notifier = createNotifier({
    database,
    secrets,
    guard,
    mailer,
    consoleUrl: () => 'https://console.example',
    registry,
    log: pino({ level: 'silent' }),
    nowMs,
  })
  const dependencies: WebDependencies = {
    database,
    directory,
    feed,
    reader,
    projections,
    telemetry,
    tokens: createActorTokens({ dataDir, nowMs }),
    commands: { run: async () => outcomes.shift() ?? { kind: 'offline' } },
    firstAdmin: await createFirstAdmin(directory),
    claimBundle: (token) => `bundle-${token}`,
    helpdesk: {
      state: async () => ({
        kind: 'embedded',
        isReachable: true,
        sinceMs: 0,
        problems: [],
        outbox: { pending: 0, sending: 0, retry: 0, ambiguous: 0, dead: 0 },
      }),
      depthAt: async () => ({ waiting: 0, dead: 0 }),
      health: () => ({ isReachable: true, sinceMs: 0 }),
      look: async () => [],
      deadLetters: async () => [],
      revive: async () => 0,
    },
    ledger: createPrecisionLedger({ db: database.db, nowMs, onChange: () => undefined }),
    publicHosts: ['localhost', '127.0.0.1'],
    webUrl: undefined,
    helpdeskUrl: undefined,
    moreRoutes: [
      merchantRoutes(merchantDesk),
      signOnRoutes({ secrets, guard }),
      channelRoutes({ notifier, secrets, guard }),
      registerNoteRoutes,
      historyRoutes(records.changes),
      interfaceRoutes(records.interfaces),
      usualRoutes(records.usual),
    ],
    readiness: async () => [{ name: 'log', isReady: true }],
    consoleDist: undefined,
    registry,
    log: pino({ level: 'silent' }),
    nowMs,
    isBehindProxy: false,
    onRoute: (route) => routes.push(route),
    ...overrides,
  }
  const app = await createWebServer(dependencies)

  async function logIn(email: string, password: string, address?: string) {
    const from = address === undefined ? {} : { remoteAddress: address }
    return app.inject({ method: 'POST', url: '/api/session', payload: { email, password }, ...from })
  }

  /** Logs in as somebody of the demo, or as a User made now. */
  async function browserOf(email: string, password?: string): Promise<Browser> {
    const secret = password ?? demo?.users.find((user) => user.email === email)?.password ?? ''
    const response = await logIn(email, secret)
    if (response.statusCode !== 200) throw new Error(`no log-in for ${email}: ${response.body}`)
    const session: Session = response.json()
    const cookie = response.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
    const headers = { cookie, 'x-csrf-token': session.csrfToken }
    return {
      session,
      headers,
      request: (request) => app.inject({ ...request, headers: { ...headers, ...request.headers } }),
    }
  }

  return {
    app,
    ...dependencies,
    records,
    notifier,
    clock,
    dataDir,
    demo,
    failures,
    outcomes,
    routes,
    logIn,
    browserOf,
    stop: async () => {
      await app.close()
      await projections.settled()
      await database.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

export const demoPeople = {
  technician: 'technician@proactive.example',
  posAgent: 'pos-agent@tillwise.example',
  networkAgent: 'network-agent@northwind.example',
} as const
export const demoLocationId = 'loc-cornerstone'

/** A Location with one terminal, all well unless said otherwise. */
export function viewOf(locationId: string, change: Partial<LocationView> = {}): LocationView {
  return {
    locationId,
    sentence: 'All well.',
    health: 'ok',
    sinceMs: 1_700_000_000_000,
    payability: 'payable',
    isOnline: true,
    lastSeenMs: 1_700_000_000_000,
    applianceId: 'box-1',
    agentVersion: '0.1.0',
    clock: 'synced',
    uplinks: [],
    targets: [],
    hasEvidence: true,
    isInventoried: true,
    devices: [
      {
        device: {
          alias: 1,
          id: 'dev-pos-1',
          role: 'pos-terminal',
          vendor: 'Verifone',
          confidence: 0.8,
          ips: ['192.0.2.21'],
          macs: ['00:0b:4f:11:52:01'],
          isSleeper: false,
          isGateway: false,
          firstSeenMs: 1_700_000_000_000,
          evidence: [],
        },
        health: 'ok',
        sinceMs: 1_700_000_000_000,
      },
    ],
    ...change,
  }
}

/** A key of the right shape. */
export function dedupKeyOf(n: number): string {
  return `px-test-${base32(new TextEncoder().encode(`incident-${n}-and-more`)).slice(0, 26)}`
}
