import { describe, expect, it } from 'vitest'
import { createLocationRun, type LocationRun } from './location-run.ts'

const seconds = 1_000
const minutes = 60_000

/** Lets true time pass, over every steady stretch in one step or probe by probe. */
async function live(run: LocationRun, ms: number, how: 'leaping' | 'stepping'): Promise<void> {
  const untilMs = run.ingest.nowMs() + ms
  for (;;) {
    if (how === 'leaping' && run.leaper.isSteady()) run.leaper.leap(untilMs - run.ingest.nowMs())
    const restMs = untilMs - run.ingest.nowMs()
    if (restMs <= 0) return
    await run.pass(Math.min(restMs, how === 'leaping' ? seconds : restMs))
  }
}

/** Virtual time until a leap may begin; the limit where there is none. */
async function untilSteady(run: LocationRun, limitMs: number): Promise<number> {
  const fromMono = run.scheduler.monotonicMs()
  while (!run.leaper.isSteady() && run.scheduler.monotonicMs() - fromMono < limitMs) await run.pass(seconds)
  return run.scheduler.monotonicMs() - fromMono
}

async function started(quality: { lanLossRatio?: number; wanLossRatio?: number } = {}): Promise<LocationRun> {
  const run = createLocationRun({ seed: 'leap', keepsJournal: false, quality })
  await run.start()
  await untilSteady(run, 5 * minutes)
  return run
}

describe('a leap over a steady stretch', () => {
  it('comes to the same as probe by probe: a nap, a dead terminal, a cut line', async () => {
    const story = async (how: 'leaping' | 'stepping') => {
      const run = createLocationRun({ seed: 'leap', keepsJournal: false })
      await run.start()
      for (const [name, ...args] of [
        ['pos-sleep', 'pos-3'],
        ['pos-down', 'pos-1'],
        ['wan-down', 'provider'],
      ] as const) {
        await live(run, 8 * minutes, how)
        await run.fault(name, ...args)
        await live(run, 9 * minutes, how)
        await run.heal(name, ...args)
      }
      await live(run, 12 * minutes, how)
      const endMs = run.ingest.nowMs()
      return {
        passedMs: run.scheduler.monotonicMs(),
        told: run.incidents().map(({ report }) => [report.faultClass, report.state]),
        openedAgoMs: run.incidents().map(({ openedAtMs }) => endMs - openedAtMs),
      }
    }
    const [leapt, stepped] = [await story('leaping'), await story('stepping')]
    expect(leapt.told).toEqual(stepped.told)
    expect(leapt.told.map(([faultClass]) => faultClass)).toEqual(['pos-down', 'provider-down'])
    for (const [place, agoMs] of stepped.openedAgoMs.entries())
      expect(Math.abs((leapt.openedAgoMs[place] ?? Number.NaN) - agoMs)).toBeLessThan(15 * seconds)
    expect(leapt.passedMs).toBeLessThan(stepped.passedMs / 2)
  })

  it('waits until the appliance is back on its first way out', async () => {
    let timesOver = 0
    for (const seed of ['a', 'b', 'c', 'd', 'e', 'f']) {
      // Of a closed shop nobody is expected, so that nothing else holds a leap back.
      const calendar = { openings: [{ weekday: 7, from: '03:00', to: '03:01' }], holidays: [] }
      const run = createLocationRun({ seed, keepsJournal: false, hasBackupUplink: true, calendar })
      await run.start()
      await live(run, 10 * minutes, 'leaping')
      // Whoever finds the gateway closed tries the second way out next.
      run.cloud.restart(8 * seconds)
      let wasOver = false
      for (let waited = 0; waited < 180; waited++) {
        await run.pass(1 * seconds)
        if (!run.cloud.isOverBackup()) continue
        wasOver = true
        expect(run.leaper.isSteady()).toBe(false)
      }
      if (wasOver) timesOver++
      expect([run.cloud.isOverBackup(), run.leaper.isSteady()]).toEqual([false, true])
    }
    expect(timesOver).toBeGreaterThan(0)
  })

  it('leaves the agent the time to forget even a single lost echo', async () => {
    const run = await started()
    expect(run.leaper.lineMemoryMs()).toBe(0)
    run.leaper.lineMissed()
    expect(run.leaper.lineMemoryMs()).toBeGreaterThan(120 * seconds)
  })

  it('leaves a slow clock as slow as the cloud knows it', async () => {
    const run = createLocationRun({
      ...{ seed: 'slow', keepsJournal: false },
      wallClock: () => ({ errorMs: () => -15_000, isTrusted: () => true }),
    })
    await run.start()
    await live(run, 40 * minutes, 'leaping')
    expect(run.ingest.state().appliance?.lagMs).toBeGreaterThan(14_000)
  })

  it('begins once the cloud holds what is true, and not before', async () => {
    const run = await started()
    await run.fault('pos-sleep', 'pos-3')
    const noticedMs = await untilSteady(run, 5 * minutes)
    const sleeper = run.ingest.view()?.devices.find(({ health }) => health === 'asleep')
    expect(sleeper?.device.name).toBe('pos-3')
    expect(noticedMs).toBeLessThan(35 * seconds)
  })

  it('goes by when a window ended, however late it was heard: else losses that nobody was told of would come after the leap', async () => {
    const run = await started()
    const heard = new Map<
      number,
      { readonly fromMono: number; readonly atMono: number; readonly heardMono: number }
    >()
    const listen = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += seconds) {
        await run.pass(seconds)
        const last = run.ingest.lastBatch()
        if (last !== undefined && !heard.has(last.message.seq))
          heard.set(last.message.seq, { ...last, heardMono: run.scheduler.monotonicMs() })
      }
    }
    await listen(40 * seconds)
    for (const _cut of [1, 2, 3]) {
      await run.fault('wan-down', 'provider')
      await listen(12 * seconds)
      await run.heal('wan-down', 'provider')
      await listen(29 * seconds)
    }
    const windows = [...heard.values()]
    expect(Math.max(...windows.map(({ atMono, heardMono }) => heardMono - atMono))).toBeGreaterThan(
      5 * seconds,
    )
    for (const [place, { fromMono }] of windows.entries())
      expect(Math.abs(fromMono - (windows[place - 1]?.atMono ?? fromMono))).toBeLessThan(seconds)
  })

  it('begins in an open incident too, where what is broken stays as it is', async () => {
    const run = await started()
    await run.fault('pos-down', 'pos-1')
    await untilSteady(run, 5 * minutes)
    expect(run.incidents().map(({ report }) => report.state)).toEqual(['open'])
    const leaptMs = run.leaper.leap(60 * minutes)
    expect(leaptMs).toBeGreaterThan(10 * minutes)
    expect(run.incidents()).toHaveLength(1)
  })

  it('never begins while packets are lost by chance, and leaves the agent the time to forget what was lost', async () => {
    const quality = { wanLossRatio: 0 }
    const run = await started(quality)
    quality.wanLossRatio = 0.3
    run.location.stir()
    expect(await untilSteady(run, 30 * seconds)).toBeGreaterThanOrEqual(30 * seconds)
    quality.wanLossRatio = 0
    run.location.stir()
    expect(run.leaper.lineMemoryMs()).toBeGreaterThan(100 * seconds)
    await run.pass(130 * seconds)
    expect(run.leaper.lineMemoryMs()).toBe(0)
  })
})
