import { join } from 'node:path'
import { createFirstAdmin, createWebServer, openMetricsSocket, standardOrigin } from '../api/index.ts'
import { historyRoutes } from '../history/index.ts'
import { interfaceRoutes } from '../interfaces/routes.ts'
import { watchHelpdesk } from '../issues/index.ts'
import { merchantRoutes } from '../merchant/routes.ts'
import { explainListen } from '../net/explain-listen.ts'
import { registerNoteRoutes } from '../notes/routes.ts'
import { channelRoutes } from '../notify/routes.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import { checkReadiness } from '../readiness.ts'
import { signOnRoutes } from '../sign-on/routes.ts'
import { usualRoutes } from '../usual/routes.ts'
import type { Channels } from './channels.ts'
import type { Door, OpenDoor } from './door.ts'
import type { Issues } from './issues.ts'
import type { Records } from './records.ts'
import type { Runtime } from './runtime.ts'
import type { Stores } from './stores.ts'
import type { Views } from './views.ts'

/** Where the web is, and how its first admin comes in. */
export interface OpenWeb {
  /** Where it listens, e.g. `http://127.0.0.1:8080`. */
  readonly listening: string
  /** Where browsers find the console. */
  readonly consoleUrl: string
  /** Where `/metrics` is read. */
  readonly metrics: string
  /** Present until the first User was made: who holds it becomes the admin. */
  readonly setUpToken: string | undefined
}

/** What the web shows and asks. */
export interface WebParts {
  readonly stores: Stores
  readonly views: Views
  readonly records: Records
  readonly channels: Channels
  readonly issues: Issues
  readonly commands: Door['commands']
  readonly claimBundle: OpenDoor['claimBundle']
  readonly pipeline: Pipeline
}

/** Serves console and API. @throws ListenError where the port cannot be had. */
export async function openWeb(
  { config, metrics, stops, nowMs, child }: Runtime,
  { stores, views, records, channels, issues, commands, claimBundle, pipeline }: WebParts,
): Promise<OpenWeb> {
  const { database, directory, tokens, backend } = stores
  const { bind } = config
  const firstAdmin = await createFirstAdmin(directory)
  const web = await createWebServer({
    ...views,
    database,
    directory,
    tokens,
    telemetry: backend,
    commands,
    firstAdmin,
    publicHosts: config.publicHosts,
    webUrl: config.webUrl,
    claimBundle,
    helpdesk: watchHelpdesk(issues.desk, config.helpdesk.kind),
    ledger: issues.desk.ledger,
    helpdeskUrl: issues.helpdeskUrl,
    moreRoutes: [
      merchantRoutes(issues.merchantDesk),
      signOnRoutes(channels),
      channelRoutes(channels),
      registerNoteRoutes,
      historyRoutes(records.changes),
      interfaceRoutes(records.interfaces),
      usualRoutes(records.usual),
    ],
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
  const listening = await explainListen(
    { name: 'the web', host: bind, port: config.webPort, variable: 'PROACTIVE_WEB_PORT' },
    () => web.listen({ host: bind, port: config.webPort }),
  )
  return {
    listening,
    consoleUrl: standardOrigin({ ...config, listening }),
    metrics: config.isBehindProxy ? `unix:${metricsSocket}` : `${listening}/metrics`,
    setUpToken: firstAdmin.token,
  }
}
