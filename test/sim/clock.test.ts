import { describe, expect, it } from 'vitest'
import { createLocationRun } from './location-run.ts'
import { createLateClock, rightClock } from './machine.ts'
import { type Delivered, deliveredOf } from './wire-record.ts'

const minutes = 60_000

describe('an appliance without a battery clock', () => {
  it('that wakes up in 1970 and is set right two minutes later opens nothing and tells no wrong time', async () => {
    const log: Delivered[] = []
    const run = createLocationRun({
      seed: 'clock',
      wallClock: (_boot, world) => createLateClock(world, { wallAtBootMs: 5_000, syncAfterMs: 2 * minutes }),
      onRecord: (record) => log.push(...[deliveredOf(record)].filter((one) => one !== undefined)),
    })
    await run.start()
    await run.pass(30 * minutes)
    expect(run.incidents()).toEqual([])
    expect(log.some(({ clock }) => clock === 'unsynced')).toBe(true)
    const synced = log.filter(({ clock }) => clock === 'synced')
    expect(synced.length).toBeGreaterThan(50)
    for (const { atMs, receivedAtMs } of synced) expect(Math.abs(receivedAtMs - atMs)).toBeLessThan(5_000)
  })

  it('still sees a fault while its clock is wrong', async () => {
    const run = createLocationRun({
      seed: 'clock',
      hasBackupUplink: true,
      wallClock: (_boot, world) =>
        createLateClock(world, { wallAtBootMs: 5_000, syncAfterMs: 24 * 60 * minutes }),
    })
    await run.start()
    await run.pass(5 * minutes)
    const startMs = run.scheduler.nowMs()
    await run.fault('pos-down', 'pos-1')
    await run.pass(5 * minutes)
    const [story] = run.incidents()
    expect(story?.report.faultClass).toBe('pos-down')
    expect((story?.openedAtMs ?? Number.POSITIVE_INFINITY) - startMs).toBeLessThanOrEqual(30_000)
    expect(Math.abs((story?.report.startedAtMs ?? 0) - startMs)).toBeLessThan(20_000)
  })

  it('sets right what it measured before its clock was, as long as that has not left', async () => {
    const log: Delivered[] = []
    const run = createLocationRun({
      seed: 'clock',
      // The second boot follows a power cut.
      wallClock: (boot, world) =>
        boot === 1 ? rightClock : createLateClock(world, { wallAtBootMs: 5_000, syncAfterMs: 15 * minutes }),
      onRecord: (record) => log.push(...[deliveredOf(record)].filter((one) => one !== undefined)),
    })
    await run.start()
    await run.pass(5 * minutes)
    await run.fault('power-cut')
    await run.pass(3 * minutes)
    await run.fault('wan-down', 'provider')
    const powerBackMs = run.scheduler.nowMs()
    await run.heal('power-cut')
    await run.pass(20 * minutes)
    const lineBackMs = run.scheduler.nowMs()
    await run.heal('wan-down', 'provider')
    await run.pass(20 * minutes)
    const secondLife = log.filter(({ bootEpoch }) => bootEpoch !== log[0]?.bootEpoch)
    expect(secondLife.filter(({ clock }) => clock === 'unsynced')).toEqual([])
    const offline = secondLife.filter(({ atMs }) => atMs < lineBackMs)
    // Twenty minutes of 30-second windows, minus the boot.
    expect(offline.length).toBeGreaterThan(35)
    for (const { atMs } of offline) expect(atMs).toBeGreaterThanOrEqual(powerBackMs)
    for (const { atMs, receivedAtMs } of secondLife) expect(atMs).toBeLessThanOrEqual(receivedAtMs)
    expect(run.incidents()).toHaveLength(1)
  })

  it('whose clock is stepped by hours in the middle of a calm day opens nothing', async () => {
    let errorMs = 0
    const run = createLocationRun({
      seed: 'clock',
      wallClock: () => ({ errorMs: () => errorMs, isTrusted: () => true }),
    })
    await run.start()
    await run.pass(10 * minutes)
    for (const step of [3 * 3_600_000, -2 * 3_600_000, 0]) {
      errorMs = step
      await run.pass(20 * minutes)
    }
    expect(run.incidents().map(({ report }) => report.headline)).toEqual([])
    expect(run.ingest.view()?.health).toBe('ok')
  })
})
