import { accessSync, constants, existsSync, mkdirSync, statfsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Config } from './config.ts'
import { explainListen } from './net/explain-listen.ts'
import { listen } from './net/listen.ts'

/** One thing looked at. `degraded` = it runs, but less than it could. */
export interface Finding {
  readonly name: string
  readonly state: 'ok' | 'degraded' | 'failed'
  readonly sentence: string
}

const answerTimeoutMs = 3_000
const leastFreeBytes = 1024 ** 3

/** Looks at what a start needs, without starting; asks nothing but the configured services. */
export async function diagnose(config: Config): Promise<Finding[]> {
  const { bind } = config
  return [
    dataFolder(config),
    authority(config),
    await freePort('MQTT', bind, config.mqttPort, 'PROACTIVE_MQTT_PORT'),
    await freePort('enrolment', bind, config.enrollPort, 'PROACTIVE_ENROLL_PORT'),
    await freePort('the web', bind, config.webPort, 'PROACTIVE_WEB_PORT'),
    await answers(
      'helpdesk',
      config.helpdesk.url,
      '/healthz',
      'Issues would wait in the outbox: start proactive-helpdesk.',
    ),
    config.influx.url === undefined
      ? ok('metric store', 'The embedded store is used; PROACTIVE_INFLUX_URL names an InfluxDB.')
      : await answers(
          'metric store',
          config.influx.url,
          '/ping',
          'Points would wait in the log: start InfluxDB.',
        ),
    config.consoleDist === undefined
      ? degraded('console', 'The console is not built: run npm run setup.')
      : ok('console', `Served from ${config.consoleDist}.`),
  ]
}

const ok = (name: string, sentence: string): Finding => ({ name, state: 'ok', sentence })
const degraded = (name: string, sentence: string): Finding => ({ name, state: 'degraded', sentence })
const failed = (name: string, sentence: string): Finding => ({ name, state: 'failed', sentence })

function dataFolder({ dataDir }: Config): Finding {
  const name = 'data folder'
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    accessSync(dataDir, constants.W_OK)
    const { bavail, bsize } = statfsSync(dataDir)
    const free = bavail * bsize
    if (free >= leastFreeBytes) return ok(name, `${dataDir} can be written.`)
    return degraded(
      name,
      `${dataDir} has ${Math.floor(free / 1024 ** 2)} MB left: make room, a full disk gives no PUBACK.`,
    )
  } catch (error) {
    return failed(
      name,
      `${dataDir} cannot be written (${error instanceof Error ? error.message : error}): set PROACTIVE_DATA to a folder that can.`,
    )
  }
}

function authority({ dataDir }: Config): Finding {
  const files = ['ca.crt', 'ca.key'].map((file) => existsSync(join(dataDir, 'ca', file)))
  if (files.every(Boolean))
    return ok('certificate authority', `Lies in ${join(dataDir, 'ca')}; keep a backup of it.`)
  if (files.some(Boolean))
    return failed(
      'certificate authority',
      `${join(dataDir, 'ca')} lacks ca.key or ca.crt: restore both from a backup.`,
    )
  return ok('certificate authority', 'Will be made at the first start.')
}

async function freePort(name: string, host: string, port: number, variable: string): Promise<Finding> {
  const server = createServer()
  try {
    await explainListen({ name, host, port, variable }, () => listen(server, { host, port }))
    return ok(name, port === 0 ? 'The system chooses a port.' : `Port ${port} is free.`)
  } catch (error) {
    return failed(name, error instanceof Error ? error.message : String(error))
  } finally {
    server.close()
  }
}

async function answers(name: string, url: string, path: string, consequence: string): Promise<Finding> {
  try {
    const response = await fetch(new URL(path, url), {
      signal: AbortSignal.timeout(answerTimeoutMs),
      redirect: 'manual',
    })
    await response.body?.cancel()
    if (response.status < 500) return ok(name, `${url} answers.`)
    return degraded(name, `${url} answers ${response.status}. ${consequence}`)
  } catch {
    return degraded(name, `${url} does not answer within ${answerTimeoutMs / 1_000} s. ${consequence}`)
  }
}
