import { describe, expect, it } from 'vitest'
import { emptyTally } from '../../test/sim/fleet/score.ts'
import { parseArguments } from './arguments.ts'
import { createReport, isHeld, printReport } from './report.ts'

const args = parseArguments(['--locations', '10', '--days', '2'])

describe('the report of a simulated fleet', () => {
  it('is held only with nothing false, nothing missed and 99 % right causes', () => {
    const tally = { ...emptyTally(), locationDays: 20, due: 100, found: 100, explained: 100, right: 99 }
    expect(isHeld(createReport(args, tally, 1_000))).toBe(true)
    expect(isHeld(createReport(args, { ...tally, right: 98 }, 1_000))).toBe(false)
    expect(isHeld(createReport(args, { ...tally, falseIssues: 1 }, 1_000))).toBe(false)
    expect(isHeld(createReport(args, { ...tally, found: 99 }, 1_000))).toBe(false)
  })

  it('tells rates, percentiles and whether it was stopped early', () => {
    const tally = emptyTally()
    tally.locationDays = 15
    tally.secondsToOpen.set('router-down', [3, 1, 2, 40])
    tally.confusion.set('router-down', new Map([['router-down', 4]]))
    const report = createReport(args, tally, 10_000)
    expect(report).toMatchObject({ isComplete: false, locationDaysPerSecond: 1.5, rightCauseRatio: null })
    expect(report.secondsToOpen['router-down']).toEqual({ count: 4, p50: 2, p95: 40, max: 40 })
    expect(printReport(report)).toMatch(/15 Location-days \(stopped early\) in 10 s/)
    expect(printReport(report)).toMatch(/router-down +4 × router-down +p50 2 s, p95 40 s, max 40 s/)
  })
})
