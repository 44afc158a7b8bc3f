import { describe, expect, it } from 'vitest'
import { createLocationRun, type LocationRun } from './location-run.ts'

const minutes = 60_000

async function lossy(percent: string, seed: string): Promise<LocationRun> {
  const run = createLocationRun({ seed, keepsJournal: false })
  await run.start()
  await run.pass(2 * minutes)
  await run.fault('wan-loss', percent)
  await run.pass(5 * minutes)
  return run
}

describe('a line that loses packets', { timeout: 60_000 }, () => {
  it('makes neither resolver nor processor look broken, up to a quarter each way', async () => {
    for (const percent of ['5', '12', '25']) {
      for (const seed of ['a', 'b', 'c']) {
        const run = await lossy(percent, seed)
        await run.pass(60 * minutes)
        expect(run.incidents().map(({ report }) => report.headline)).toEqual([])
      }
    }
  })

  it('hides neither a resolver nor a processor that fails for good', async () => {
    for (const [fault, faultClass] of [
      [['dns-down'], 'dns-failing'],
      [['processor-down', 'silent'], 'payment-path-failing'],
      [['processor-down', 'refused'], 'payment-path-failing'],
      [['processor-down', 'tls'], 'payment-path-failing'],
    ] as const) {
      const run = await lossy('8', fault.join(' '))
      const startMs = run.scheduler.nowMs()
      const [name, ...args] = fault
      await run.fault(name, ...args)
      await run.pass(5 * minutes)
      expect(run.incidents().map(({ report }) => report.faultClass)).toEqual([faultClass])
      expect(((run.incidents()[0]?.openedAtMs ?? 0) - startMs) / 1_000).toBeLessThanOrEqual(120)
    }
  })
})
