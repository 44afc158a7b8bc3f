import type { LiveEvent } from '@proactive/shared/http'

/** An event with its place; `id` is `<run>-<number>`, so that an id of an earlier run is not mistaken for one of this. */
export interface NumberedEvent {
  readonly id: string
  readonly event: LiveEvent
}

/** What changed, for whoever looks at it now; the last minutes are kept for those whose connection broke. */
export interface LiveFeed {
  publish(event: LiveEvent): void
  /** Events behind the id; undefined = too much was missed, or the id is of another run. */
  since(id: string): readonly NumberedEvent[] | undefined
  /** Returns how to stop listening. */
  subscribe(listener: (event: NumberedEvent) => void): () => void
}

export interface LiveFeedOptions {
  readonly nowMs: () => number
  /** Bounds of what is kept. */
  readonly maxEvents?: number
  readonly maxBytes?: number
}

export function createLiveFeed(options: LiveFeedOptions): LiveFeed {
  const { maxEvents = 2_000, maxBytes = 8 * 1_024 * 1_024 } = options
  const run = options.nowMs().toString(36)
  const kept: { number: number; bytes: number; numbered: NumberedEvent }[] = []
  const listeners = new Set<(event: NumberedEvent) => void>()
  let newest = 0
  let keptBytes = 0
  return {
    publish: (event) => {
      newest += 1
      const numbered = { id: `${run}-${newest}`, event }
      const bytes = JSON.stringify(event).length
      kept.push({ number: newest, bytes, numbered })
      keptBytes += bytes
      while (kept.length > maxEvents || (keptBytes > maxBytes && kept.length > 1))
        keptBytes -= kept.shift()?.bytes ?? 0
      for (const listener of [...listeners]) listener(numbered)
    },
    since: (id) => {
      const match = /^([0-9a-z]+)-(\d{1,15})$/.exec(id)
      const number = Number(match?.[2])
      if (match?.[1] !== run || number > newest) return undefined
      const oldest = kept[0]?.number ?? newest + 1
      if (number < oldest - 1) return undefined
      return kept.filter((each) => each.number > number).map((each) => each.numbered)
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
