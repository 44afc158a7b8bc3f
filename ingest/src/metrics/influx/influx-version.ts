import { request } from 'undici'
import { z } from 'zod'
import { MetricStoreUnavailableError } from '../metric-store.ts'
import { reasonOf } from './http-answers.ts'

/** Which of the two client libraries a server is for. */
export interface InfluxVersion {
  readonly text: string
  readonly major: number
}

const pingTimeoutMs = 5_000
const headerSchema = z
  .string()
  .max(60)
  .regex(/^v?\d+\.\d+/)

/** An InfluxDB's address, with the token where it wants one. */
export interface InfluxServer {
  readonly url: string
  readonly token?: string | undefined
}

/**
 * Asks `/ping` whether somebody is there who takes our token.
 * @returns what it calls its version (header `X-Influxdb-Version`: `1.6.7`, `v2.7.1`, `3.0.0`), undefined where it does not say
 * @throws MetricStoreUnavailableError with one sentence for the operator.
 */
export async function pingInflux(
  server: InfluxServer,
  timeoutMs = pingTimeoutMs,
): Promise<string | undefined> {
  const { origin, pathname } = new URL(server.url)
  const ping = `${origin}${pathname.replace(/\/$/, '')}/ping`
  const answer = await request(ping, {
    signal: AbortSignal.timeout(timeoutMs),
    ...(server.token === undefined ? {} : { headers: { authorization: `Token ${server.token}` } }),
  }).catch((cause: unknown) => {
    throw new MetricStoreUnavailableError(
      `InfluxDB at ${origin} does not answer (${reasonOf(cause)}): start it, mend PROACTIVE_INFLUX_URL, or unset it to use the embedded store.`,
      { cause },
    )
  })
  await answer.body.dump({ limit: 4_096 }).catch(() => undefined)
  if (answer.statusCode === 401 || answer.statusCode === 403)
    throw new MetricStoreUnavailableError(
      `InfluxDB at ${origin} refuses the token (HTTP ${answer.statusCode}): set PROACTIVE_INFLUX_TOKEN to one that may read and write.`,
    )
  const version = headerSchema.safeParse(answer.headers['x-influxdb-version'])
  return version.success ? version.data : undefined
}

/** Which InfluxDB is there. @throws MetricStoreUnavailableError also where it is none. */
export async function detectInflux(server: InfluxServer, timeoutMs?: number): Promise<InfluxVersion> {
  const text = await pingInflux(server, timeoutMs)
  if (text === undefined)
    throw new MetricStoreUnavailableError(
      `What answers at ${new URL(server.url).origin} is no InfluxDB (no version at /ping): mend PROACTIVE_INFLUX_URL.`,
    )
  return { text, major: Number.parseInt(text.replace(/^v/, ''), 10) }
}
