import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { IngestLog, LogRecord } from '../../ingest/src/log/ingest-log.ts'
import { entryOf } from './ingest-log-entries.ts'

/** How the suite gets at an adapter: a log that is opened, closed and opened again on the same data. */
export interface IngestLogHarness {
  /** A fresh, empty place for a log. */
  reset(): Promise<void>
  open(): Promise<IngestLog>
  /** Program and arguments that append the entries of `entryOf(0 … count - 1)` and print each number once it is acknowledged. */
  appender(count: number): readonly [file: string, ...args: string[]]
  dispose(): Promise<void>
}

const numberOf = ({ entry }: LogRecord): number =>
  entry.from === 'appliance' ? Buffer.from(entry.payload).readUInt32BE(0) : -1

/** What every {@link IngestLog} must do; each adapter runs it. */
export function ingestLogContract(name: string, harness: IngestLogHarness): void {
  describe(`ingest log on ${name}`, () => {
    let log: IngestLog
    const abort = () => AbortSignal.timeout(10_000)

    beforeEach(async () => {
      await harness.reset()
      log = await harness.open()
    })
    afterEach(async () => {
      await log.stop()
      await harness.dispose()
    })

    const append = (index: number) => {
      const { entry, session } = entryOf(index)
      return log.append(entry, session)
    }

    async function take(partition: string, after: number, count: number): Promise<LogRecord[]> {
      const taken: LogRecord[] = []
      for await (const records of log.read(partition, after, abort())) {
        taken.push(...records)
        if (taken.length >= count) break
      }
      return taken
    }

    it('gives back what was appended, in the order of each session, with its place and time', async () => {
      const before = Date.now()
      const appended = await Promise.all(Array.from({ length: 600 }, (_, index) => append(index)))
      for (const record of appended) {
        expect(record.partition).toBe(log.partitionOf(record.entry.locationId))
        expect(record.receivedAtMs).toBeGreaterThanOrEqual(before)
      }
      for (const partition of new Set(appended.map((record) => record.partition))) {
        const expected = appended.filter((record) => record.partition === partition)
        const taken = await take(partition, 0, expected.length)
        expect(taken.map(numberOf)).toEqual(expected.map(numberOf))
        expect(taken.map(({ offset }) => offset)).toEqual(expected.map(({ offset }) => offset))
        expect(taken[0]?.entry).toEqual(expected[0]?.entry)
      }
    })

    it('keeps evidence of the ingest as it was', async () => {
      const event = { type: 'probe-answered', probeId: 'q1', deviceId: 'd1', answer: 'silent' } as const
      const { partition } = await log.append({ from: 'ingest', locationId: 'loc-1', event }, 'probe')
      const [record] = await take(partition, 0, 1)
      expect(record?.entry).toEqual({ from: 'ingest', locationId: 'loc-1', event })
    })

    it('wakes a waiting reader, and ends it when its signal aborts', async () => {
      const controller = new AbortController()
      const partition = log.partitionOf('loc-3')
      const seen: number[] = []
      const reading = (async () => {
        for await (const records of log.read(partition, 0, controller.signal)) {
          seen.push(...records.map(numberOf))
          if (seen.length === 2) controller.abort()
        }
      })()
      await append(3)
      await append(23)
      await reading
      expect(seen).toEqual([3, 23])
    })

    it('finds every record, its offsets and its states again after it was closed', async () => {
      const { partition, offset } = await append(1)
      await append(21)
      const owner = await log.own(partition, 'faults')
      expect(owner.committedOffset).toBe(0)
      await owner.commit({
        offset,
        states: new Map([
          ['loc-1', Buffer.from('one')],
          ['loc-21', Buffer.from('two')],
        ]),
        outputs: [Buffer.from('a'), Buffer.from('b')],
      })
      await owner.commit({ offset, states: new Map([['loc-21', null]]), outputs: [] })
      await log.stop()

      log = await harness.open()
      const again = await log.own(partition, 'faults')
      expect(again.committedOffset).toBe(offset)
      const states: [string, string][] = []
      for await (const [key, state] of again.loadStates()) states.push([key, Buffer.from(state).toString()])
      expect(states).toEqual([['loc-1', 'one']])
      expect((await take(partition, offset, 1)).map(numberOf)).toEqual([21])
      const next = await append(41)
      expect(next.offset).toBeGreaterThan(offset)
    })

    it('refuses a commit of a stale owner whole', async () => {
      const { partition, offset } = await append(1)
      const old = await log.own(partition, 'faults')
      const current = await log.own(partition, 'faults')
      const change = { offset, states: new Map([['loc-1', Buffer.from('old')]]), outputs: [Buffer.from('x')] }
      await expect(old.commit(change)).rejects.toMatchObject({ code: 'stale-owner' })
      const states: string[] = []
      for await (const [key] of current.loadStates()) states.push(key)
      expect(states).toEqual([])
      expect((await log.own(partition, 'faults')).committedOffset).toBe(0)
      const controller = new AbortController()
      const outputs = log.readOutputs(partition, 0, controller.signal)[Symbol.asyncIterator]()
      const first = outputs.next()
      controller.abort()
      expect((await first).done).toBe(true)
    })

    it('lets two consumers of one partition go on independently', async () => {
      const { partition, offset } = await append(1)
      const faults = await log.own(partition, 'faults')
      const metrics = await log.own(partition, 'metrics')
      await faults.commit({ offset, states: new Map([['k', Buffer.from('f')]]), outputs: [] })
      await metrics.commit({ offset: 0, states: new Map([['k', Buffer.from('m')]]), outputs: [] })
      const again = await log.own(partition, 'metrics')
      expect(again.committedOffset).toBe(0)
      for await (const [, state] of again.loadStates()) expect(Buffer.from(state).toString()).toBe('m')
    })

    it('hands outputs out in order until they are acknowledged, and never again then', async () => {
      const { partition, offset } = await append(1)
      const owner = await log.own(partition, 'faults')
      const bodies = ['a', 'b', 'c'].map((text) => Buffer.from(text))
      await owner.commit({ offset, states: new Map(), outputs: bodies })
      const readAll = async (after: number) => {
        for await (const outputs of log.readOutputs(partition, after, abort())) return outputs
        return []
      }
      const outputs = await readAll(0)
      expect(outputs.map(({ body }) => Buffer.from(body).toString())).toEqual(['a', 'b', 'c'])
      const second = outputs[1]?.id ?? 0
      await log.acknowledgeOutputs(partition, second)
      expect(await log.acknowledgedOutputs(partition)).toBe(second)
      expect((await readAll(0)).map(({ body }) => Buffer.from(body).toString())).toEqual(['c'])
    })

    it('knows whose session is open', async () => {
      const session = (applianceId: string, type: 'session-opened' | 'session-closed') =>
        log.append(
          {
            from: 'ingest',
            locationId: 'loc-1',
            event:
              type === 'session-opened'
                ? { type, applianceId, remoteAddress: '192.0.2.1' }
                : { type, applianceId, how: 'will' },
          },
          applianceId,
        )
      await session('ap-1', 'session-opened')
      await session('ap-2', 'session-opened')
      await session('ap-1', 'session-closed')
      await log.stop()
      log = await harness.open()
      expect(await log.openSessions()).toEqual([{ applianceId: 'ap-2', locationId: 'loc-1' }])
    })

    it('holds every acknowledged record after kill -9 in the middle of 5,000 appends, in order, once', async () => {
      await log.stop()
      const total = 5_000
      const acknowledged = await killInTheMiddle(harness.appender(total), total)
      expect(acknowledged.length).toBeGreaterThan(100)
      expect(acknowledged.length).toBeLessThan(total)
      log = await harness.open()
      const held: number[] = []
      for (const partition of log.partitions) {
        const controller = new AbortController()
        const head = await log.own(partition, 'check')
        const marker = log.append(
          { from: 'ingest', locationId: locationIn(log, partition), event: { type: 'woke' } },
          'marker',
        )
        const { offset } = await marker
        for await (const records of log.read(partition, head.committedOffset, controller.signal)) {
          held.push(...records.filter(({ entry }) => entry.from === 'appliance').map(numberOf))
          if (records.some((record) => record.offset >= offset)) break
        }
      }
      const set = new Set(held)
      expect(acknowledged.filter((index) => !set.has(index))).toEqual([])
      expect(held.length).toBe(set.size)
      for (let session = 0; session < 20; session++) {
        const own = held.filter((index) => index % 20 === session)
        expect(own).toEqual(Array.from({ length: own.length }, (_, index) => session + index * 20))
      }
    })
  })
}

function locationIn(log: IngestLog, partition: string): string {
  if (partition === 'fleet') return 'fleet'
  for (let index = 0; ; index++) {
    if (log.partitionOf(`any-${index}`) === partition) return `any-${index}`
  }
}

async function killInTheMiddle([file, ...args]: readonly [string, ...string[]], total: number) {
  const child: ChildProcess = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const acknowledged: number[] = []
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  if (child.stdout === null) throw new Error('the appender has no output')
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(Number(line))
    if (acknowledged.length === Math.floor(total / 3)) child.kill('SIGKILL')
  }
  await ended
  return acknowledged
}
