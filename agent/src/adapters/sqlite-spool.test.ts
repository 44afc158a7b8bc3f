import {
  closeSync,
  existsSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, describe, expect, it } from 'vitest'
import { type SpoolEntry, SpoolError, type SpoolKind } from '../ports/index.ts'
import { openSqliteSpool } from './sqlite-spool.ts'

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0).reverse()) end()
})

function spoolFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'proactive-spool-'))
  ends.push(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'spool.db')
}

function open(file: string, maxBytes = 1_000_000) {
  const spool = openSqliteSpool({ file, maxBytes })
  ends.push(() => spool.close())
  return spool
}

function entry(kind: SpoolKind, atMs: number): SpoolEntry {
  return {
    kind,
    bootEpoch: 7,
    atMs,
    clock: 'synced',
    maxAlias: 0,
    body: JSON.stringify({ text: 'x'.repeat(100) }),
  }
}

function entries(kind: SpoolKind, from: number, to: number): SpoolEntry[] {
  return Array.from({ length: to - from + 1 }, (_, index) => entry(kind, from + index))
}

describe('a spool that cannot be opened now', () => {
  it('is left where it is while somebody else holds it, and gives everything back later', () => {
    const file = spoolFile()
    const first = openSqliteSpool({ file, maxBytes: 1_000_000 })
    first.commit({ add: [{ entry: entry('observation', 1), lane: 'live' }] })
    first.close()
    const holder = new DatabaseSync(file)
    holder.exec('PRAGMA locking_mode = EXCLUSIVE')
    holder.exec('BEGIN EXCLUSIVE')
    expect(() => openSqliteSpool({ file, maxBytes: 1_000_000 })).toThrow(SpoolError)
    holder.exec('ROLLBACK')
    holder.close()
    expect(readdirSync(join(file, '..')).filter((name) => name.includes('damaged'))).toEqual([])
    expect(
      open(file)
        .placed('live', 0, 10)
        .map(({ atMs }) => atMs),
    ).toEqual([1])
  })

  it('is moved aside where it is no spool at all', () => {
    const file = spoolFile()
    writeFileSync(file, 'no database '.repeat(1_000))
    const spool = open(file)
    expect(existsSync(`${file}.damaged-1`)).toBe(true)
    expect(spool.figures()).toMatchObject({ records: 0, quarantined: 1 })
  })
})

describe('a spool that is damaged while it is used', () => {
  it('goes on counting its lanes, so that the cloud does not take what follows for repeats', () => {
    const file = spoolFile()
    const spool = open(file)
    spool.commit({ facts: new Map([['inventory', 'who is there']]) })
    // More than SQLite keeps in memory, so that it has to look at the card again.
    const many = 24_000
    const first = spool.commit({
      add: entries('observation', 1, many).map((one) => ({ entry: one, lane: 'live' as const })),
    })
    for (const name of [file, `${file}-wal`]) truncateSync(name, 4_096)
    const [record] = spool.commit({
      add: [{ entry: entry('observation', many + 1), lane: 'live' }],
      forget: first.slice(0, many / 2).map(({ id }) => id),
    })
    expect(spool.figures().quarantined).toBe(1)
    expect(record?.seq).toBe(many + 1)
    // Whoever reads goes on behind the last record it had, not at the beginning.
    expect(spool.placed('live', many, 10).map(({ seq }) => seq)).toEqual([many + 1])
    // What was under way is acknowledged only now: that is not the new record.
    spool.commit({ forget: first.slice(0, 16).map(({ id }) => id) })
    expect(spool.figures().records).toBe(1)
    // What is known for the next run is not lost with the file.
    spool.close()
    expect(open(file).fact('inventory')).toBe('who is there')
  })

  it('is moved aside where only reading meets the damage, and goes on taking and giving', () => {
    const file = spoolFile()
    const before = open(file, 100_000_000)
    const many = 24_000
    before.commit({
      add: entries('observation', 1, many).map((one) => ({ entry: one, lane: 'live' as const })),
    })
    before.close()
    const spool = open(file, 100_000_000)
    // Sound when it was opened; then the card forgets the middle.
    const fd = openSync(file, 'r+')
    const { size } = fstatSync(fd)
    writeSync(fd, Buffer.alloc(Math.floor(size / 2), 0xff), 0, Math.floor(size / 2), Math.floor(size / 4))
    closeSync(fd)
    const given: number[] = []
    for (let after = 0; spool.figures().quarantined === 0 && after < many; after += 500)
      given.push(...spool.placed('live', after, 500).map(({ atMs }) => atMs))
    expect(spool.figures()).toMatchObject({ quarantined: 1, records: 0, dropped: many })
    expect(given.length).toBeLessThan(many)
    spool.commit({ add: [{ entry: entry('observation', many + 1), lane: 'live' }] })
    expect(spool.placed('live', given.length, 10).map(({ atMs }) => atMs)).toEqual([many + 1])
  })
})

it('a spool that became empty gives no id again: an acknowledgement told twice deletes nothing that came since', () => {
  const spool = open(spoolFile())
  const record = () => ({ entry: entry('observation', 1), lane: 'live' as const })
  const forget = spool.commit({ add: [record(), record()] }).map(({ id }) => id)
  spool.commit({ forget })
  spool.commit({ add: [record()] })
  spool.commit({ forget })
  expect(spool.figures().records).toBe(1)
})

describe('times that are set right', () => {
  it('are those of all records of the run, however many there are', () => {
    const spool = open(spoolFile())
    spool.commit({
      add: entries('telemetry', 1, 200).map((one) => ({ entry: { ...one, clock: 'unsynced' as const } })),
    })
    expect(spool.rebase(7, 1_000, (_, body) => body)).toBe(200)
    expect(spool.rebase(7, 1_000, (_, body) => body)).toBe(0)
    spool.stamp('telemetry', 'backlog', 200)
    const times = spool.placed('backlog', 0, 200).map(({ atMs, clock }) => `${atMs} ${clock}`)
    expect([times[0], times.at(-1)]).toEqual(['1001 synced', '1200 synced'])
  })
})

describe('a full spool', () => {
  it('gives up telemetry first, and changes only where no telemetry is left', () => {
    const spool = open(spoolFile(), 20_000)
    spool.commit({ add: entries('telemetry', 1, 50).map((one) => ({ entry: one })) })
    spool.commit({ add: entries('observation', 51, 150).map((one) => ({ entry: one })) })
    expect(spool.stamp('telemetry', 'backlog', 500)).toBe(0)
    expect(spool.figures().dropped).toBe(50)
    spool.commit({ add: entries('observation', 151, 600).map((one) => ({ entry: one })) })
    expect(spool.figures().bytes).toBeLessThanOrEqual(20_000)
    spool.stamp('observation', 'live', 500)
    expect(spool.placed('live', 0, 500).at(-1)?.atMs).toBe(600)
  })
})
