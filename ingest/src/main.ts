import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createOutgoingGuard } from '@proactive/shared/outgoing'
import { type Logger, pino } from 'pino'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { createActorTokens } from './api/actor-tokens.ts'
import {
  createFirstAdmin,
  createLiveFeed,
  createLocationReader,
  createProjections,
  createWebServer,
  openMetricsSocket,
} from './api/index.ts'
import { standardOrigin } from './api/public-origin.ts'
import { runCli } from './cli.ts'
import { createCommandDispatcher } from './commands/dispatcher.ts'
import type { Config } from './config.ts'
import { createSecretBox } from './db/secret-box.ts'
import {
  createDirectory,
  createDirectoryFeed,
  type Directory,
  relayLocationConfigs,
  type SeededDemo,
  seedDemo,
} from './directory/index.ts'
import { createFaultCore, createFleetCore, rules } from './faults/index.ts'
import { createGateway } from './gateway/gateway.ts'
import { openCertificateAuthority } from './identity/authority.ts'
import { createClaimBundle } from './identity/claim-bundle.ts'
import { createEnrollServer } from './identity/enroll-server.ts'
import {
  createDirectoryFacts,
  createHelpdeskFromConfig,
  createIssueContext,
  createIssueDesk,
  defaultGuards,
  watchHelpdesk,
} from './issues/index.ts'
import { createSqliteLog } from './log/sqlite-log.ts'
import { createMerchantDesk } from './merchant/desk.ts'
import { createMetricStore } from './metrics/create-metric-store.ts'
import { explainListen } from './net/explain-listen.ts'
import { createSmtpMailer } from './notify/mailer.ts'
import { createNotifier } from './notify/notifier.ts'
import { faultConsumer } from './pipeline/fault-runner.ts'
import { createMetricBackend } from './pipeline/metric-backend.ts'
import { metricConsumer } from './pipeline/metric-runner.ts'
import { createPipeline } from './pipeline/pipeline.ts'
import { parseProviderTable } from './pipeline/provider-table.ts'
import { checkReadiness } from './readiness.ts'
import { openDatabase } from './schema.ts'
import { createStopList } from './stop-list.ts'

/** Where the embedded helpdesk listens unless it is told otherwise. */
const standardHelpdeskUrl = 'http://127.0.0.1:8090'

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

async function start(
  config: Config,
  logger: Logger,
  stops: ReturnType<typeof createStopList>,
): Promise<RunningIngest> {
  const nowMs = Date.now
  const metrics = new Registry()
  collectDefaultMetrics({ register: metrics })
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => undefined)
  const child = (part: string) => logger.child({ part })
  const warn = (part: string, sentence: string) => (err: unknown, locationId?: string) =>
    child(part).warn({ err, locationId }, sentence)

  const authority = await openCertificateAuthority({
    dataDir: config.dataDir,
    hosts: [...new Set([...config.publicHosts, 'localhost', '127.0.0.1'])],
    nowMs,
  })
  const database = await openDatabase(config)
  stops.add('database', () => database.stop())
  const directory: Directory = createDirectory({ database, nowMs })
  const tokens = createActorTokens({ dataDir: config.dataDir, nowMs })
  const log = await createSqliteLog({
    file: join(config.dataDir, 'log', 'log.sqlite'),
    consumers: [faultConsumer, metricConsumer],
    maxBytes: config.logMaxBytes,
    onFailure: failure.reject,
  })
  stops.add('log', () => log.stop())

  const { influx, dataDir } = config
  const backend = createMetricBackend({
    create: () =>
      createMetricStore({
        influxUrl: influx.url,
        token: influx.token,
        org: influx.org,
        bucket: influx.bucket,
        dataDir,
        nowMs,
      }),
    metrics,
    logger: child('metrics'),
    nowMs,
  })
  stops.add('metrics', () => backend.stop())
  await backend.start()

  const feed = createLiveFeed({ nowMs })
  const reader = createLocationReader({
    database,
    directory,
    telemetry: backend,
    nowMs,
    onTelemetryFailure: warn('web', 'telemetry could not be read'),
  })
  const projections = createProjections({
    database,
    reader,
    feed,
    nowMs,
    onFailure: warn('web', 'a change could not be announced'),
  })

  const secrets = createSecretBox(config.dataDir)
  const guard = createOutgoingGuard(config.outgoingAllow)
  let consoleUrl = 'http://localhost'
  const notifier = createNotifier({
    database,
    secrets,
    guard,
    mailer: config.mail === undefined ? undefined : createSmtpMailer(config.mail),
    consoleUrl: () => consoleUrl,
    registry: metrics,
    log: child('channels'),
    nowMs,
  })
  stops.add('channels', () => notifier.stop())

  const serviceToken = () => tokens.sign('service')
  const helpdesk = createHelpdeskFromConfig(config.helpdesk, {
    tokens: { serviceToken },
    context: createIssueContext({ db: database.db, directory }),
    nowMs: Date.now,
  })
  stops.add('helpdesk client', () => helpdesk.stop())
  const desk = createIssueDesk({
    db: database.db,
    helpdesk,
    facts: createDirectoryFacts({ db: database.db, directory }),
    projectIncident: async (trx, report) => {
      await projections.projectIncident(trx, report)
      await notifier.queue(trx, report)
    },
    announceIncident: projections.announceIncident,
    publish: (event) => feed.publish(event),
    registry: metrics,
    log: child('issues'),
    nowMs,
    random: Math.random,
    coalesceMs: config.profile === 'lab' ? 5_000 : 300_000,
    // In the lab the same terminal is broken over and over, on purpose.
    guards: config.profile === 'lab' ? { ...defaultGuards, maxOpensPerSubjectAndDay: 10_000 } : defaultGuards,
  })
  stops.add('issues', () => desk.stop())
  await desk.start()
  // Behind our origin stands the embedded helpdesk only; with a foreign one `/helpdesk/api` answers that it is not there.
  const embeddedHelpdeskUrl = config.helpdesk.kind === 'embedded' ? config.helpdesk.url : standardHelpdeskUrl
  const directoryFeed = createDirectoryFeed({
    changes: directory.changes,
    journal: directory.journal,
    helpdeskUrl: embeddedHelpdeskUrl,
    token: serviceToken,
    onState: ({ isCaughtUp, failure: err }) =>
      err === undefined
        ? child('directory').info({ isCaughtUp }, 'the helpdesk follows the directory')
        : child('directory').warn({ err }, 'the helpdesk does not follow the directory; it is tried again'),
  })
  stops.add('directory feed', () => directoryFeed.stop())
  // A foreign helpdesk keeps no copy of the directory.
  if (config.helpdesk.kind === 'embedded') directoryFeed.start()

  const gateway = await createGateway({
    log,
    registry: directory.appliances,
    desired: directory.desired,
    server: authority.server,
    caPem: authority.caPem,
    metrics,
    logger: child('gateway'),
    nowMs,
    onReported: (applianceId, reported) => {
      directory.desired
        .recordReported(applianceId, reported)
        .catch(warn('gateway', 'a reported configuration was not kept'))
    },
  })
  const commands = createCommandDispatcher({ link: gateway, metrics })
  const pipeline = createPipeline({
    log,
    core: createFaultCore({ env: config.env, profile: config.profile }),
    fleet: createFleetCore({ env: config.env }),
    ...(config.providerTable === undefined
      ? {}
      : { providerOf: parseProviderTable(readFileSync(config.providerTable, 'utf8')) }),
    stakeOf: async ({ locationId, trouble }) => {
      const role = rules[trouble?.kind === 'processor' ? 'processor-outage' : 'provider-outage'].rootRole
      const owner = await directory.routing.resolveRoute(locationId, { role })
      const stakes = await directory.places.stakes(locationId)
      const organizationIds = [...new Set(stakes.map(({ organizationId }) => organizationId))].sort()
      return { ownerId: owner?.organizationId ?? null, organizationIds }
    },
    commands,
    projector: {
      project: (effect) =>
        effect.type === 'incident' ? desk.projector.project(effect) : projections.projectView(effect.view),
    },
    writer: backend,
    metrics,
    logger: child('pipeline'),
    nowMs,
    onStored: projections.announceTelemetry,
    onFailure: failure.reject,
  })
  // The writer goes with the pipeline: a runner that waits for a store that is away ends only when its writer does.
  stops.add('pipeline', () => Promise.all([pipeline.stop(), backend.stop()]))
  stops.add('commands', () => commands.stop())
  pipeline.start()
  const relay = relayLocationConfigs({
    configs: directory.configs,
    sink: pipeline,
    onFailure: warn('directory', 'a Location configuration is not in the log yet; it is tried again'),
  })
  stops.add('configuration relay', () => relay.stop())
  await relay.flush()

  const { bind } = config
  stops.add('gateway', () => gateway.stop())
  const mqtt = await explainListen(
    { name: 'MQTT', host: bind, port: config.mqttPort, variable: 'PROACTIVE_MQTT_PORT' },
    () => gateway.start({ host: bind, port: config.mqttPort }),
  )
  const publicHost = config.publicHosts[0] ?? 'localhost'
  const enrollServer = createEnrollServer({
    authority,
    claims: directory.claims,
    registry: directory.appliances,
    mqttUrl: () => config.mqttUrl ?? `mqtts://${publicHost}:${mqtt.port}`,
    metrics,
    logger: child('enrolment'),
    nowMs,
  })
  stops.add('enrolment', () => enrollServer.stop())
  const enroll = await explainListen(
    { name: 'enrolment', host: bind, port: config.enrollPort, variable: 'PROACTIVE_ENROLL_PORT' },
    () => enrollServer.start({ host: bind, port: config.enrollPort }),
  )
  const enrollUrl = config.enrollUrl ?? `https://${publicHost}:${enroll.port}`
  directory.appliances.onRevoked((applianceId) => gateway.revoke(applianceId))
  directory.desired.onDesiredChanged((applianceId) => void gateway.sendDesired(applianceId))

  const firstAdmin = await createFirstAdmin(directory)
  const web = await createWebServer({
    database,
    directory,
    feed,
    reader,
    projections,
    tokens,
    telemetry: backend,
    commands,
    firstAdmin,
    secrets,
    guard,
    notifier,
    publicHosts: config.publicHosts,
    webUrl: config.webUrl,
    claimBundle: (token) => createClaimBundle({ url: enrollUrl, token, caDer: authority.caDer }),
    helpdesk: watchHelpdesk(desk, config.helpdesk.kind),
    ledger: desk.ledger,
    helpdeskUrl: embeddedHelpdeskUrl,
    merchantDesk:
      config.helpdesk.kind === 'embedded' ? createMerchantDesk(embeddedHelpdeskUrl, serviceToken) : undefined,
    readiness: () => checkReadiness({ database, backend, pipeline, profile: config.profile }),
    consoleDist: config.consoleDist,
    registry: metrics,
    log: child('web'),
    nowMs,
    tls: config.tls,
    isBehindProxy: config.isBehindProxy,
  })
  stops.add('web', () => web.close())
  const metricsSocket = join(config.dataDir, 'metrics.sock')
  if (config.isBehindProxy) {
    const socket = await openMetricsSocket(metricsSocket, metrics)
    stops.add('metrics socket', () => socket.stop())
  }
  const webUrl = await explainListen(
    { name: 'the web', host: bind, port: config.webPort, variable: 'PROACTIVE_WEB_PORT' },
    () => web.listen({ host: bind, port: config.webPort }),
  )
  consoleUrl = standardOrigin({ ...config, listening: webUrl })
  notifier.start()
  return {
    addresses: {
      web: webUrl,
      mqtt: `${mqtt.host}:${mqtt.port}`,
      enroll: `${enroll.host}:${enroll.port}`,
      metrics: config.isBehindProxy ? `unix:${metricsSocket}` : `${webUrl}/metrics`,
    },
    setUpToken: firstAdmin.token,
    failed: failure.promise,
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

async function withDirectory<T>(config: Config, work: (directory: Directory) => Promise<T>): Promise<T> {
  const database = await openDatabase(config)
  try {
    createActorTokens({ dataDir: config.dataDir, nowMs: Date.now })
    return await work(createDirectory({ database, nowMs: Date.now }))
  } finally {
    await database.stop()
  }
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
