import { readFileSync } from 'node:fs'
import { UsageError } from '@proactive/shared'
import { createOutgoingGuard } from '@proactive/shared/outgoing'
import { type Logger, pino } from 'pino'
import { waitForActorKey } from './access/actor-key.ts'
import { createMetrics } from './api/metrics.ts'
import { buildServer } from './api/server.ts'
import { runbooksFolder, seedRunbooks } from './articles/runbooks.ts'
import { runCli } from './cli.ts'
import { createBreachKeeper } from './clocks/breaches.ts'
import type { HelpdeskConfig } from './config.ts'
import { createHousekeeping } from './db/housekeeping.ts'
import { openDatabase } from './db/open.ts'
import { createChangeSignal } from './issues/change-feed.ts'
import { createWebhookSender } from './webhooks/sender.ts'

/** How long a start waits for ingest to write the actor key: both start together. */
const actorKeyWaitMs = 30_000
/** Loopback always: ingest is the only door (ADR 014). */
const host = '127.0.0.1'

/** A running helpdesk. */
export interface RunningHelpdesk {
  readonly url: string
  /** Answers what is under way, then ends; safe to call twice. */
  stop(): Promise<void>
}

/** What a start depends on beside its configuration. */
export interface StartOptions {
  readonly log: Logger
  readonly nowMs?: () => number
  readonly signal?: AbortSignal
}

/**
 * Starts the helpdesk: waits for the actor key, opens the database, listens on loopback.
 * @throws UsageError with one sentence where the key is missing or the port is taken.
 */
export async function startHelpdesk(
  config: HelpdeskConfig,
  { log, nowMs = Date.now, signal = new AbortController().signal }: StartOptions,
): Promise<RunningHelpdesk> {
  const actorKey = await waitForActorKey(config.actorPublicKeyFile, actorKeyWaitMs, signal)
  const db = await openDatabase(config.databaseFile)
  const changes = createChangeSignal()
  const metrics = createMetrics()
  const guard = createOutgoingGuard(config.webhookAllow ?? [])
  await seedRunbooks(db, runbooksFolder, nowMs())
  const app = await buildServer({ db, actorKey, changes, metrics, log, nowMs, guard })
  const breaches = createBreachKeeper({
    db,
    nowMs,
    log,
    notify: () => changes.notify(),
    breaches: metrics.breaches,
  })
  const webhooks = createWebhookSender({ db, guard, nowMs, log, deliveries: metrics.deliveries })
  const housekeeping = createHousekeeping({ db, nowMs, log })
  try {
    const url = await app.listen({ host, port: config.port })
    log.info({ url }, 'helpdesk listening')
    breaches.start()
    webhooks.start()
    housekeeping.start()
    let stopping: Promise<void> | undefined
    const stop = async () => {
      await Promise.all([breaches.stop(), webhooks.stop(), housekeeping.stop()])
      await app.close()
      await db.destroy()
      log.info('helpdesk stopped')
    }
    return {
      url,
      stop() {
        stopping ??= stop()
        return stopping
      },
    }
  } catch (error) {
    await app.close()
    await db.destroy()
    throw listenFault(error, config.port)
  }
}

function listenFault(error: unknown, port: number): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  if (error.code === 'EADDRINUSE') {
    return new UsageError(
      `Port ${port} on ${host} is in use by another program: end it, or set PROACTIVE_HELPDESK_PORT to a free one.`,
    )
  }
  if (error.code === 'EACCES') {
    return new UsageError(`Port ${port} needs more rights: set PROACTIVE_HELPDESK_PORT to one above 1023.`)
  }
  return error
}

/** The program: serves until SIGTERM or SIGINT. */
async function run(config: HelpdeskConfig): Promise<void> {
  const log = pino({ name: 'helpdesk', level: config.logLevel }, pino.destination(2))
  const asked = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => asked.abort())
  try {
    const helpdesk = await startHelpdesk(config, { log, signal: asked.signal })
    process.stdout.write(`${JSON.stringify({ event: 'listening', url: helpdesk.url })}\n`)
    if (!asked.signal.aborted) {
      await new Promise<void>((resolve) =>
        asked.signal.addEventListener('abort', () => resolve(), { once: true }),
      )
    }
    await helpdesk.stop()
  } catch (error) {
    if (!asked.signal.aborted) throw error
  }
}

if (import.meta.main) {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? `${manifest.version}` : '0'
  process.exitCode = await runCli(process.argv.slice(2), {
    env: process.env,
    version,
    print: (line) => process.stdout.write(`${line}\n`),
    printError: (line) => process.stderr.write(`${line}\n`),
    run,
  })
}
