import type { FaultClass } from '@proactive/shared'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../random.ts'
import { causeTable } from './causes.ts'
import { drawOutages, outagesOf } from './outages.ts'
import { drawPlan, type PlannedFault } from './plan.ts'
import { fleetStartMs, type LocationTale, runFleet, type ToldIncident } from './run-fleet.ts'
import { score } from './score.ts'
import { drawTraits } from './traits.ts'

const minute = 60_000

async function tales(
  indexes: readonly number[],
  more: { locations: number; days: number; faultsPerDay: number; isStepwise?: boolean },
): Promise<LocationTale[]> {
  const found: LocationTale[] = []
  await runFleet({
    seed: '7',
    telemetrySeconds: 30,
    ...more,
    indexes,
    onDays: () => undefined,
    onTale: (tale) => found.push(tale),
    signal: new AbortController().signal,
  })
  return found.sort((a, b) => a.index - b.index)
}

describe('a small fleet', { timeout: 60_000 }, () => {
  it('tells the same however its Locations are dealt out, opens nothing false and tells the right causes', async () => {
    const options = { locations: 40, days: 1, faultsPerDay: 1 }
    const together = await tales([3, 7], options)
    const apart = [...(await tales([7], options)), ...(await tales([3], options))]
    expect(apart.sort((a, b) => a.index - b.index)).toEqual(together)
    const told = score(together, [], fleetStartMs)
    expect(told.examples).toEqual([])
    expect([told.falseIssues, told.missed, told.wrongCause, told.childIssues]).toEqual([0, 0, 0, 0])
    expect(told.locationDays).toBe(2)
  })
})

describe('the generative model', () => {
  const options = { seed: '5', startMs: fleetStartMs, days: 10, locations: 1_000 }
  const outages = drawOutages(options)
  const plans = Array.from({ length: 60 }, (_, index) => {
    const traits = drawTraits(createRandom(`5/${index}/traits`), index, options.locations)
    return drawPlan({
      ...options,
      traits,
      index,
      random: createRandom(`5/${index}/plan`),
      faultsPerDay: 0.3,
      ...outagesOf(outages, '5', index, traits),
    })
  })

  it('is harsh: at least 0.2 faults and 20 nuisances a Location-day, at most 1 % of the faults unseen', () => {
    const faults = plans.flatMap((plan) => plan.faults)
    const own = faults.filter(({ outage }) => outage === null)
    expect(own.length / (plans.length * 10)).toBeGreaterThanOrEqual(0.2)
    expect(plans.flatMap(({ nuisances }) => nuisances).length / (plans.length * 10)).toBeGreaterThanOrEqual(
      20,
    )
    expect(faults.filter(({ unseen }) => unseen !== null).length / faults.length).toBeLessThanOrEqual(0.01)
  })

  it('has every cause of one Location at least once in any fleet, and each kind of outage', () => {
    for (const locations of [4, 20, 100]) {
      const causes = new Set(
        Array.from({ length: locations }, (_, index) => {
          const traits = drawTraits(createRandom(`9/${index}/traits`), index, locations)
          const random = createRandom(`9/${index}/plan`)
          return drawPlan({
            startMs: fleetStartMs,
            days: 5,
            locations,
            index,
            traits,
            random,
            faultsPerDay: 0.3,
            outages: [],
          })
        }).flatMap(({ faults }) => faults.map(({ cause }) => cause)),
      )
      expect([...causes].sort()).toEqual(causeTable.map(({ cause }) => cause).sort())
    }
    expect(new Set(outages.map(({ cause }) => cause)).size).toBe(3)
  })

  it('keeps the faults of a Location apart, so that each incident belongs to one', () => {
    for (const { faults } of plans)
      for (const [place, fault] of faults.entries())
        expect(fault.fromMs).toBeGreaterThan(faults[place - 1]?.toMs ?? 0)
  })
})

describe('the score', () => {
  const fault = (cause: FaultClass, fromMinute: number, more: Partial<PlannedFault> = {}): PlannedFault => ({
    cause,
    right: [cause],
    fromMs: fromMinute * minute,
    toMs: (fromMinute + 10) * minute,
    isTrading: true,
    unseen: null,
    outage: null,
    ...more,
  })
  const incident = (faultClass: FaultClass, atMinute: number): ToldIncident => ({
    openedAtMs: atMinute * minute,
    endedAtMs: null,
    faultClass,
    headline: faultClass,
    isHeld: false,
    causes: [{ atMs: atMinute * minute, faultClass }],
  })
  const tale = (faults: PlannedFault[], incidents: ToldIncident[], index = 0): LocationTale => ({
    index,
    days: 1,
    hasBackupUplink: true,
    hasRawArp: true,
    faults,
    nuisances: {},
    incidents,
    signals: [],
    openedAtMs: [],
    observations: 0,
    payloadBytes: 0,
    stateBytes: 0,
  })
  const router = fault('router-down', 100)
  const scoreOf = (faults: PlannedFault[], incidents: ToldIncident[]) =>
    score([tale(faults, incidents)], [], 0)

  it('counts what opens without a fault as false', () => {
    expect(scoreOf([router], [incident('pos-down', 50), incident('router-down', 101)])).toMatchObject({
      falseIssues: 1,
      wrongCause: 0,
      explained: 1,
      missed: 0,
    })
  })

  it('counts a second Issue of one fault as a child, and a wrong cause as wrong', () => {
    expect(scoreOf([router], [incident('provider-down', 101), incident('pos-down', 103)])).toMatchObject({
      childIssues: 1,
      wrongCause: 1,
    })
  })

  it('counts silence about a fault as a miss, but not about one that nobody can see; what is only noted is no Issue', () => {
    const unseen = fault('ip-conflict', 300, { unseen: 'no raw ARP' })
    const noted = { ...incident('wan-degraded', 200), isHeld: true }
    expect(scoreOf([router, unseen], [noted])).toMatchObject({
      missed: 1,
      falseIssues: 0,
      unobservableFaults: [{ locationId: 'loc-0', reason: 'no raw ARP' }],
    })
  })

  it('wants one Issue for an outage of many, and none at its Locations', () => {
    const outage = {
      number: 0,
      cause: 'provider-outage',
      shared: {},
      fromMs: 100 * minute,
      toMs: 110 * minute,
      share: 1,
    } as const
    const hit = (index: number) =>
      tale(
        [fault('provider-outage', 100, { outage: 0, right: ['provider-down'] })],
        [incident('provider-down', 101)],
        index,
      )
    // Nobody signalled anything, so nobody could see that they share it.
    expect(score([hit(0), hit(1), hit(2)], [outage], 0)).toMatchObject({ missed: 1, childIssues: 3 })
    expect(score([hit(0), hit(1)], [outage], 0)).toMatchObject({ missed: 0, childIssues: 0, explained: 2 })
  })
})
