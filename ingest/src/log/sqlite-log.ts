import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { EpochMs } from '@proactive/shared'
import { type AppendQueue, createAppendQueue, type PlacedEntry } from './append-queue.ts'
import { StaleOwnerError } from './errors.ts'
import type { IngestLog, LogEntry, LogOutput, LogRecord, PartitionOwner } from './ingest-log.ts'
import { partitionIndexOf, partitions } from './partitions.ts'
import { fromRow, toRow } from './row-format.ts'
import type { RowGroup, SessionChange } from './sqlite/protocol.ts'
import { startLogWorker, type WorkerLink } from './sqlite/worker-link.ts'
import { createTail } from './tail.ts'
import { createTrimmer, type Trimmer } from './trimmer.ts'
import { createWaiters } from './waiters.ts'

export interface SqliteLogOptions {
  readonly file: string
  /** Consumers that must have read a record before it may be trimmed, also before they first came. */
  readonly consumers: readonly string[]
  /** Bytes of untrimmed records at most; beyond it `append` is refused with LogFullError. Default 2 GiB. */
  readonly maxBytes?: number
  /** Bytes that may wait for the disk at most. Default 64 MiB. */
  readonly maxWaitingBytes?: number
  /** How often what every consumer has read is removed. Default 2 s. */
  readonly trimEveryMs?: number
  readonly nowMs?: () => EpochMs
  /** The log has ended by itself (its thread died); the program should end too and be started anew. */
  readonly onFailure?: (error: Error) => void
}

const tailBytes = 512 * 1024
const readLimit = 512

/**
 * The embedded log: one SQLite file (WAL, `synchronous=FULL`) in a worker thread, for one process alone.
 * @throws LogUnavailableError in one sentence where the file cannot be opened.
 */
export async function createSqliteLog(options: SqliteLogOptions): Promise<IngestLog> {
  mkdirSync(dirname(options.file), { recursive: true, mode: 0o700 })
  const link = await startLogWorker({ file: options.file, partitionCount: partitions.length })
  if (options.onFailure) link.onFailure(options.onFailure)
  const found = link.opened.partitions
  const tails = found.map(({ head }) => createTail(head, tailBytes))
  const recordWaiters = partitions.map(() => createWaiters())
  const outputWaiters = partitions.map(() => createWaiters())
  const maxBytes = options.maxBytes ?? 2 * 1024 ** 3
  let isStopped = false
  let storedBytes = found.reduce((sum, { bytes }) => sum + bytes, 0)

  const trimmer: Trimmer = createTrimmer({
    everyMs: options.trimEveryMs ?? 2_000,
    consumers: options.consumers,
    partitions: found,
    trim: async (partition, upToOffset, maxRows) => {
      const { rows, bytes } = await link.ask<'trim'>({ op: 'trim', partition, upToOffset, maxRows })
      storedBytes -= bytes
      return rows
    },
  })

  const queue: AppendQueue = createAppendQueue({
    partitions,
    partitionOf: partitionIndexOf,
    heads: found,
    maxWaitingBytes: options.maxWaitingBytes ?? 64 * 1024 ** 2,
    hasRoom: (bytes) => storedBytes + bytes <= maxBytes,
    nowMs: options.nowMs ?? Date.now,
    write: (group) => writeGroup(link, group),
    onWritten(group, bytes) {
      storedBytes += bytes
      for (const { partition, record } of group) tails[partition]?.push(record)
      for (const partition of new Set(group.map((entry) => entry.partition))) recordWaiters[partition]?.wake()
    },
  })

  const indexOf = (partition: string): number => {
    const index = partitions.indexOf(partition)
    if (index < 0) throw new Error(`there is no partition "${partition}"`)
    return index
  }

  async function recordsAfter(partition: number, offset: number): Promise<readonly LogRecord[]> {
    const fresh = tails[partition]?.after(offset, readLimit)
    return fresh ?? toRecords(await link.ask<'read'>({ op: 'read', partition, afterOffset: offset }))
  }

  return {
    partitions,
    partitionOf: (locationId) => partitions[partitionIndexOf(locationId)] ?? '',
    append: (entry: LogEntry, session) => queue.append(entry, session),

    async *read(partition, afterOffset, signal) {
      const index = indexOf(partition)
      let offset = afterOffset
      while (!signal.aborted && !isStopped) {
        if (link.failure !== undefined) throw link.failure
        const seen = recordWaiters[index]?.version ?? 0
        const records = await recordsAfter(index, offset)
        const last = records.at(-1)
        if (last === undefined) {
          await recordWaiters[index]?.wait(seen, signal)
          continue
        }
        offset = last.offset
        if (!signal.aborted) yield records
      }
    },

    async own(partition, consumer) {
      const index = indexOf(partition)
      const taken = await link.ask<'own'>({ op: 'own', partition: index, consumer })
      trimmer.committed(index, consumer, taken.committedOffset)
      return createOwner({
        link,
        partition,
        index,
        consumer,
        ...taken,
        trimmer,
        wakeOutputs: () => outputWaiters[index]?.wake(),
      })
    },

    async *readOutputs(partition, afterId, signal) {
      const index = indexOf(partition)
      let id = afterId
      while (!signal.aborted && !isStopped) {
        const seen = outputWaiters[index]?.version ?? 0
        const outputs = await link.ask<'outputs'>({ op: 'outputs', partition: index, afterId: id })
        const last = outputs.at(-1)
        if (last === undefined) {
          await outputWaiters[index]?.wait(seen, signal)
          continue
        }
        id = last.id
        if (!signal.aborted) yield outputs.map((output): LogOutput => ({ partition, ...output }))
      }
    },

    async acknowledgeOutputs(partition, upToId) {
      await link.ask<'acknowledge'>({ op: 'acknowledge', partition: indexOf(partition), upToId })
    },
    acknowledgedOutputs: (partition) =>
      link.ask<'acknowledged'>({ op: 'acknowledged', partition: indexOf(partition) }),
    openSessions: () => link.ask<'sessions'>({ op: 'sessions' }),

    async stop() {
      trimmer.stop()
      await queue.stop()
      isStopped = true
      await link.stop()
      for (const waiters of [...recordWaiters, ...outputWaiters]) waiters.wake()
    },
  }
}

function createOwner(parts: {
  link: WorkerLink
  partition: string
  index: number
  consumer: string
  revision: number
  committedOffset: number
  trimmer: Trimmer
  wakeOutputs: () => void
}): PartitionOwner {
  const { link, partition, index, consumer, revision, trimmer } = parts
  return {
    partition,
    committedOffset: parts.committedOffset,
    async *loadStates() {
      let afterKey = ''
      for (;;) {
        const states = await link.ask<'states'>({ op: 'states', partition: index, consumer, afterKey })
        yield* states
        const last = states.at(-1)
        if (last === undefined) return
        afterKey = last[0]
      }
    },
    async commit({ offset, states, outputs }) {
      const { isStale } = await link.ask<'commit'>({
        op: 'commit',
        partition: index,
        consumer,
        revision,
        offset,
        states: [...states],
        outputs,
      })
      if (isStale) throw new StaleOwnerError(`partition ${partition} has another owner by now`)
      trimmer.committed(index, consumer, offset)
      if (outputs.length > 0) parts.wakeOutputs()
    },
    async release() {
      await link.ask<'release'>({ op: 'release', partition: index, consumer, revision })
    },
  }
}

async function writeGroup(link: WorkerLink, group: readonly PlacedEntry[]): Promise<void> {
  const rows = group.map(({ record }) => toRow(record.entry))
  const bytes = new Uint8Array(rows.reduce((sum, row) => sum + row.payload.length, 0))
  let at = 0
  for (const { payload } of rows) {
    bytes.set(payload, at)
    at += payload.length
  }
  const columns: RowGroup = {
    partitions: group.map(({ partition }) => partition),
    offsets: group.map(({ record }) => record.offset),
    receivedAtMs: group.map(({ record }) => record.receivedAtMs),
    kinds: rows.map((row) => row.kind),
    locationIds: rows.map((row) => row.locationId),
    applianceIds: rows.map((row) => row.applianceId),
    lengths: rows.map((row) => row.payload.length),
    bytes,
  }
  const sessions = group.flatMap(({ record }) => sessionChange(record.entry))
  await link.ask<'append'>({ op: 'append', rows: columns, sessions }, [bytes.buffer])
}

function sessionChange(entry: LogEntry): SessionChange[] {
  if (entry.from !== 'ingest') return []
  const { locationId, event } = entry
  if (event.type !== 'session-opened' && event.type !== 'session-closed') return []
  return [{ applianceId: event.applianceId, locationId, isOpen: event.type === 'session-opened' }]
}

function toRecords(rows: RowGroup): LogRecord[] {
  let at = 0
  return rows.offsets.map((offset, index) => {
    const length = rows.lengths[index] ?? 0
    const payload = rows.bytes.slice(at, at + length)
    at += length
    const entry = fromRow({
      kind: rows.kinds[index] ?? -1,
      locationId: rows.locationIds[index] ?? '',
      applianceId: rows.applianceIds[index] ?? null,
      payload,
    })
    const partition = partitions[rows.partitions[index] ?? -1] ?? ''
    return { partition, offset, receivedAtMs: rows.receivedAtMs[index] ?? 0, entry }
  })
}
