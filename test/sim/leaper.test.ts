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

  it('begins once the cloud holds what is true, and not before', async () => {
    const run = await started()
    await run.fault('pos-sleep', 'pos-3')
    const noticedMs = await untilSteady(run, 5 * minutes)
    const sleeper = run.ingest.view()?.devices.find(({ health }) => health === 'asleep')
    expect(sleeper?.device.name).toBe('pos-3')
    expect(noticedMs).toBeLessThan(35 * seconds)
  })

  it('begins only after the window was told that holds the trouble, though an older one came late', async () => {
    const run = await started()
    await live(run, 12 * minutes, 'leaping')
    await run.fault('router-down')
    await live(run, 14 * minutes, 'leaping')
    await run.heal('router-down')
    for (const _nap of [1, 2, 3]) {
      await live(run, 12 * minutes, 'leaping')
      await run.pass(40 * seconds)
    }
    expect(run.incidents().map(({ report }) => report.faultClass)).toEqual(['router-down'])
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
