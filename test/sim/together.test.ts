import { describe, expect, it } from 'vitest'
import { createLocationRun, type LocationRun } from './location-run.ts'

const minutes = 60_000

async function calm(hasBackupUplink: boolean): Promise<LocationRun> {
  const run = createLocationRun({ seed: 'together', hasBackupUplink, keepsJournal: false })
  await run.start()
  await run.pass(2 * minutes)
  return run
}

/** Class of each incident with the minute in which it opened, in order. */
function opened(run: LocationRun, sinceMs: number): string[] {
  return run
    .incidents()
    .map(
      ({ report, openedAtMs }) =>
        `${report.faultClass} in minute ${Math.floor((openedAtMs - sinceMs) / minutes)}`,
    )
}

describe('faults that come together', () => {
  for (const hasBackupUplink of [true, false]) {
    const way = hasBackupUplink ? 'with a second way out' : 'with one way out'

    it(`a terminal that dies behind a dead router is told once the router is back, ${way}`, async () => {
      const run = await calm(hasBackupUplink)
      const startMs = run.scheduler.nowMs()
      await run.fault('router-down')
      await run.pass(5 * minutes)
      await run.fault('pos-down', 'pos-1')
      await run.pass(5 * minutes)
      await run.heal('router-down')
      await run.pass(10 * minutes)
      const [router, terminal, ...others] = opened(run, startMs)
      expect(others).toEqual([])
      expect(router).toMatch(/^router-down in minute [01]$/)
      expect(terminal).toMatch(/^pos-down in minute 1[0-3]$/)
    })

    it(`a dead processor is told beside a dead terminal, each for itself, ${way}`, async () => {
      const run = await calm(hasBackupUplink)
      await run.fault('processor-down', 'refused')
      await run.fault('pos-down', 'pos-2')
      await run.pass(5 * minutes)
      expect(
        run
          .incidents()
          .map(({ report }) => report.faultClass)
          .toSorted(),
      ).toEqual(['payment-path-failing', 'pos-down'])
    })
  }

  it('two terminals that die minutes apart are two faults, not a switch', async () => {
    const run = await calm(true)
    await run.fault('pos-down', 'pos-1')
    await run.pass(4 * minutes)
    await run.fault('pos-down', 'pos-2')
    await run.pass(4 * minutes)
    expect(run.incidents().map(({ report }) => report.faultClass)).toEqual(['pos-down', 'pos-down'])
  })

  it('a provider that fails while the switch is dead is a second fault, with its own cause', async () => {
    const run = await calm(true)
    const startMs = run.scheduler.nowMs()
    await run.fault('switch-down')
    await run.pass(4 * minutes)
    await run.fault('wan-down', 'provider')
    await run.pass(4 * minutes)
    expect(opened(run, startMs)).toEqual(['switch-down in minute 0', 'provider-down in minute 4'])
  })
})

describe('faults that come and go', () => {
  it('a terminal that flaps is one incident', async () => {
    const run = await calm(true)
    for (let round = 0; round < 8; round++) {
      await run.fault('pos-down', 'pos-1')
      await run.pass(50_000)
      await run.heal('pos-down', 'pos-1')
      await run.pass(50_000)
    }
    await run.pass(30 * minutes)
    expect(run.incidents().map(({ report }) => [report.faultClass, report.state])).toEqual([
      ['pos-down', 'closed'],
    ])
  })

  it('a line that flaps is one incident, with a second way out and without', async () => {
    for (const hasBackupUplink of [true, false]) {
      const run = await calm(hasBackupUplink)
      for (let round = 0; round < 5; round++) {
        await run.fault('wan-down', 'provider')
        await run.pass(2 * minutes)
        await run.heal('wan-down', 'provider')
        await run.pass(90_000)
      }
      await run.pass(40 * minutes)
      expect(run.incidents().map(({ report }) => [report.faultClass, report.state])).toEqual([
        ['provider-down', 'closed'],
      ])
    }
  })
})
