import { trimIncidents } from '../api/index.ts'
import type { Runtime } from './runtime.ts'
import type { Stores } from './stores.ts'

const everyMs = 3_600_000

/** Begins to forget, each hour, incidents that were over for as long as the operator wants them kept. */
export function startRetention(
  { config, stops, nowMs, child, warn }: Runtime,
  { database: { db } }: Stores,
): void {
  const stopping = new AbortController()
  const onFailure = warn('retention', 'old incidents were not taken away')
  let running: Promise<void> | undefined
  const round = async () => {
    const went = await trimIncidents(db, nowMs() - config.incidentKeptMs, stopping.signal)
    if (went > 0) child('retention').info({ incidents: went }, 'incidents of long ago were forgotten')
  }
  const timer = setInterval(() => {
    running ??= round()
      .catch(onFailure)
      .finally(() => {
        running = undefined
      })
  }, everyMs)
  timer.unref()
  stops.add('retention', async () => {
    clearInterval(timer)
    stopping.abort()
    await running
  })
}
