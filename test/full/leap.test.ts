import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type LocationTale, runFleet } from '../sim/fleet/run-fleet.ts'

const locations = 1_000
const days = 2
/** Location-days that are run both ways. */
const wanted = 50

async function tale(seed: string, index: number, isStepwise: boolean): Promise<LocationTale> {
  const found: LocationTale[] = []
  await runFleet({
    seed,
    locations,
    days,
    faultsPerDay: 1,
    telemetrySeconds: 30,
    isStepwise,
    indexes: [index],
    onDays: () => undefined,
    onTale: (one) => found.push(one),
    signal: new AbortController().signal,
  })
  const [one] = found
  if (one === undefined) throw new Error('the Location told nothing')
  return one
}

/** By how much the two ways may differ in when an incident opened and was over. How soon a lossy line is found out is a matter of luck with its packets. */
const toleranceMs = (told: readonly unknown[]) =>
  told.includes('wan-degraded') ? { opened: 180_000, ended: 1_200_000 } : { opened: 30_000, ended: 60_000 }

/** What was said of a Location: of each incident what it opened as and what it was in the end; what was thought in between is a matter of seconds. */
const verdicts = ({ incidents }: LocationTale) =>
  incidents.map(({ causes, isHeld }) => [causes[0]?.faultClass, causes.at(-1)?.faultClass, isHeld])

describe('a stretch in which every answer repeats, advanced in one step', () => {
  it('comes to the same verdicts as probe by probe, on at least 50 Location-days', {
    timeout: 1_800_000,
  }, async () => {
    let compared = 0
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        fc.integer({ min: 0, max: locations - 1 }),
        async (seed, index) => {
          const leapt = await tale(String(seed), index, false)
          const stepped = await tale(String(seed), index, true)
          expect(verdicts(leapt)).toEqual(verdicts(stepped))
          for (const [place, { openedAtMs, endedAtMs, faultClass }] of stepped.incidents.entries()) {
            const tolerance = toleranceMs(verdicts(stepped)[place] ?? [faultClass])
            const other = leapt.incidents[place]
            expect(Math.abs((other?.openedAtMs ?? Number.NaN) - openedAtMs)).toBeLessThanOrEqual(
              tolerance.opened,
            )
            expect(other?.endedAtMs === null).toBe(endedAtMs === null)
            expect(Math.abs((other?.endedAtMs ?? 0) - (endedAtMs ?? 0))).toBeLessThanOrEqual(tolerance.ended)
          }
          compared += days
        },
      ),
      { numRuns: Math.ceil(wanted / days), endOnFailure: true },
    )
    expect(compared).toBeGreaterThanOrEqual(wanted)
  })
})
