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

/**
 * Asks `/ping` who is there (header `X-Influxdb-Version`: `1.6.7`, `v2.7.1`, `3.0.0`).
 * @throws MetricStoreUnavailableError with one sentence for the operator.
 */
export async function detectInflux(
  server: { readonly url: string; readonly token?: string | undefined },
  timeoutMs = pingTimeoutMs,
): Promise<InfluxVersion> {
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
  if (!version.success)
    throw new MetricStoreUnavailableError(
      `What answers at ${origin} is no InfluxDB (no version at /ping): mend PROACTIVE_INFLUX_URL.`,
    )
  return { text: version.data, major: Number.parseInt(version.data.replace(/^v/, ''), 10) }
}
