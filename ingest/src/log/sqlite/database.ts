import Database from 'better-sqlite3'
import type { LogAnswer, LogRequest, OpenedMessage, RowGroup, WorkerOptions } from './protocol.ts'
import { rowOverheadBytes } from './protocol.ts'
import { prepareLogSchema, recordTableName } from './schema.ts'

const readRows = 512
const readBytes = 1024 * 1024
const stateChunk = 256
const outputChunk = 256

type Opened = Extract<OpenedMessage, { opened: true }>
type PartitionSummary = Opened['partitions'][number]

/** The log's file, opened. Everything is synchronous: this runs in the log's own thread. */
export interface LogDatabase {
  readonly summary: Opened
  /** Runs the requests as one durable transaction, in order. Throws where the disk refuses; then none of them happened. */
  write(requests: readonly LogRequest[]): LogAnswer[]
  read(request: LogRequest): LogAnswer
  close(): void
}

interface RecordRow {
  readonly offset: number
  readonly received_at_ms: number
  readonly kind: number
  readonly location_id: string
  readonly appliance_id: string | null
  readonly payload: Buffer
}

/** Opens or creates the file, for this process alone. @throws Error where it is in use, damaged or from a newer version. */
export function openLogDatabase({ file, partitionCount }: WorkerOptions): LogDatabase {
  const db = new Database(file, { timeout: 1_000 })
  db.pragma('locking_mode = EXCLUSIVE')
  db.pragma('page_size = 8192')
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.pragma('wal_autocheckpoint = 4000')
  prepareLogSchema(db, partitionCount)
  const indexes = Array.from({ length: partitionCount }, (_, partition) => partition)
  const tables = indexes.map((partition) => prepareRecords(db, recordTableName(partition)))
  const headOf = db.prepare<[number], { head: number }>('SELECT head FROM heads WHERE partition = ?')
  const setHead = db.prepare(
    'INSERT INTO heads VALUES (?, ?) ON CONFLICT DO UPDATE SET head = max(head, excluded.head)',
  )
  const owners = prepareOwners(db)
  const outputs = prepareOutputs(db)
  const sessions = prepareSessions(db)

  const table = (partition: number) => {
    const found = tables[partition]
    if (found === undefined) throw new Error(`there is no partition ${partition}`)
    return found
  }

  function append(rows: RowGroup): null {
    let from = 0
    for (const [index, partition] of rows.partitions.entries()) {
      const length = rows.lengths[index] ?? 0
      table(partition).insert.run(
        rows.offsets[index],
        rows.receivedAtMs[index],
        rows.kinds[index],
        rows.locationIds[index],
        rows.applianceIds[index],
        rows.bytes.subarray(from, from + length),
      )
      from += length
    }
    return null
  }

  function trim(partition: number, upToOffset: number, maxRows: number): LogAnswer {
    const records = table(partition)
    const upTo = records.trimTo.get(upToOffset, maxRows)?.offset
    if (upTo === undefined || upTo === null) return { rows: 0, bytes: 0 }
    const bytes = records.bytesUpTo.get(upTo)?.bytes ?? 0
    setHead.run(partition, upTo)
    return { rows: records.remove.run(upTo).changes, bytes }
  }

  function apply(request: LogRequest): LogAnswer {
    switch (request.op) {
      case 'append':
        for (const change of request.sessions) sessions.apply(change)
        return append(request.rows)
      case 'own':
        return owners.own(request.partition, request.consumer)
      case 'commit': {
        const isStale = !owners.advance(request)
        if (!isStale) for (const body of request.outputs) outputs.insert(request.partition, body)
        return { isStale }
      }
      case 'release':
        owners.release(request.partition, request.consumer, request.revision)
        return null
      case 'acknowledge':
        outputs.acknowledge(request.partition, request.upToId)
        return null
      case 'trim':
        return trim(request.partition, request.upToOffset, request.maxRows)
      default:
        throw new Error(`${request.op} is no write`)
    }
  }
  const write = db.transaction((requests: readonly LogRequest[]) => requests.map(apply))

  function summarize(partition: number): PartitionSummary {
    const { first, last, bytes, last_at } = table(partition).summary.get() ?? emptySummary
    const head = Math.max(headOf.get(partition)?.head ?? 0, last ?? 0)
    return {
      head,
      trimmedTo: first === null ? head : first - 1,
      bytes: bytes ?? 0,
      lastAtMs: last_at ?? 0,
      committed: owners.committed(partition),
    }
  }

  return {
    summary: { opened: true, partitions: indexes.map(summarize) },
    write: (requests) => write.immediate(requests),
    read(request) {
      switch (request.op) {
        case 'read':
          return group(request.partition, table(request.partition).after.iterate(request.afterOffset))
        case 'states':
          return owners.states(request.partition, request.consumer, request.afterKey)
        case 'outputs':
          return outputs.after(request.partition, request.afterId)
        case 'acknowledged':
          return outputs.acknowledged(request.partition)
        case 'sessions':
          return sessions.open()
        default:
          throw new Error(`${request.op} is no read`)
      }
    },
    close: () => db.close(),
  }
}

const emptySummary = { first: null, last: null, bytes: null, last_at: null }

function prepareRecords(db: Database.Database, name: string) {
  const size = `length(payload) + ${rowOverheadBytes}`
  return {
    insert: db.prepare(`INSERT INTO ${name} VALUES (?, ?, ?, ?, ?, ?)`),
    after: db.prepare<[number], RecordRow>(
      `SELECT * FROM ${name} WHERE offset > ? ORDER BY offset LIMIT ${readRows}`,
    ),
    summary: db.prepare<
      [],
      { first: number | null; last: number | null; bytes: number | null; last_at: number | null }
    >(
      `SELECT min(offset) AS first, max(offset) AS last, sum(${size}) AS bytes, max(received_at_ms) AS last_at FROM ${name}`,
    ),
    trimTo: db.prepare<[number, number], { offset: number | null }>(
      `SELECT max(offset) AS offset FROM (SELECT offset FROM ${name} WHERE offset <= ? ORDER BY offset LIMIT ?)`,
    ),
    bytesUpTo: db.prepare<[number], { bytes: number | null }>(
      `SELECT sum(${size}) AS bytes FROM ${name} WHERE offset <= ?`,
    ),
    remove: db.prepare(`DELETE FROM ${name} WHERE offset <= ?`),
  }
}

function prepareOwners(db: Database.Database) {
  const take = db.prepare<[number, string], { revision: number; committed_offset: number }>(
    `INSERT INTO owners VALUES (?, ?, 1, 0) ON CONFLICT DO UPDATE SET revision = revision + 1 RETURNING revision, committed_offset`,
  )
  const advance = db.prepare(
    'UPDATE owners SET committed_offset = ? WHERE partition = ? AND consumer = ? AND revision = ?',
  )
  const release = db.prepare(
    'UPDATE owners SET revision = revision + 1 WHERE partition = ? AND consumer = ? AND revision = ?',
  )
  const committed = db.prepare<[number], { consumer: string; committed_offset: number }>(
    'SELECT consumer, committed_offset FROM owners WHERE partition = ?',
  )
  const put = db.prepare(
    'INSERT INTO states VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET state = excluded.state',
  )
  const drop = db.prepare('DELETE FROM states WHERE partition = ? AND consumer = ? AND key = ?')
  const states = db.prepare<[number, string, string], { key: string; state: Buffer }>(
    `SELECT key, state FROM states WHERE partition = ? AND consumer = ? AND key > ? ORDER BY key LIMIT ${stateChunk}`,
  )
  return {
    own(partition: number, consumer: string) {
      const row = take.get(partition, consumer)
      return { revision: row?.revision ?? 0, committedOffset: row?.committed_offset ?? 0 }
    },
    /** False = the owner is stale and nothing was changed. */
    advance(commit: Extract<LogRequest, { op: 'commit' }>): boolean {
      const { partition, consumer, revision, offset } = commit
      if (advance.run(offset, partition, consumer, revision).changes === 0) return false
      for (const [key, state] of commit.states) {
        if (state === null) drop.run(partition, consumer, key)
        else put.run(partition, consumer, key, state)
      }
      return true
    },
    release: (partition: number, consumer: string, revision: number) => {
      release.run(partition, consumer, revision)
    },
    committed: (partition: number) =>
      committed.all(partition).map((row) => [row.consumer, row.committed_offset] as const),
    states: (partition: number, consumer: string, afterKey: string) =>
      states.all(partition, consumer, afterKey).map((row) => [row.key, row.state] as const),
  }
}

function prepareOutputs(db: Database.Database) {
  const insert = db.prepare('INSERT INTO outputs (partition, body) VALUES (?, ?)')
  const after = db.prepare<[number, number], { id: number; body: Buffer }>(
    `SELECT id, body FROM outputs WHERE partition = ? AND id > ? ORDER BY id LIMIT ${outputChunk}`,
  )
  const mark = db.prepare(
    'INSERT INTO acknowledged VALUES (?, ?) ON CONFLICT DO UPDATE SET output_id = max(output_id, excluded.output_id)',
  )
  const remove = db.prepare('DELETE FROM outputs WHERE partition = ? AND id <= ?')
  const marked = db.prepare<[number], { output_id: number }>(
    'SELECT output_id FROM acknowledged WHERE partition = ?',
  )
  return {
    insert: (partition: number, body: Uint8Array) => {
      insert.run(partition, body)
    },
    after: (partition: number, afterId: number) => after.all(partition, afterId),
    acknowledge(partition: number, upToId: number): void {
      mark.run(partition, upToId)
      remove.run(partition, upToId)
    },
    acknowledged: (partition: number) => marked.get(partition)?.output_id ?? 0,
  }
}

function prepareSessions(db: Database.Database) {
  const put = db.prepare(
    'INSERT INTO open_sessions VALUES (?, ?) ON CONFLICT DO UPDATE SET location_id = excluded.location_id',
  )
  const drop = db.prepare('DELETE FROM open_sessions WHERE appliance_id = ?')
  const all = db.prepare<[], { appliance_id: string; location_id: string }>('SELECT * FROM open_sessions')
  return {
    apply(change: { applianceId: string; locationId: string; isOpen: boolean }): void {
      if (change.isOpen) put.run(change.applianceId, change.locationId)
      else drop.run(change.applianceId)
    },
    open: () => all.all().map((row) => ({ applianceId: row.appliance_id, locationId: row.location_id })),
  }
}

function group(partition: number, rows: IterableIterator<RecordRow>): RowGroup {
  const taken: RecordRow[] = []
  let size = 0
  for (const row of rows) {
    taken.push(row)
    size += row.payload.length
    if (size >= readBytes) break
  }
  const bytes = new Uint8Array(size)
  let at = 0
  for (const row of taken) {
    bytes.set(row.payload, at)
    at += row.payload.length
  }
  return {
    partitions: taken.map(() => partition),
    offsets: taken.map((row) => row.offset),
    receivedAtMs: taken.map((row) => row.received_at_ms),
    kinds: taken.map((row) => row.kind),
    locationIds: taken.map((row) => row.location_id),
    applianceIds: taken.map((row) => row.appliance_id),
    lengths: taken.map((row) => row.payload.length),
    bytes,
  }
}
