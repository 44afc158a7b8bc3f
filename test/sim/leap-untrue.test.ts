import { describe, expect, it } from 'vitest'
import { createLocationRun, type LocationRun } from './location-run.ts'

const seconds = 1_000

async function untilSteady(run: LocationRun): Promise<void> {
  for (let tries = 600; tries > 0 && !run.leaper.isSteady(); tries--) await run.pass(seconds)
}

describe('a leap while the cloud holds what is not so', () => {
  it('does not begin before a dead printer is missed that the kernel believed in', async () => {
    for (const laterMs of [0, 10, 20].map((count) => count * seconds)) {
      const run = createLocationRun({ seed: 'leap', keepsJournal: false, hasRawArp: false })
      await run.start()
      await untilSteady(run)
      await run.pass(laterMs)
      await run.fault('device-down', 'printer-1')
      await untilSteady(run)
      expect(run.incidents().map(({ report }) => report.faultClass)).toEqual(['device-down'])
    }
  })
})
