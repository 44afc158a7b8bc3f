import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Spool } from '../../agent/src/ports/index.ts'
import { openSqliteSpool } from '../../agent/src/adapters/sqlite-spool.ts'
import { createLocationRun, type LocationRun, type LocationRunOptions } from './location-run.ts'
import { type Delivered, deliveredOf, identityOfEntry, withoutRepeats } from './wire-record.ts'

const hours = 3_600_000
const minutes = 60_000
/** Hours of virtual time take seconds of a processor, more on a busy machine. */
const timeout = 60_000
const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

async function calm(
  options: Partial<LocationRunOptions> = {},
): Promise<{ run: LocationRun; log: Delivered[] }> {
  const log: Delivered[] = []
  const run = createLocationRun({
    seed: 'durability',
    onRecord: (record) => {
      const delivered = deliveredOf(record)
      if (delivered !== undefined) log.push(delivered)
    },
    ...options,
  })
  ends.push(() => run.appliance.end())
  await run.start()
  await run.pass(2 * minutes)
  return { run, log }
}

function sqliteSpool(): () => Spool {
  const folder = mkdtempSync(join(tmpdir(), 'proactive-sim-'))
  ends.unshift(() => rmSync(folder, { recursive: true, force: true }))
  return () => openSqliteSpool({ file: join(folder, 'spool.db'), maxBytes: 256 * 1024 * 1024 })
}

/** Every committed record is in effect exactly once, each lane of each start in order and without holes. */
function expectAllOnce(run: LocationRun, log: readonly Delivered[]): void {
  const effective = withoutRepeats(log)
  const committed = run.journal.map(identityOfEntry)
  const arrived = effective.map(({ identity }) => identity)
  expect(new Set(committed).size).toBe(committed.length)
  expect(arrived.toSorted()).toEqual(committed.toSorted())
  const seqsByLane = Map.groupBy(effective, ({ bootEpoch, lane }) => `${bootEpoch} ${lane}`)
  for (const messages of seqsByLane.values()) {
    expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_, index) => index + 1))
    expect(messages.map(({ atMs }) => atMs)).toEqual(
      messages.map(({ atMs }) => atMs).toSorted((a, b) => a - b),
    )
  }
}

describe('a way to the cloud that is cut for hours', () => {
  for (const [title, openSpool, cutHours] of [
    ['on the SQLite spool', sqliteSpool, 2],
    ['in memory', () => undefined, 8],
  ] as const) {
    it(`loses nothing, doubles nothing, live first: ${cutHours} hours ${title}`, { timeout }, async () => {
      const spool = openSpool()
      const { run, log } = await calm(spool === undefined ? {} : { openSpool: spool })
      await run.fault('wan-down', 'provider')
      await run.pass(1 * hours)
      // Something happens on site meanwhile, which the cloud hears of afterwards.
      await run.fault('pos-down', 'pos-2')
      await run.pass((cutHours - 1) * hours)
      const before = log.length
      const healedMs = run.scheduler.nowMs()
      await run.heal('wan-down', 'provider')
      await run.pass(30 * minutes)

      expect(run.journal.length).toBeGreaterThan(cutHours * 120)
      expectAllOnce(run, log)
      const after = log.slice(before)
      const firstBacklog = after.findIndex(({ lane }) => lane === 'backlog')
      const waiting = after.filter(({ lane, atMs }) => lane === 'live' && atMs < healedMs)
      expect(waiting.length).toBeGreaterThan(1)
      for (const message of waiting) expect(after.indexOf(message)).toBeLessThan(firstBacklog)
      const told = run.incidents().map(({ report }) => report.faultClass)
      expect(told.toSorted()).toEqual(['pos-down', 'provider-down'])
    })
  }
})

describe('acknowledgements that get lost', () => {
  it('cost repeats on the wire and nothing in effect', { timeout }, async () => {
    const { run, log } = await calm()
    run.cloud.loseAcknowledgements(0.4)
    await run.pass(1 * hours)
    run.cloud.loseAcknowledgements(0)
    await run.pass(10 * minutes)
    expect(run.ingest.figures.repeats).toBeGreaterThan(10)
    expectAllOnce(run, log)
    expect(run.incidents()).toEqual([])
  })
})

describe('a cloud whose log is full', () => {
  it('acknowledges nothing, and gets everything once there is room again', { timeout }, async () => {
    const { run, log } = await calm()
    run.ingest.setFull(true)
    await run.pass(20 * minutes)
    const stored = log.length
    run.ingest.setFull(false)
    await run.pass(20 * minutes)
    expect(log.length).toBeGreaterThan(stored + 30)
    expectAllOnce(run, log)
  })
})

describe('an agent that is killed again and again while the way is cut', () => {
  it('delivers everything that any of its lives committed', { timeout }, async () => {
    const { run, log } = await calm({ openSpool: sqliteSpool() })
    await run.fault('wan-down', 'link')
    for (let life = 0; life < 5; life++) {
      await run.pass(7 * minutes + 3_700)
      run.appliance.killAgent()
    }
    await run.pass(5 * minutes)
    await run.heal('wan-down', 'link')
    await run.pass(30 * minutes)
    expect(run.appliance.starts()).toBe(6)
    expectAllOnce(run, log)
    expect(run.incidents().map(({ report }) => report.faultClass)).toEqual(['wan-link-down'])
  })
})
