import { join } from 'node:path'
import { type ActorTokens, createActorTokens } from '../api/index.ts'
import type { Config } from '../config.ts'
import type { Database } from '../db/index.ts'
import { createDirectory, type Directory } from '../directory/index.ts'
import { type CertificateAuthority, openCertificateAuthority } from '../identity/authority.ts'
import type { IngestLog } from '../log/ingest-log.ts'
import { createSqliteLog } from '../log/sqlite-log.ts'
import { createMetricStore } from '../metrics/create-metric-store.ts'
import { faultConsumer } from '../pipeline/fault-runner.ts'
import { createMetricBackend, type MetricBackend } from '../pipeline/metric-backend.ts'
import { metricConsumer } from '../pipeline/metric-runner.ts'
import { openDatabase } from '../schema.ts'
import type { Runtime } from './runtime.ts'

/** What survives a restart. */
export interface Stores {
  readonly authority: CertificateAuthority
  readonly database: Database
  readonly directory: Directory
  readonly tokens: ActorTokens
  readonly log: IngestLog
  readonly backend: MetricBackend
}

/** Opens everything that is kept: keys, database, log and metric store. */
export async function openStores({ config, metrics, stops, nowMs, child, fail }: Runtime): Promise<Stores> {
  const { dataDir, influx } = config
  const authority = await openCertificateAuthority({
    dataDir,
    hosts: [...new Set([...config.publicHosts, 'localhost', '127.0.0.1'])],
    nowMs,
  })
  const database = await openDatabase(config)
  stops.add('database', () => database.stop())
  const directory = createDirectory({ database, nowMs })
  const tokens = createActorTokens({ dataDir, nowMs })
  const log = await createSqliteLog({
    file: join(dataDir, 'log', 'log.sqlite'),
    consumers: [faultConsumer, metricConsumer],
    maxBytes: config.logMaxBytes,
    onFailure: fail,
  })
  stops.add('log', () => log.stop())
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
  return { authority, database, directory, tokens, log, backend }
}

/** Lends the directory for a moment, without the rest of the program. */
export async function withDirectory<T>(
  config: Config,
  work: (directory: Directory) => Promise<T>,
): Promise<T> {
  const database = await openDatabase(config)
  try {
    createActorTokens({ dataDir: config.dataDir, nowMs: Date.now })
    return await work(createDirectory({ database, nowMs: Date.now }))
  } finally {
    await database.stop()
  }
}
