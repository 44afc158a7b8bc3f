import { describe, expect, it } from 'vitest'
import { parseFault } from '../../lab/faults.ts'
import type { IncidentStory } from '../virtual-ingest.ts'
import type { PlannedFault } from './plan.ts'
import { runFleet } from './run-fleet.ts'
import { addTally, emptyTally, score, type Tally } from './score.ts'

const options = { seed: 'fleet test', days: 0.5, faultsPerDay: 24, telemetrySeconds: 300 }
const run = (indexes: number[]) =>
  runFleet({ ...options, indexes, onDays: () => undefined, signal: new AbortController().signal })

describe('a small fleet', { timeout: 120_000 }, () => {
  it('gives the same figures however its Locations are dealt out, opens nothing false and tells the right causes', async () => {
    const together = await run([0, 1])
    const apart = emptyTally()
    for (const index of [1, 0]) addTally(apart, await run([index]))
    const figures = ({ confusion, secondsToOpen: _, examples: __, ...rest }: Tally) => ({
      ...rest,
      confusion: Object.fromEntries([...confusion].map(([row, cells]) => [row, Object.fromEntries(cells)])),
    })
    expect(figures(apart)).toEqual(figures(together))
    expect(together.locationDays).toBe(1)
    expect(together.explained).toBeGreaterThan(5)
    expect(together.examples).toEqual([])
    expect([together.falseIssues, together.right, together.found]).toEqual([
      0,
      together.explained,
      together.due,
    ])
  })
})

describe('the score', () => {
  const minute = 60_000
  const planned = (
    name: string,
    args: string[],
    fromMinute: number,
    truth: PlannedFault['truth'],
  ): PlannedFault => {
    const parsed = parseFault(name, args)
    if (!parsed.ok) throw new Error(parsed.reason)
    return {
      fault: parsed.fault,
      fromMs: fromMinute * minute,
      toMs: (fromMinute + 10) * minute,
      isTrading: true,
      truth,
    }
  }
  const incident = (faultClass: string, atMinute: number): IncidentStory =>
    ({
      report: { faultClass, headline: faultClass },
      openedAtMs: atMinute * minute,
      changes: [],
    }) as unknown as IncidentStory
  const router = planned('router-down', [], 100, { right: ['router-down'], mustOpen: true })
  const tallyOf = (faults: PlannedFault[], incidents: IncidentStory[]) => {
    const tally = emptyTally()
    score(tally, { location: 0, startMs: 0, faults, incidents })
    return tally
  }

  it('counts what opens without a fault as false', () => {
    expect(tallyOf([router], [incident('pos-down', 50), incident('router-down', 101)])).toMatchObject({
      falseIssues: 1,
      right: 1,
      explained: 1,
      found: 1,
    })
  })

  it('counts a second incident of one fault as false, and a wrong cause as wrong', () => {
    expect(tallyOf([router], [incident('provider-down', 101), incident('pos-down', 103)])).toMatchObject({
      falseIssues: 1,
      right: 0,
      explained: 1,
    })
  })

  it('counts silence about a fault that had to open as a miss, and any incident for a harmless one as false', () => {
    const harmless = planned('wan-loss', ['5'], 300, { right: [], mustOpen: false })
    expect(tallyOf([router, harmless], [incident('payment-path-failing', 305)])).toMatchObject({
      due: 1,
      found: 0,
      falseIssues: 1,
    })
  })
})
