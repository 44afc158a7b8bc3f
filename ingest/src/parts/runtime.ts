import type { Logger } from 'pino'
import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Config } from '../config.ts'
import type { StopList } from './stop-list.ts'

/** What every part of the program is given. */
export interface Runtime {
  readonly config: Config
  readonly metrics: Registry
  /** A part that was started puts its end here at once, so that nothing is left running where a later one cannot start. */
  readonly stops: StopList
  readonly nowMs: () => number
  /** A logger whose lines name the part. */
  child(part: string): Logger
  /** Takes failures that the part goes on after: one line each, with this sentence. */
  warn(part: string, sentence: string): (err: unknown, locationId?: string) => void
  /** Takes the failure of a part that has ended by itself: the program should stop. */
  readonly fail: (reason: unknown) => void
  /** Rejects with the first such failure. */
  readonly failed: Promise<never>
}

export function createRuntime(config: Config, logger: Logger, stops: StopList): Runtime {
  const metrics = new Registry()
  collectDefaultMetrics({ register: metrics })
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => undefined)
  const child = (part: string) => logger.child({ part })
  return {
    config,
    metrics,
    stops,
    nowMs: Date.now,
    child,
    warn: (part, sentence) => (err, locationId) => child(part).warn({ err, locationId }, sentence),
    fail: failure.reject,
    failed: failure.promise,
  }
}
