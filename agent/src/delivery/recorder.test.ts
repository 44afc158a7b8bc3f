import { describe, expect, it } from 'vitest'
import { createMemorySpool } from '../adapters/memory-spool.ts'
import { messageOf } from '../core/deliverable.ts'
import type { Timeline } from '../core/timeline.ts'
import { type Spool, SpoolError, silentLog } from '../ports/index.ts'
import { createManualScheduler, type ManualScheduler } from '../testing/manual-scheduler.ts'
import { createRecorder, type Recorder } from './recorder.ts'

function start(
  spool: Spool,
  scheduler: ManualScheduler,
  options: { wasClean?: boolean; isLive?: boolean } = {},
) {
  const timeline: Timeline = { state: 'synced', offsetMs: scheduler.nowMs() - scheduler.monotonicMs() }
  const recorder: Recorder = createRecorder({
    spool,
    scheduler,
    log: silentLog,
    bootEpoch: 42,
    timeline: () => timeline,
    applianceRow: () => Promise.resolve([0, 0, 0, 0, 0, 0, 0, 0, 0, recorder.figures().lostWindowMs]),
    isLiveOpen: () => options.isLive ?? false,
    ordinalOf: (alias) => alias,
    onRecorded: () => undefined,
  })
  recorder.start({ wasClean: options.wasClean ?? true })
  return recorder
}

function batches(spool: Spool) {
  spool.stamp('telemetry', 'backlog', 1_000)
  return [...spool.placed('live', 0, 1_000), ...spool.placed('backlog', 0, 1_000)].flatMap((record) => {
    const built = messageOf(record)
    return built?.kind === 'telemetry' ? [built.message] : []
  })
}

describe('the recorder', () => {
  it('closes a window each 30 s and writes at most once in 10 s while nothing happens', async () => {
    const scheduler = createManualScheduler()
    const spool = createMemorySpool()
    const recorder = start(spool, scheduler)
    const before = recorder.figures().commits
    for (let second = 0; second < 60; second++) {
      recorder.sample(['e', 1, 2])
      await scheduler.advance(1_000)
    }
    expect(batches(spool)).toMatchObject([
      { windowMs: 30_000, rows: { device: [[1, 1, 2, 2, 2, 0, 0, 30, null]] } },
      { windowMs: 30_000 },
    ])
    expect(recorder.figures().commits - before).toBe(6)
  })

  it('writes changes at once, those of one moment together', async () => {
    const scheduler = createManualScheduler()
    const spool = createMemorySpool()
    const recorder = start(spool, scheduler)
    const before = recorder.figures().commits
    for (let one = 0; one < 5; one++)
      recorder.observe({ type: 'clock-changed', state: 'synced', stepMs: one, evidence: [] })
    await scheduler.advance(50)
    expect(recorder.figures().commits - before).toBe(1)
    expect(spool.stamp('observation', 'live', 10)).toBe(5)
  })

  it('loses at most 10 s in a crash, sends the rest as a batch of the run it was measured in, and declares the loss', async () => {
    const scheduler = createManualScheduler()
    const spool = createMemorySpool()
    const first = start(spool, scheduler)
    for (let second = 0; second < 27; second++) {
      first.sample(['w', 9, 5])
      await scheduler.advance(1_000)
    }
    // The process is gone; what was not written is lost. It starts again 60 s later.
    await scheduler.advance(0)
    const later = createManualScheduler(scheduler.nowMs() + 60_000)
    const second = start(spool, later, { wasClean: false })
    const [recovered] = batches(spool)
    expect(recovered).toMatchObject({
      bootEpoch: 42,
      windowMs: 20_000,
      rows: { wan: [[9, 1, 5, 5, 5, 0, 0]] },
    })
    expect(second.figures().lostWindowMs).toBe(10_000)
  })

  it('declares no more than the gap after a quick restart, and nothing after a clean one', async () => {
    for (const wasClean of [true, false]) {
      const scheduler = createManualScheduler()
      const spool = createMemorySpool()
      start(spool, scheduler).sample(['w', 9, 5])
      await scheduler.advance(10_000)
      const later = createManualScheduler(scheduler.nowMs() + 3_000)
      expect(start(spool, later, { wasClean }).figures().lostWindowMs).toBe(wasClean ? 0 : 3_000)
    }
  })

  it('places a batch on the live lane while that is open', async () => {
    const scheduler = createManualScheduler()
    const spool = createMemorySpool()
    start(spool, scheduler, { isLive: true })
    await scheduler.advance(30_000)
    expect(spool.placed('live', 0, 10)).toMatchObject([{ kind: 'telemetry', seq: 1 }])
  })

  it('goes on measuring when the spool cannot be written, and counts what is lost', async () => {
    const scheduler = createManualScheduler()
    const spool = createMemorySpool()
    let isFull = false
    const failing: Spool = {
      ...spool,
      commit: (change) => {
        if (isFull) throw new SpoolError('disk full')
        return spool.commit(change)
      },
    }
    const recorder = start(failing, scheduler)
    isFull = true
    recorder.observe({ type: 'clock-changed', state: 'synced', stepMs: 1, evidence: [] })
    await scheduler.advance(30_000)
    expect(recorder.figures().lostEntries).toBe(2)
    isFull = false
    await scheduler.advance(30_000)
    expect(batches(spool)).toHaveLength(1)
  })

  it('ends in time when the appliance cannot read its own figures: the last window goes without them, once', async () => {
    const scheduler = createManualScheduler()
    const spool = createMemorySpool()
    let hang: () => void = () => undefined
    const hanging = new Promise<readonly (number | null)[]>((resolve) => {
      hang = () => resolve([])
    })
    const timeline: Timeline = { state: 'synced', offsetMs: scheduler.nowMs() }
    const recorder = createRecorder({
      ...{ spool, scheduler, log: silentLog, bootEpoch: 42, timeline: () => timeline },
      applianceRow: () => hanging,
      isLiveOpen: () => false,
      ordinalOf: (alias) => alias,
      onRecorded: () => undefined,
    })
    const stop = recorder.start({ wasClean: true })
    recorder.sample(['w', 9, 5])
    // A window is being closed already, and hangs as well.
    await scheduler.advance(31_000)
    stop()
    let isDone = false
    void recorder.finish().then(() => {
      isDone = true
    })
    await scheduler.advance(3_000)
    expect(isDone).toBe(true)
    const commits = recorder.figures().commits
    expect(batches(spool).map(({ rows }) => Object.keys(rows))).toEqual([['wan']])
    hang()
    await scheduler.advance(1_000)
    expect(recorder.figures().commits).toBe(commits)
  })
})
