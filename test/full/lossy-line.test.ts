import { describe, expect, it } from 'vitest'
import { createLocationRun } from '../sim/location-run.ts'

const hours = 3_600_000

describe('days on a line that loses packets', () => {
  for (const [percent, told] of [
    ['2', []],
    ['5', []],
    ['12', ['wan-degraded']],
    ['25', ['wan-degraded']],
  ] as const) {
    it(`${percent} % each way: ${told.length === 0 ? 'nothing is told' : 'the line and nothing else is'}`, {
      timeout: 600_000,
    }, async () => {
      for (const seed of ['a', 'b', 'c', 'd', 'e', 'f']) {
        const run = createLocationRun({ seed, keepsJournal: false })
        await run.start()
        await run.pass(hours / 5)
        await run.fault('wan-loss', percent)
        await run.pass((percent === '5' ? 24 : 6) * hours)
        const classes = new Set(run.incidents().map(({ report }) => report.faultClass))
        expect([seed, ...classes]).toEqual([seed, ...told])
      }
    })
  }
})
