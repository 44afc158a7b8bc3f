import { describe, expect, it } from 'vitest'
import { createLocationRun, type LocationRun } from './location-run.ts'

const minutes = 60_000

async function lossy(percent: string, seed: string): Promise<LocationRun> {
  const run = createLocationRun({ seed, keepsJournal: false })
  await run.start()
  await run.pass(12 * minutes)
  await run.fault('wan-loss', percent)
  await run.pass(5 * minutes)
  return run
}

const classesOf = (run: LocationRun) => [...new Set(run.incidents().map(({ report }) => report.faultClass))]

describe('a line that loses packets', { timeout: 60_000 }, () => {
  it('is what is told from an eighth on, and makes neither resolver nor processor look broken', async () => {
    for (const [percent, told] of [
      ['5', []],
      ['12', ['wan-degraded']],
      ['25', ['wan-degraded']],
    ] as const) {
      const run = await lossy(percent, 'a')
      await run.pass((percent === '5' ? 60 : 15) * minutes)
      expect([percent, classesOf(run)]).toEqual([percent, told])
    }
  })

  it('hides neither a resolver nor a processor that fails for good', async () => {
    for (const [fault, faultClass] of [
      [['dns-down'], 'dns-failing'],
      [['processor-down', 'silent'], 'payment-path-failing'],
      [['processor-down', 'refused'], 'payment-path-failing'],
      [['processor-down', 'tls'], 'payment-path-failing'],
    ] as const) {
      const run = await lossy('7', fault.join(' '))
      const startMs = run.scheduler.nowMs()
      const [name, ...args] = fault
      await run.fault(name, ...args)
      await run.pass(5 * minutes)
      const story = run.incidents().find(({ report }) => report.faultClass === faultClass)
      expect([fault, story === undefined]).toEqual([fault, false])
      expect(((story?.openedAtMs ?? 0) - startMs) / 1_000).toBeLessThanOrEqual(120)
    }
  })

  it('that becomes hardly usable is told within 75 s', async () => {
    for (const percent of ['30', '40']) {
      const run = createLocationRun({ seed: `bad ${percent}`, keepsJournal: false })
      await run.start()
      await run.pass(12 * minutes)
      const startMs = run.scheduler.nowMs()
      await run.fault('wan-loss', percent)
      await run.pass(3 * minutes)
      expect([percent, classesOf(run)]).toEqual([percent, ['wan-degraded']])
      const openedMs = run.incidents()[0]?.openedAtMs ?? 0
      expect((openedMs - startMs) / 1_000).toBeLessThanOrEqual(75)
      await run.heal('wan-loss', percent)
      await run.pass(15 * minutes)
      expect(run.incidents()[0]?.report.state).toBe('closed')
    }
  })

  it('in the first minutes of a Location is told within 75 s as well, and a second time when it comes back', async () => {
    for (const [seed, percent, telemetrySeconds] of [
      ['new a', '30', 30],
      ['new b', '30', 30],
      ['new c', '30', 10],
      ['new d', '30', 10],
      ['new e', '40', 30],
    ] as const) {
      const run = createLocationRun({ seed, telemetrySeconds, profile: 'lab', keepsJournal: false })
      await run.start()
      for (const time of [1, 2, 3]) {
        const startMs = run.scheduler.nowMs()
        await run.fault('wan-loss', percent)
        await run.pass(80_000)
        const opened = run.incidents().filter(({ openedAtMs }) => openedAtMs >= startMs)
        expect([seed, time, opened.map(({ report }) => report.faultClass)]).toEqual([
          seed,
          time,
          ['wan-degraded'],
        ])
        expect(((opened[0]?.openedAtMs ?? 0) - startMs) / 1_000).toBeLessThanOrEqual(75)
        await run.heal('wan-loss', percent)
        await run.pass(90_000)
        expect(run.incidents().every(({ report }) => report.state === 'closed')).toBe(true)
      }
    }
  })

  it('for twenty seconds, and a second later for nearly as long again, is two bursts and no fault', async () => {
    for (const seed of ['two 9', 'two 21', 'two 28']) {
      const run = createLocationRun({ seed, keepsJournal: false })
      await run.start()
      await run.pass(12 * minutes)
      for (const [percent, ms] of [
        ['18', 20_000],
        ['25', 19_000],
      ] as const) {
        await run.fault('wan-loss', percent)
        await run.pass(ms)
        await run.heal('wan-loss', percent)
        await run.pass(1_000)
      }
      await run.pass(3 * minutes)
      expect([seed, classesOf(run)]).toEqual([seed, []])
    }
  })

  it('a little, with a burst now and then and a router that restarts, opens nothing in the first minutes', async () => {
    for (const seed of ['calm a', 'calm b']) {
      for (const percent of ['1', '3']) {
        const run = createLocationRun({ seed: `${seed} ${percent}`, keepsJournal: false })
        await run.start()
        await run.fault('wan-loss', percent)
        await run.pass(2 * minutes)
        await run.fault('wan-loss', '35')
        await run.pass(15_000)
        await run.heal('wan-loss', '35')
        await run.pass(2 * minutes)
        await run.fault('router-reboot')
        await run.pass(6 * minutes)
        expect([seed, percent, run.incidents().map(({ report }) => report.headline)]).toEqual([
          seed,
          percent,
          [],
        ])
      }
    }
  })
})
