import type { EpochMs } from '@proactive/shared'
import { LogFullError, LogUnavailableError } from './errors.ts'
import type { LogEntry, LogRecord } from './ingest-log.ts'

interface Waiting {
  readonly entry: LogEntry
  readonly partition: number
  readonly session: string
  readonly bytes: number
  readonly receivedAtMs: EpochMs
  readonly resolve: (record: LogRecord) => void
  readonly reject: (error: Error) => void
}

/** One entry of a group on its way to the engine. */
export interface PlacedEntry {
  readonly partition: number
  readonly record: LogRecord
}

export interface AppendQueueOptions {
  readonly partitions: readonly string[]
  readonly partitionOf: (locationId: string) => number
  /** Newest offset and newest stamp of each partition. */
  readonly heads: readonly { readonly head: number; readonly lastAtMs: EpochMs }[]
  /** Bytes that may wait for the disk at most; more is refused. */
  readonly maxWaitingBytes: number
  /** Whether the log may take this many bytes more. */
  readonly hasRoom: (bytes: number) => boolean
  readonly nowMs: () => EpochMs
  /** Makes the group durable, all or nothing. */
  readonly write: (group: readonly PlacedEntry[]) => Promise<void>
  /** Told after the group is durable and before its callers are. */
  readonly onWritten: (group: readonly PlacedEntry[], bytes: number) => void
}

export interface AppendQueue {
  append(entry: LogEntry, session: string): Promise<LogRecord>
  /** Resolves when nothing waits any more; later appends are refused. */
  stop(): Promise<void>
}

const entryOverheadBytes = 100
/** Most entries of one group; bounds how long the first of them waits for the last. */
const maxGroup = 4_096
/** A wall clock that goes back by less than this stands still instead; by more it was wrong before, and is followed. */
const toleratedStepBackMs = 60_000

/**
 * Group commit: entries that arrive while a group is being written form the next one. One group is under way at a time, so offsets
 * follow the order of arrival and a refused group leaves no holes in a session's order.
 */
export function createAppendQueue(options: AppendQueueOptions): AppendQueue {
  const heads = options.heads.map(({ head }) => head)
  const stamps = options.heads.map(({ lastAtMs }) => lastAtMs)
  let waiting: Waiting[] = []
  let waitingBytes = 0
  let underWay: Promise<void> | undefined
  let isStopped = false
  /** Sessions refused in this turn of the event loop: what they append before they can know of it is refused too. */
  const refusedNow = new Set<string>()

  function stamp(partition: number): EpochMs {
    const last = stamps[partition] ?? 0
    const now = options.nowMs()
    const next = now >= last || last - now > toleratedStepBackMs ? now : last
    stamps[partition] = next
    return next
  }

  function whyNot(bytes: number, session: string): Error | undefined {
    if (isStopped) return new LogUnavailableError('the log is stopping')
    if (refusedNow.has(session))
      return new LogUnavailableError('an earlier entry of this session was refused')
    if (!options.hasRoom(waitingBytes + bytes)) return new LogFullError('the log is full')
    if (waitingBytes + bytes > options.maxWaitingBytes)
      return new LogUnavailableError('too much waits for the disk')
    return undefined
  }

  function append(entry: LogEntry, session: string): Promise<LogRecord> {
    const bytes = entryOverheadBytes + (entry.from === 'appliance' ? entry.payload.length : 200)
    const refusal = whyNot(bytes, session)
    if (refusal !== undefined) {
      if (refusedNow.size === 0) setImmediate(() => refusedNow.clear())
      refusedNow.add(session)
      return Promise.reject(refusal)
    }
    waitingBytes += bytes
    const partition = options.partitionOf(entry.locationId)
    const receivedAtMs = stamp(partition)
    return new Promise((resolve, reject) => {
      waiting.push({ entry, partition, session, bytes, receivedAtMs, resolve, reject })
      underWay ??= new Promise<void>((done) => setImmediate(() => done(writeAll())))
    })
  }

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const group = waiting.slice(0, maxGroup)
      waiting = waiting.slice(maxGroup)
      await writeGroup(group)
    }
    underWay = undefined
  }

  async function writeGroup(group: readonly Waiting[]): Promise<void> {
    const before = [...heads]
    const placed = group.map(({ entry, partition, receivedAtMs }) => {
      const offset = (heads[partition] ?? 0) + 1
      heads[partition] = offset
      return {
        partition,
        record: { partition: options.partitions[partition] ?? '', offset, receivedAtMs, entry },
      }
    })
    const bytes = group.reduce((sum, entry) => sum + entry.bytes, 0)
    try {
      await options.write(placed)
    } catch (error) {
      heads.splice(0, heads.length, ...before)
      refuse(group, error instanceof Error ? error : new LogUnavailableError(String(error)))
      return
    } finally {
      waitingBytes -= bytes
    }
    options.onWritten(placed, bytes)
    for (const [index, { record }] of placed.entries()) group[index]?.resolve(record)
  }

  /** Rejects the group, and what its sessions appended since: nothing may overtake what was refused. */
  function refuse(group: readonly Waiting[], error: Error): void {
    const sessions = new Set(group.map(({ session }) => session))
    const overtakers = waiting.filter(({ session }) => sessions.has(session))
    waiting = waiting.filter(({ session }) => !sessions.has(session))
    for (const { bytes } of overtakers) waitingBytes -= bytes
    for (const { reject } of [...group, ...overtakers]) reject(error)
  }

  return {
    append,
    async stop() {
      isStopped = true
      await underWay
    },
  }
}
