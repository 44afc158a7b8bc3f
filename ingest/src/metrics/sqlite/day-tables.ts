import { type EpochMs, type RowFamily, rowFamilies, rowFields } from '@proactive/shared'
import type { SeriesQuery } from '@proactive/shared/http'
import Database from 'better-sqlite3'
import type { Buckets, BucketValues } from '../buckets.ts'
import { dayMs } from '../metric-store.ts'
import { rowHead, rowWidth, subjectWidth, type WideRows } from './wide-rows.ts'

/** A newest row as it crosses threads. */
export interface LatestRow {
  readonly family: RowFamily
  readonly subjectId: string
  readonly kind: string
  readonly atMs: EpochMs
  /** In the column order of `rowFields`. */
  readonly values: readonly (number | null)[]
}

/** The store's file: one wide table per family and UTC day, clustered by (subject, time), so that a chart reads neighbouring rows and a day is dropped whole. */
export interface DayTables {
  /** One transaction, on disk when it returns. Writing a (subject, time) again overwrites the values it brings and keeps the others. */
  write(rows: readonly WideRows[]): void
  buckets(
    locationId: string,
    query: Pick<SeriesQuery, 'family' | 'subject' | 'field' | 'fromMs' | 'toMs'>,
    buckets: Buckets,
  ): BucketValues[]
  latest(locationId: string, sinceMs: EpochMs): LatestRow[]
  /** Drops the tables of days before `day` (days since 1970). */
  dropBefore(day: number): void
  close(): void
}

/** Opens or creates the file. Blocking: belongs into a worker thread. */
export function openDayTables(file: string): DayTables {
  const db = new Database(file, { timeout: busyTimeoutMs })
  // FULL: the log in front of us is trimmed once a write returned, so the write must survive a power cut (measured: NORMAL lost rows).
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.pragma('journal_size_limit = 67108864')
  db.exec(`create table if not exists subject (
    id integer primary key, location text not null, name text not null, kind text not null, unique (location, name))`)
  const daysByFamily = readDays(db)
  const upsertByTable = new Map<string, Database.Statement>()
  const subjectByKey = new Map<string, { readonly id: number; readonly kind: string }>()
  const saveSubject = db.prepare<[string, string, string], { id: number }>(
    `insert into subject (location, name, kind) values (?, ?, ?)
     on conflict (location, name) do update set kind = excluded.kind returning id`,
  )
  const findSubject = db.prepare<[string, string], { id: number }>(
    'select id from subject where location = ? and name = ?',
  )
  const subjectsOfLocation = db.prepare<[string], { id: number; name: string; kind: string }>(
    'select id, name, kind from subject where location = ?',
  )

  const subjectId = (locationId: string, name: string, kind: string): number => {
    const key = `${locationId}\n${name}`
    const known = subjectByKey.get(key)
    if (known?.kind === kind) return known.id
    const id = saveSubject.get(locationId, name, kind)?.id ?? 0
    if (subjectByKey.size >= maxCachedSubjects) subjectByKey.clear()
    subjectByKey.set(key, { id, kind })
    return id
  }

  const upsertInto = (family: RowFamily, day: number): Database.Statement => {
    const table = tableOf(family, day)
    const known = upsertByTable.get(table)
    if (known !== undefined) return known
    const columns = rowFields[family]
    db.exec(
      `create table if not exists ${table} (subject integer not null, at integer not null,
       ${columns.map((column) => `${quote(column)} real`).join(', ')}, primary key (subject, at)) without rowid`,
    )
    daysByFamily.get(family)?.add(day)
    const statement = db.prepare(
      `insert into ${table} values (${new Array(rowWidth(family)).fill('?').join(', ')})
       on conflict (subject, at) do update set
       ${columns.map((column) => `${quote(column)} = coalesce(excluded.${quote(column)}, ${quote(column)})`).join(', ')}`,
    )
    upsertByTable.set(table, statement)
    return statement
  }

  const writeFamily = ({ family, subjects, numbers }: WideRows) => {
    const ids: number[] = []
    for (let at = 0; at < subjects.length; at += subjectWidth)
      ids.push(subjectId(subjects[at] ?? '', subjects[at + 1] ?? '', subjects[at + 2] ?? ''))
    const width = rowWidth(family)
    const row: (number | null)[] = new Array(width).fill(null)
    for (let at = 0; at < numbers.length; at += width) {
      const atMs = numbers[at + 1] ?? 0
      row[0] = ids[numbers[at] ?? 0] ?? 0
      row[1] = atMs
      for (let column = rowHead; column < width; column++) {
        const value = numbers[at + column] ?? Number.NaN
        row[column] = Number.isNaN(value) ? null : value
      }
      upsertInto(family, Math.floor(atMs / dayMs)).run(row)
    }
  }

  /** Days of a family that may hold times in [fromMs, toMs), oldest first. */
  const daysBetween = (family: RowFamily, fromMs: EpochMs, toMs: EpochMs): number[] =>
    [...(daysByFamily.get(family) ?? [])]
      .filter((day) => (day + 1) * dayMs > fromMs && day * dayMs < toMs)
      .sort((a, b) => a - b)

  const writeAll = db.transaction((rows: readonly WideRows[]) => {
    for (const family of rows) writeFamily(family)
  })

  return {
    write(rows) {
      try {
        writeAll.immediate(rows)
      } catch (error) {
        // Rolled back: tables and subjects made on the way are gone, so nothing remembered about them holds.
        upsertByTable.clear()
        subjectByKey.clear()
        for (const [family, days] of readDays(db)) daysByFamily.set(family, days)
        throw error
      }
    },
    buckets(locationId, { family, subject, field, fromMs, toMs }, { bucketMs }) {
      const id = findSubject.get(locationId, subject)?.id
      const column = (rowFields[family] as readonly string[]).find((name) => name === field)
      if (id === undefined || column === undefined) return []
      const value = quote(column)
      return daysBetween(family, fromMs, toMs).flatMap((day) =>
        db
          .prepare<number[], BucketValues>(
            `select (at / cast(? as integer)) * cast(? as integer) as startMs, count(*) as count, sum(${value}) as sum, min(${value}) as min, max(${value}) as max
             from ${tableOf(family, day)} where subject = ? and at >= ? and at < ? and ${value} is not null group by 1`,
          )
          .all(bucketMs, bucketMs, id, fromMs, toMs),
      )
    },
    latest(locationId, sinceMs) {
      const subjects = subjectsOfLocation.all(locationId)
      return rowFamilies.flatMap((family) => {
        const missing = new Map(subjects.map((subject) => [subject.id, subject]))
        const found: LatestRow[] = []
        for (const day of daysBetween(family, sinceMs, Number.MAX_SAFE_INTEGER).reverse()) {
          const newest = db
            .prepare<[number, number], (number | null)[]>(
              `select * from ${tableOf(family, day)} where subject = ? and at >= ? order by at desc limit 1`,
            )
            .raw()
          for (const [id, { name, kind }] of missing) {
            const row = newest.get(id, sinceMs)
            if (row === undefined) continue
            missing.delete(id)
            found.push({ family, subjectId: name, kind, atMs: row[1] ?? 0, values: row.slice(rowHead) })
          }
        }
        return found
      })
    },
    dropBefore(day) {
      for (const [family, days] of daysByFamily) {
        for (const old of [...days].filter((each) => each < day)) {
          upsertByTable.delete(tableOf(family, old))
          db.exec(`drop table ${tableOf(family, old)}`)
          days.delete(old)
        }
      }
    },
    close() {
      db.close()
    },
  }
}

/** How long to wait for somebody else's lock on the file (a backup, an operator's shell). */
const busyTimeoutMs = 2_000
/** Known subjects kept in memory; beyond that the table is asked again. */
const maxCachedSubjects = 200_000
const tablePattern = /^([a-z]+)_d(\d+)$/
const tableOf = (family: RowFamily, day: number): string => `${family}_d${day}`
const quote = (column: string): string => `"${column}"`

/** The days that have a table, by family. Columns that the contract has gained since are added, so that old days stay readable. */
function readDays(db: Database.Database): Map<RowFamily, Set<number>> {
  const days = new Map<RowFamily, Set<number>>(rowFamilies.map((family) => [family, new Set()]))
  const tables = db.prepare<[], string>(`select name from sqlite_schema where type = 'table'`).pluck().all()
  for (const table of tables) {
    const [, name, day] = tablePattern.exec(table) ?? []
    const family = rowFamilies.find((each) => each === name)
    if (family === undefined) continue
    days.get(family)?.add(Number(day))
    const present = new Set(
      db.prepare<[], string>(`select name from pragma_table_info('${table}')`).pluck().all(),
    )
    for (const column of rowFields[family])
      if (!present.has(column)) db.exec(`alter table ${table} add column ${quote(column)} real`)
  }
  return days
}
