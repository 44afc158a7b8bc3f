import { readFileSync } from 'node:fs'
import { type Logger, pino } from 'pino'
import { runCli } from './cli.ts'
import type { Config } from './config.ts'
import { type SeededDemo, seedDemo } from './directory/index.ts'
import { createChannels } from './parts/channels.ts'
import { startDetection } from './parts/detection.ts'
import { createDoor, openDoor } from './parts/door.ts'
import { startIssues } from './parts/issues.ts'
import { createRecords } from './parts/records.ts'
import { startRetention } from './parts/retention.ts'
import { createRuntime } from './parts/runtime.ts'
import { createStopList, type StopList } from './parts/stop-list.ts'
import { openStores, withDirectory } from './parts/stores.ts'
import { createViews } from './parts/views.ts'
import { openWeb } from './parts/web.ts'

/** A running ingest. */
export interface RunningIngest {
  /** Where it listens; what the `listening` line tells. */
  readonly addresses: {
    readonly web: string
    readonly mqtt: string
    readonly enroll: string
    readonly metrics: string
  }
  /** Present until the first User was made: who holds it becomes the admin. */
  readonly setUpToken: string | undefined
  /** Rejects when a part ended by itself; the program should stop and be started anew. */
  readonly failed: Promise<never>
  /** Ends everything in order, within seconds; safe to call twice. */
  stop(): Promise<void>
}

/** Puts the ingest together and starts it. @throws UsageError, ListenError and others with one sentence for the user; nothing is left running then. */
export async function startIngest(config: Config, logger: Logger): Promise<RunningIngest> {
  const stops = createStopList()
  try {
    return await start(config, logger, stops)
  } catch (error) {
    await stops.stopAll()
    throw error
  }
}

/** The parts in the order in which they stand on each other; they are stopped in the reverse one. */
async function start(config: Config, logger: Logger, stops: StopList): Promise<RunningIngest> {
  const runtime = createRuntime(config, logger, stops)
  const stores = await openStores(runtime)
  const records = createRecords(runtime, stores)
  const views = createViews(runtime, stores, records)
  const channels = createChannels(runtime, stores)
  const issues = await startIssues(runtime, stores, views, channels)
  startRetention(runtime, stores)
  const door = await createDoor(runtime, stores)
  const pipeline = await startDetection(runtime, stores, { views, records, issues, door })
  const { mqtt, enroll, claimBundle } = await openDoor(runtime, stores, door)
  const { commands } = door
  const web = await openWeb(runtime, {
    stores,
    views,
    records,
    channels,
    issues,
    commands,
    claimBundle,
    pipeline,
  })
  channels.start(web.consoleUrl)
  return {
    addresses: { web: web.listening, mqtt, enroll, metrics: web.metrics },
    setUpToken: web.setUpToken,
    failed: runtime.failed,
    stop: () => stops.stopAll(),
  }
}

const stopDeadlineMs = 5_000

/** The program: serves until SIGTERM, SIGINT or a failure. */
async function run(config: Config): Promise<void> {
  const logger = pino({ name: 'ingest', level: config.logLevel }, pino.destination(2))
  const asked = Promise.withResolvers<void>()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => asked.resolve())
  const ingest = await startIngest(config, logger)
  const { addresses, setUpToken } = ingest
  const said = [
    { event: 'listening', ...addresses },
    ...(setUpToken === undefined
      ? []
      : [{ event: 'set-up', url: `${addresses.web}/set-up`, token: setUpToken }]),
  ]
  // In one write: who waits for the first line has read the second one too.
  process.stdout.write(said.map((line) => `${JSON.stringify(line)}\n`).join(''))
  const failure = await Promise.race([asked.promise, ingest.failed]).then(
    () => undefined,
    (error: unknown) => error,
  )
  if (failure !== undefined)
    logger.fatal({ err: failure }, 'a part of the ingest has ended; the program stops')
  setTimeout(() => {
    logger.error('stopping took too long; what is open is left to the next start')
    process.exit(1)
  }, stopDeadlineMs).unref()
  await ingest.stop()
  logger.info('ingest stopped')
  if (failure !== undefined) throw failure
}

if (import.meta.main) {
  const manifest: { version: string } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  )
  process.exitCode = await runCli(process.argv.slice(2), {
    env: process.env,
    version: manifest.version,
    print: (line) => process.stdout.write(`${line}\n`),
    printError: (line) => process.stderr.write(`${line}\n`),
    run,
    migrate: (config) => withDirectory(config, async () => undefined),
    seedDemo: (config, options): Promise<SeededDemo> =>
      withDirectory(config, (directory) => seedDemo(directory, options)),
  })
}
