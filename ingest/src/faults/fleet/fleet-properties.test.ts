import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Fleet } from '../testing/fleet.ts'
import { fleetEntries, restoreFleet } from './serialize.ts'

const happening = fc.record({
  what: fc.constantFrom(
    'dark',
    'dark',
    'dark',
    'offline',
    'well',
    'had no power',
    'had no line',
    'unpayable',
  ),
  index: fc.integer({ min: 0, max: 39 }),
  afterMs: fc.integer({ min: 0, max: 40_000 }),
  passMs: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 5_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 600_000 }) },
  ),
})
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never

const shop = (index: number) => ({
  address: `203.0.${index % 2}.7`,
  firstHop: `100.64.0.${index % 4}`,
  region: `Town ${index % 5}`,
  processors: ['Pay A'],
  ...(index % 3 === 0 ? { hasSecondWayOut: true } : {}),
})

function play(fleet: Fleet, { what, index, afterMs, passMs }: Happening): void {
  if (what === 'well') fleet.well(index)
  else if (what === 'had no power') fleet.well(index, 'power-cut')
  else if (what === 'had no line') fleet.well(index, 'provider-down')
  else if (what === 'offline') fleet.offline(index, afterMs)
  else if (what === 'dark') fleet.dark(index, afterMs)
  else fleet.unpayable(index, 'Pay A', afterMs)
  fleet.pass(passMs)
}

describe('whatever happens to forty Locations', () => {
  it('no key is used twice, who is accounted for is so by a parent that exists, and nobody stays so for ever', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
        const fleet = new Fleet().settle(40, shop)
        for (const one of happenings) {
          play(fleet, one)
          const keys = new Set(fleet.state.parents.map(({ key }) => key))
          for (const { parentKey } of fleet.state.members.values())
            if (parentKey !== null) expect(keys).toContain(parentKey)
        }
        const opened = fleet.told.filter(({ change }) => change === 'opened').map(({ report }) => report.key)
        expect(new Set(opened).size).toBe(opened.length)
        for (let index = 0; index < 40; index += 1) fleet.well(index)
        fleet.pass(1_200_000)
        expect(fleet.state.parents).toEqual([])
        expect(fleet.held()).toEqual([])
        const closed = fleet.told.filter(({ change }) => change === 'closed').map(({ report }) => report.key)
        expect(closed.sort()).toEqual(opened.sort())
      }),
      { numRuns: 60 },
    )
  })

  it('a state that was stored and read again goes on as if nothing had been', () => {
    fc.assert(
      fc.property(
        fc.array(happening, { maxLength: 40 }),
        fc.integer({ min: 0, max: 40 }),
        (happenings, cut) => {
          const straight = new Fleet().settle(40, shop)
          const broken = new Fleet().settle(40, shop)
          const stored = new Map<string, Uint8Array | null>()
          for (const [step, one] of happenings.entries()) {
            play(straight, one)
            play(broken, one)
            for (const [key, bytes] of fleetEntries(broken.state)) stored.set(key, bytes)
            if (step !== cut) continue
            const entries = [...stored].filter((entry): entry is [string, Uint8Array] => entry[1] !== null)
            broken.state = restoreFleet(entries.reverse())
          }
          straight.pass(1_200_000)
          broken.pass(1_200_000)
          expect(broken.told).toEqual(straight.told)
        },
      ),
      { numRuns: 40 },
    )
  })

  it.each([
    ['no JSON', 'fleet', '{'],
    ['another version', 'fleet', '{"v":2}'],
    ['no member', 'm/loc-1', '{"v":1,"locationId":5}'],
  ])('refuses a stored state that is %s', (_name, key, text) => {
    expect(() => restoreFleet([[key, new TextEncoder().encode(text)]])).toThrow(/stored state of the fleet/)
  })
})
