import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Spool, SpoolEntry } from '../ports/index.ts'
import { createMemorySpool } from './memory-spool.ts'
import { openSqliteSpool } from './sqlite-spool.ts'

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0).reverse()) end()
})

const kinds: [string, (maxBytes: number) => Spool][] = [
  ['in memory', (maxBytes) => createMemorySpool({ maxBytes })],
  [
    'on SQLite',
    (maxBytes) => {
      const folder = mkdtempSync(join(tmpdir(), 'proactive-spool-'))
      const spool = openSqliteSpool({ file: join(folder, 'spool.db'), maxBytes })
      ends.push(() => {
        spool.close()
        rmSync(folder, { recursive: true, force: true })
      })
      return spool
    },
  ],
]

const entry = (
  kind: SpoolEntry['kind'],
  atMs: number,
  clock: SpoolEntry['clock'] = 'synced',
): SpoolEntry => ({
  ...{ kind, atMs, clock, bootEpoch: 5, maxAlias: 3 },
  body: JSON.stringify({ atMs, padding: 'x'.repeat(200) }),
})
const at = (records: readonly { atMs: number }[]) => records.map(({ atMs }) => atMs)

describe.each(kinds)('a spool %s', (_, create) => {
  it('numbers each lane from 1 without holes and gives records back in the order of their places', () => {
    const spool = create(1_000_000)
    spool.commit({ add: [{ entry: entry('observation', 1), lane: 'live' }] })
    spool.commit({ add: [{ entry: entry('telemetry', 2) }, { entry: entry('observation', 3) }] })
    spool.commit({ add: [{ entry: entry('telemetry', 4), lane: 'live' }] })
    expect(spool.stamp('observation', 'live', 10)).toBe(1)
    expect(spool.stamp('telemetry', 'backlog', 10)).toBe(1)
    const live = spool.placed('live', 0, 10)
    expect(live.map(({ seq, atMs }) => [seq, atMs])).toEqual([
      [1, 1],
      [2, 4],
      [3, 3],
    ])
    expect(spool.placed('backlog', 0, 10)).toMatchObject([{ seq: 1, atMs: 2, lane: 'backlog', bootEpoch: 5 }])
    expect(at(spool.placed('live', live[0]?.order ?? 0, 1))).toEqual([4])
  })

  it('keeps a place for ever: what was placed is placed the same after others are forgotten', () => {
    const spool = create(1_000_000)
    const records = spool.commit({
      add: [1, 2, 3].map((atMs) => ({ entry: entry('observation', atMs), lane: 'live' as const })),
    })
    spool.commit({ forget: [records[0]?.id ?? 0], add: [{ entry: entry('observation', 4), lane: 'live' }] })
    expect(spool.placed('live', 0, 10).map(({ seq, atMs }) => [seq, atMs])).toEqual([
      [2, 2],
      [3, 3],
      [4, 4],
    ])
    expect(spool.figures().records).toBe(3)
  })

  it('gives up the oldest telemetry when full, never a change while there is telemetry, and counts it', () => {
    const spool = create(10_000)
    spool.commit({ add: [{ entry: entry('observation', 0) }] })
    for (let atMs = 1; atMs <= 100; atMs++) spool.commit({ add: [{ entry: entry('telemetry', atMs) }] })
    const { bytes, dropped } = spool.figures()
    expect(bytes).toBeLessThanOrEqual(10_000)
    expect(dropped).toBeGreaterThan(40)
    spool.stamp('telemetry', 'backlog', 1_000)
    expect(spool.placed('backlog', 0, 1_000).at(-1)?.atMs).toBe(100)
    expect(spool.stamp('observation', 'live', 10)).toBe(1)
  })

  it('re-bases what was recorded with a wrong clock and has not left yet', () => {
    const spool = create(1_000_000)
    spool.commit({
      add: [
        { entry: entry('observation', 10, 'unsynced') },
        { entry: entry('observation', 20, 'unsynced'), lane: 'live' },
      ],
    })
    expect(spool.rebase(5, 1_000, (kind, body) => `${kind} ${body.length}`)).toBe(1)
    spool.stamp('observation', 'live', 10)
    expect(spool.placed('live', 0, 10)).toMatchObject([
      { atMs: 20, clock: 'unsynced' },
      { atMs: 1_010, clock: 'synced', body: expect.stringMatching(/^observation \d+$/) },
    ])
  })

  it('keeps samples of the running window until it closes, and facts until they are forgotten', () => {
    const spool = create(1_000_000)
    spool.commit({ samples: 'a', facts: new Map([['key', 'value']]) })
    spool.commit({ samples: 'b' })
    expect(spool.unfinishedSamples()).toEqual(['a', 'b'])
    expect(spool.fact('key')).toBe('value')
    spool.commit({ closesWindow: true, facts: new Map([['key', null]]) })
    expect(spool.unfinishedSamples()).toEqual([])
    expect(spool.fact('key')).toBeUndefined()
  })
})
