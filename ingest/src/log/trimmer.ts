export interface TrimmerOptions {
  readonly everyMs: number
  /** Consumers that count from the start, whether or not they came yet. */
  readonly consumers: readonly string[]
  readonly partitions: readonly {
    readonly trimmedTo: number
    readonly committed: readonly (readonly [consumer: string, offset: number])[]
  }[]
  /** Removes records up to the offset, at most `maxRows`; resolves with how many went. */
  readonly trim: (partition: number, upToOffset: number, maxRows: number) => Promise<number>
}

/** Removes records behind the slowest consumer, a little at a time so that appends never wait long for it. */
export interface Trimmer {
  committed(partition: number, consumer: string, offset: number): void
  stop(): void
}

const rowsAtOnce = 1_000

export function createTrimmer({ everyMs, consumers, partitions, trim }: TrimmerOptions): Trimmer {
  const offsets = partitions.map(
    ({ committed }) =>
      new Map<string, number>([...consumers.map((name) => [name, 0] as const), ...committed]),
  )
  const trimmedTo = partitions.map((partition) => partition.trimmedTo)
  let isBusy = false
  let isStopped = false

  async function round(): Promise<void> {
    for (const [partition, byConsumer] of offsets.entries()) {
      const upTo = Math.min(...byConsumer.values())
      while (!isStopped && Number.isFinite(upTo) && upTo > (trimmedTo[partition] ?? 0)) {
        if ((await trim(partition, upTo, rowsAtOnce)) < rowsAtOnce) trimmedTo[partition] = upTo
      }
    }
  }

  const timer = setInterval(() => {
    if (isBusy) return
    isBusy = true
    // A round that fails (disk full, log ended) is simply tried again by the next one.
    round()
      .catch(() => undefined)
      .finally(() => {
        isBusy = false
      })
  }, everyMs)
  timer.unref()

  return {
    committed(partition, consumer, offset) {
      offsets[partition]?.set(consumer, offset)
    },
    stop() {
      isStopped = true
      clearInterval(timer)
    },
  }
}
