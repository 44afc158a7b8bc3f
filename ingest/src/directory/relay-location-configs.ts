import type { LocationConfig } from '../faults/model.ts'
import type { LocationConfigs } from './location-configs.ts'

/** Where configurations go: the pipeline appends them to the log. */
export interface LocationConfigSink {
  configure(config: LocationConfig): Promise<void>
}

export interface RelayOptions {
  readonly configs: LocationConfigs
  readonly sink: LocationConfigSink
  /** Also looks without being told: another process may have written. */
  readonly everyMs?: number
  readonly onFailure: (err: unknown) => void
}

export interface LocationConfigRelay {
  /** Resolves when everything that was pending at the call is in the log. */
  flush(): Promise<void>
  /** Resolves when the last append ended. Safe to call twice. */
  stop(): Promise<void>
}

/** Takes changed Location configurations to the log, at least once and never too few: what a crash cut off is still pending at the next start. */
export function relayLocationConfigs(options: RelayOptions): LocationConfigRelay {
  const { configs, sink, onFailure, everyMs = 5_000 } = options
  let running: Promise<void> = Promise.resolve()
  let isQueued = false
  let isStopped = false

  async function run(): Promise<void> {
    isQueued = false
    for (;;) {
      const pending = isStopped ? [] : await configs.pending(100)
      if (pending.length === 0) return
      for (const { config, version } of pending) {
        await sink.configure(config)
        await configs.markAppended(config.locationId, version)
      }
    }
  }

  /** One run at a time; asked for again while one is waiting its turn, that one serves both. */
  function flush(): Promise<void> {
    if (!isQueued) {
      isQueued = true
      running = running.then(run, run)
    }
    return running
  }
  const flushWatched = () => void flush().catch(onFailure)

  const forget = configs.onLocationConfigChanged(flushWatched)
  const timer = setInterval(flushWatched, everyMs)
  return {
    flush,
    stop: async () => {
      isStopped = true
      forget()
      clearInterval(timer)
      await running.catch(() => undefined)
    },
  }
}
