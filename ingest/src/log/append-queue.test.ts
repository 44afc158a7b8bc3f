import { describe, expect, it } from 'vitest'
import { createAppendQueue, type PlacedEntry } from './append-queue.ts'
import type { LogEntry } from './ingest-log.ts'

const entry = (locationId: string): LogEntry => ({ from: 'ingest', locationId, event: { type: 'woke' } })

/** A disk that writes when it is told to, and refuses when it is told to. */
function gatedDisk() {
  const groups: (readonly PlacedEntry[])[] = []
  const gates: { open: () => void; refuse: (error: Error) => void }[] = []
  const arrivals: (() => void)[] = []
  return {
    groups,
    write: (group: readonly PlacedEntry[]) =>
      new Promise<void>((open, refuse) => {
        groups.push(group)
        gates.push({ open, refuse })
        for (const arrived of arrivals.splice(0)) arrived()
      }),
    async gate(index: number) {
      while (gates[index] === undefined) await new Promise<void>((resolve) => arrivals.push(resolve))
      return gates[index]
    },
  }
}

function queueOn(disk: ReturnType<typeof gatedDisk>, nowMs = () => 1_000, hasRoom = () => true) {
  return createAppendQueue({
    partitions: ['p00', 'p01'],
    partitionOf: (id) => (id === 'b' ? 1 : 0),
    heads: [
      { head: 7, lastAtMs: 900 },
      { head: 0, lastAtMs: 0 },
    ],
    maxWaitingBytes: 1_000_000,
    hasRoom,
    nowMs,
    write: disk.write,
    onWritten: () => undefined,
  })
}

describe('the append queue', () => {
  it('acknowledges nothing before the disk did, then everything that waited with it', async () => {
    const disk = gatedDisk()
    const queue = queueOn(disk)
    const done: string[] = []
    const first = queue.append(entry('a'), 's').then(() => done.push('first'))
    const second = queue.append(entry('b'), 's').then(() => done.push('second'))
    const gate = await disk.gate(0)
    expect(disk.groups[0]).toHaveLength(2)
    expect(done).toEqual([])
    gate.open()
    await Promise.all([first, second])
    expect(done).toEqual(['first', 'second'])
  })

  it('makes one group of what arrived while the last one was written, and counts offsets on', async () => {
    const disk = gatedDisk()
    const queue = queueOn(disk)
    const first = queue.append(entry('a'), 's')
    const gate = await disk.gate(0)
    const later = [
      queue.append(entry('a'), 's'),
      queue.append(entry('a'), 't'),
      queue.append(entry('b'), 't'),
    ]
    gate.open()
    ;(await disk.gate(1)).open()
    const offsets = (await Promise.all([first, ...later])).map(
      ({ partition, offset }) => `${partition}:${offset}`,
    )
    expect(offsets).toEqual(['p00:8', 'p00:9', 'p00:10', 'p01:1'])
    expect(disk.groups.map((group) => group.length)).toEqual([1, 3])
  })

  it('rejects with a refused group what the same sessions appended since, and leaves others alone', async () => {
    const disk = gatedDisk()
    const queue = queueOn(disk)
    const refused = queue.append(entry('a'), 'bad')
    const gate = await disk.gate(0)
    const overtaker = queue.append(entry('a'), 'bad')
    const other = queue.append(entry('a'), 'good')
    const outcomes = Promise.allSettled([refused, overtaker, other])
    gate.refuse(new Error('no space left'))
    ;(await disk.gate(1)).open()
    const [first, second, third] = await outcomes
    expect([first?.status, second?.status, third?.status]).toEqual(['rejected', 'rejected', 'fulfilled'])
    expect(third?.status === 'fulfilled' && third.value.offset).toBe(8)
  })

  it('refuses what a session appends in the same turn after a refusal, though there is room for it', async () => {
    const disk = gatedDisk()
    let isFull = true
    const queue = queueOn(disk, undefined, () => !isFull)
    const refused = queue.append(entry('a'), 'bad')
    isFull = false
    const overtaker = queue.append(entry('a'), 'bad')
    const other = queue.append(entry('a'), 'good')
    const settled = Promise.allSettled([refused, overtaker, other])
    ;(await disk.gate(0)).open()
    const outcomes = await settled
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
    const later = queue.append(entry('a'), 'bad')
    ;(await disk.gate(1)).open()
    expect((await later).offset).toBe(9)
  })

  it('never stamps backwards for a small step of the clock, and follows a big one', async () => {
    const disk = gatedDisk()
    let now = 100_000
    const queue = queueOn(disk, () => now)
    const stamps: number[] = []
    for (const [index, next] of [100_000, 99_000, 101_000, 20_000].entries()) {
      now = next
      const appended = queue.append(entry('a'), 's')
      ;(await disk.gate(index)).open()
      stamps.push((await appended).receivedAtMs)
    }
    expect(stamps).toEqual([100_000, 100_000, 101_000, 20_000])
  })
})
