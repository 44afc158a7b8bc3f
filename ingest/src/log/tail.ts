import type { LogRecord } from './ingest-log.ts'

/** The newest records of one partition, kept in memory so that readers who keep up need no disk. */
export interface Tail {
  push(record: LogRecord): void
  /** Records behind the offset in order, at most `limit`; undefined = it begins later than that, ask the engine. */
  after(offset: number, limit: number): readonly LogRecord[] | undefined
}

/** A tail that holds at most `maxBytes` of payload, and nothing that was written before `head`. */
export function createTail(head: number, maxBytes: number): Tail {
  const records: LogRecord[] = []
  /** Index of the oldest record that still counts; the array is cut when half of it is gone. */
  let start = 0
  let bytes = 0
  let oldestBefore = head

  function dropOldest(): void {
    const oldest = records[start]
    if (oldest === undefined) return
    bytes -= sizeOf(oldest)
    oldestBefore = oldest.offset
    start++
    if (start > 64 && start * 2 > records.length) {
      records.splice(0, start)
      start = 0
    }
  }

  return {
    push(record) {
      records.push(record)
      bytes += sizeOf(record)
      while (bytes > maxBytes) dropOldest()
    },
    after(offset, limit) {
      if (offset < oldestBefore) return undefined
      let low = start
      let high = records.length
      while (low < high) {
        const middle = (low + high) >> 1
        if ((records[middle]?.offset ?? 0) <= offset) low = middle + 1
        else high = middle
      }
      return records.slice(low, low + limit)
    },
  }
}

function sizeOf({ entry }: LogRecord): number {
  return 200 + (entry.from === 'appliance' ? entry.payload.length : 0)
}
