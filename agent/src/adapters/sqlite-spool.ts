import { existsSync, renameSync, rmSync } from 'node:fs'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { DatabaseSync } from 'node:sqlite'
import { type Lane, lanes } from '@proactive/shared'
import {
  type Spool,
  type SpoolCommit,
  SpoolError,
  type SpoolFigures,
  type SpoolKind,
} from '../ports/index.ts'
import { type Row, toRecord, toStamped } from './sqlite-spool-rows.ts'

export interface SqliteSpoolOptions {
  readonly file: string
  /** Oldest unplaced telemetry is given up above this. */
  readonly maxBytes: number
  /** Called when a damaged file was moved aside. */
  readonly onDamage?: (movedTo: string, cause: unknown) => void
}

const kinds: readonly SpoolKind[] = ['telemetry', 'observation']

/** Small pages: a commit of the steady state touches few bytes, and each touched page is written whole (SD card wear). */
const schema = `
  CREATE TABLE IF NOT EXISTS record (
    id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, epoch INTEGER NOT NULL, at_ms INTEGER NOT NULL,
    is_synced INTEGER NOT NULL, max_alias INTEGER NOT NULL, body TEXT NOT NULL,
    lane INTEGER, seq INTEGER, place INTEGER
  ) STRICT;
  CREATE INDEX IF NOT EXISTS record_place ON record (lane, place) WHERE place IS NOT NULL;
  CREATE INDEX IF NOT EXISTS observation_waiting ON record (id) WHERE kind = 1 AND place IS NULL;
  CREATE TABLE IF NOT EXISTS lane (
    epoch INTEGER NOT NULL, lane INTEGER NOT NULL, last_seq INTEGER NOT NULL, PRIMARY KEY (epoch, lane)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS sample (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS fact (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
`

/** More than any window's samples between two commits. */
const maxSampleBytes = 16_000_000
/** Records in memory at a time while times are set right: days without a clock are more than a small heap holds. */
const rebasePage = 64
/** Bytes a record costs beside its body. */
const recordOverhead = 80

/**
 * The spool on SQLite. A damaged file is moved aside (`.damaged-N`), counted, and a new one begun: the appliance never stops because of
 * what a crash or a worn card left behind. @throws SpoolError where the file is sound as far as anybody knows and only cannot be
 * opened now (disk full, no right, in use): moving it aside would give up what it holds.
 */
export function openSqliteSpool(options: SqliteSpoolOptions): Spool {
  let quarantined = 0
  /** Of this run, by epoch and lane: a spool that is begun anew goes on counting, else the cloud takes what follows for repeats. */
  const seqByLane = new Map<string, { epoch: number; lane: number; seq: number }>()
  let db = open()

  function open(): DatabaseSync {
    try {
      return openDatabase(options.file)
    } catch (cause) {
      if (!isDamage(cause) && errcodeOf(cause) !== foreignTables)
        throw new SpoolError(`the spool ${options.file} cannot be opened`, { cause })
      const movedTo = moveAside(options.file)
      quarantined++
      options.onDamage?.(movedTo, cause)
      return openDatabase(options.file)
    }
  }

  let statements = prepare(db)
  let { records, bytes } = measure(db)
  let place = maxPlace(db)
  /** Never given twice in a run, also where the spool became empty or was begun anew: acknowledgements name records by it and may come late. */
  let lastId = Number(db.prepare('SELECT coalesce(max(id), 0) AS id FROM record').get()?.id)
  /** What a damaged file knew for the next run (inventory, configuration) goes on in the one that is begun anew. */
  const facts = new Map(statements.facts.all().map(({ key, value }) => [String(key), String(value)]))
  let dropped = Number(facts.get('spool.dropped') ?? 0)
  quarantined += Number(facts.get('spool.quarantined') ?? 0)

  /** Runs a change in one transaction; a damaged file found on the way is moved aside and the change done on the new one. */
  function transact<T>(change: () => T): T {
    try {
      return runTransaction(db, change)
    } catch (cause) {
      if (!isDamage(cause)) {
        recount()
        throw new SpoolError('the spool could not be written', { cause })
      }
      beginAnew(cause)
      return runTransaction(db, change)
    }
  }

  /** Moves the damaged file aside. Places are counted on: whoever reads goes on behind the last one it had. */
  function beginAnew(cause: unknown): void {
    closeQuietly(db)
    const movedTo = moveAside(options.file)
    options.onDamage?.(movedTo, cause)
    quarantined++
    dropped += records
    db = openDatabase(options.file)
    statements = prepare(db)
    records = 0
    bytes = 0
    runTransaction(db, () => {
      for (const [key, value] of facts) statements.setFact.run(key, value)
      statements.setFact.run('spool.dropped', String(dropped))
      statements.setFact.run('spool.quarantined', String(quarantined))
      for (const { epoch, lane, seq } of seqByLane.values()) statements.setSeq.run(epoch, lane, seq)
    })
  }

  /** A page that cannot be read would be met again at each try, and nothing be sent any more. */
  function readPlaced(lane: Lane, afterOrder: number, limit: number): Row[] {
    try {
      return statements.placed.all(lanes.indexOf(lane), afterOrder, limit) as unknown as Row[]
    } catch (cause) {
      if (!isDamage(cause)) throw new SpoolError('the spool could not be read', { cause })
      beginAnew(cause)
      return []
    }
  }

  /** After a rolled-back change the figures in memory are taken from the file again. */
  function recount(): void {
    try {
      ;({ records, bytes } = measure(db))
      place = maxPlace(db)
    } catch {
      // A disk that cannot be read either: the figures stay as they are.
    }
  }

  function nextSeq(epoch: number, lane: number): number {
    const seq = Number(statements.takeSeq.get(epoch, lane)?.last_seq)
    seqByLane.set(`${epoch} ${lane}`, { epoch, lane, seq })
    return seq
  }

  function makeRoom(): void {
    while (bytes > options.maxBytes) {
      // Telemetry goes first; changes only where nothing else is left, since a full disk would lose everything.
      const victims = kinds
        .map((_, kind) => statements.oldestUnplaced.all(kind, 32))
        .find((found) => found.length > 0)
      if (victims === undefined) return
      for (const victim of victims) {
        statements.forget.run(Number(victim.id))
        bytes -= Number(victim.size) + recordOverhead
        records--
        dropped++
      }
      statements.setFact.run('spool.dropped', String(dropped))
    }
  }

  function forget(id: number): void {
    const row = statements.sizeOf.get(id)
    if (row === undefined) return
    statements.forget.run(id)
    bytes -= Number(row.size) + recordOverhead
    records--
  }

  return {
    commit(change: SpoolCommit) {
      return transact(() => {
        for (const id of change.forget ?? []) forget(id)
        if (change.closesWindow) statements.clearSamples.run()
        if (change.samples !== undefined) statements.addSample.run(packSamples(change.samples))
        for (const [key, value] of change.facts ?? []) {
          if (value === null) statements.dropFact.run(key)
          else statements.setFact.run(key, value)
          if (value === null) facts.delete(key)
          else facts.set(key, value)
        }
        const added = (change.add ?? []).map(({ entry, lane }) => {
          const laneNumber = lane === undefined ? null : lanes.indexOf(lane)
          const seq = laneNumber === null ? null : nextSeq(entry.bootEpoch, laneNumber)
          const order = laneNumber === null ? null : ++place
          const id = ++lastId
          statements.add.run(
            id,
            kinds.indexOf(entry.kind),
            entry.bootEpoch,
            entry.atMs,
            entry.clock === 'synced' ? 1 : 0,
            entry.maxAlias,
            entry.body,
            laneNumber,
            seq,
            order,
          )
          bytes += entry.body.length + recordOverhead
          records++
          return {
            ...entry,
            id,
            ...(lane === undefined || seq === null ? {} : { lane, seq }),
          }
        })
        makeRoom()
        return added
      })
    },
    stamp(kind: SpoolKind, lane: Lane, limit: number) {
      return transact(() => {
        const waiting = statements.waiting[kind].all(limit)
        const laneNumber = lanes.indexOf(lane)
        for (const row of waiting) {
          statements.place.run(laneNumber, nextSeq(Number(row.epoch), laneNumber), ++place, Number(row.id))
        }
        return waiting.length
      })
    },
    placed: (lane, afterOrder, limit) => readPlaced(lane, afterOrder, limit).map(toStamped),
    rebase(bootEpoch, shiftMs, shiftBody) {
      return transact(() => {
        let count = 0
        let lastId = 0
        for (;;) {
          const rows = (statements.unsynced.all(bootEpoch, lastId, rebasePage) as unknown as Row[]).map(
            toRecord,
          )
          for (const { id, kind, atMs, body } of rows) {
            statements.rebase.run(Math.max(0, Math.round(atMs + shiftMs)), shiftBody(kind, body), id)
            lastId = id
          }
          count += rows.length
          if (rows.length < rebasePage) return count
        }
      })
    },
    unfinishedSamples: () => statements.samples.all().map((row) => unpackSamples(String(row.body))),
    fact: (key) => facts.get(key),
    figures: (): SpoolFigures => ({ records, bytes, dropped, quarantined }),
    close: () => closeQuietly(db),
  }
}

/** Says that what follows is deflated, in base64. */
const packedMark = 'z:'

/** Samples are written every 10 s and seldom read: packed they touch fewer pages of the card. */
function packSamples(text: string): string {
  return packedMark + deflateRawSync(text).toString('base64')
}

/** What was written before samples were packed is read as it is; what is broken is no sample. */
function unpackSamples(body: string): string {
  if (!body.startsWith(packedMark)) return body
  try {
    return inflateRawSync(Buffer.from(body.slice(packedMark.length), 'base64'), {
      maxOutputLength: maxSampleBytes,
    }).toString('utf8')
  } catch {
    return ''
  }
}

function openDatabase(file: string): DatabaseSync {
  const db = new DatabaseSync(file)
  try {
    // What a commit writes is counted in whole pages: small ones spare the card (measured: a fifth less with 50 devices).
    db.exec('PRAGMA page_size = 512')
    // Nobody else opens it: the index of the log stays in memory, else its 32 KB file is written again and again.
    db.exec('PRAGMA locking_mode = EXCLUSIVE')
    db.exec('PRAGMA journal_mode = WAL')
    db.exec('PRAGMA synchronous = FULL')
    db.exec('PRAGMA busy_timeout = 2000')
    const check = db.prepare('PRAGMA quick_check(1)').get()
    if (check?.quick_check !== 'ok') throw new DamagedError(`quick_check: ${String(check?.quick_check)}`)
    db.exec(schema)
    // Counters of starts that have nothing left to send are of no use to anybody.
    db.exec(
      `DELETE FROM lane WHERE epoch NOT IN (SELECT epoch FROM record) AND epoch < (SELECT max(epoch) FROM lane)`,
    )
    return db
  } catch (error) {
    closeQuietly(db)
    throw error
  }
}

function prepare(db: DatabaseSync) {
  return {
    add: db.prepare(
      `INSERT INTO record (id, kind, epoch, at_ms, is_synced, max_alias, body, lane, seq, place) VALUES (?,?,?,?,?,?,?,?,?,?)`,
    ),
    forget: db.prepare('DELETE FROM record WHERE id = ?'),
    sizeOf: db.prepare('SELECT length(body) AS size FROM record WHERE id = ?'),
    oldestUnplaced: db.prepare(
      'SELECT id, length(body) AS size FROM record WHERE kind = ? AND place IS NULL ORDER BY id LIMIT ?',
    ),
    takeSeq: db.prepare(
      `INSERT INTO lane VALUES (?, ?, 1) ON CONFLICT (epoch, lane) DO UPDATE SET last_seq = last_seq + 1 RETURNING last_seq`,
    ),
    setSeq: db.prepare('INSERT INTO lane VALUES (?, ?, ?)'),
    waiting: {
      telemetry: db.prepare(
        'SELECT id, epoch FROM record WHERE kind = 0 AND place IS NULL ORDER BY id LIMIT ?',
      ),
      observation: db.prepare(
        'SELECT id, epoch FROM record WHERE kind = 1 AND place IS NULL ORDER BY id LIMIT ?',
      ),
    },
    place: db.prepare('UPDATE record SET lane = ?, seq = ?, place = ? WHERE id = ?'),
    placed: db.prepare('SELECT * FROM record WHERE lane = ? AND place > ? ORDER BY place LIMIT ?'),
    unsynced: db.prepare(
      'SELECT * FROM record WHERE epoch = ? AND id > ? AND is_synced = 0 AND place IS NULL ORDER BY id LIMIT ?',
    ),
    rebase: db.prepare('UPDATE record SET at_ms = ?, is_synced = 1, body = ? WHERE id = ?'),
    addSample: db.prepare('INSERT INTO sample (body) VALUES (?)'),
    clearSamples: db.prepare('DELETE FROM sample'),
    samples: db.prepare('SELECT body FROM sample ORDER BY id'),
    facts: db.prepare('SELECT key, value FROM fact'),
    setFact: db.prepare(
      // The same text again writes nothing: the inventory's is long, and cards wear out.
      'INSERT INTO fact VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE value <> excluded.value',
    ),
    dropFact: db.prepare('DELETE FROM fact WHERE key = ?'),
  }
}

function measure(db: DatabaseSync): { records: number; bytes: number } {
  const row = db
    .prepare('SELECT count(*) AS records, coalesce(sum(length(body)), 0) AS bytes FROM record')
    .get()
  const records = Number(row?.records)
  return { records, bytes: Number(row?.bytes) + records * recordOverhead }
}

function maxPlace(db: DatabaseSync): number {
  return Number(db.prepare('SELECT coalesce(max(place), 0) AS place FROM record').get()?.place)
}

function runTransaction<T>(db: DatabaseSync, change: () => T): T {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = change()
    db.exec('COMMIT')
    return result
  } catch (error) {
    try {
      db.exec('ROLLBACK')
    } catch {
      // The failed statement has ended the transaction already.
    }
    throw error
  }
}

/** The file opens but is not sound. */
class DamagedError extends Error {}

/** SQLITE_ERROR; at the opening it means tables of another make. */
const foreignTables = 1
/** SQLITE_CORRUPT and SQLITE_NOTADB: the file is not what we wrote. */
const damageCodes = [11, 26]
/** SQLITE_IOERR_READ, _SHORT_READ and _CORRUPTFS: the card gives the bytes back no more. */
const unreadableCodes = [266, 522, 8_458]

/** Whether the file is lost, unlike a disk that is full or a file that is in use (https://sqlite.org/rescode.html). */
function isDamage(cause: unknown): boolean {
  const code = errcodeOf(cause)
  return cause instanceof DamagedError || damageCodes.includes(code & 0xff) || unreadableCodes.includes(code)
}

function errcodeOf(cause: unknown): number {
  const code = (cause as { errcode?: unknown }).errcode
  return typeof code === 'number' ? code : 0
}

/** Keeps at most three damaged files for whoever wants to look; older ones are overwritten. */
function moveAside(file: string): string {
  const names = [1, 2, 3].map((number) => `${file}.damaged-${number}`)
  const target = names.find((name) => !existsSync(name)) ?? names[0] ?? file
  if (existsSync(file)) renameSync(file, target)
  for (const suffix of ['-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true })
  return target
}

function closeQuietly(db: DatabaseSync): void {
  try {
    db.close()
  } catch {
    // It was closed already.
  }
}
