import { describe, expect, it } from 'vitest'
import { imagineTales } from './imagined-tales.ts'
import { fleetStartMs } from './run-fleet.ts'
import { score } from './score.ts'

/** What a fleet's plan comes to, by what its Locations would say. */
function scoreOf(seed: string, locations: number, days: number) {
  const { tales, outages } = imagineTales({ seed, locations, days, startMs: fleetStartMs, faultsPerDay: 0.3 })
  const { falseIssues, missed, wrongCause, childIssues, explained, examples } = score(
    tales,
    outages,
    fleetStartMs,
  )
  return { falseIssues, missed, wrongCause, childIssues, explained, examples }
}

describe('faults across Locations, in fleets of any size', () => {
  it.each([
    [8, 2, ['0', '1', '2', '3']],
    [12, 2, ['0', '7', '289', '5139', '4294967295']],
    [24, 2, ['77', '12', '36', '85', '138']],
    [40, 3, ['0', '5', '6', '13', '1085']],
    [60, 3, ['18', '57']],
    // Three faults of one router's dozen within two minutes; two suspicions of one town; a pair of one provider in a town's power cut.
    [120, 3, ['11', '1004', '1007', '1025', '1094']],
    [1_000, 3, ['22']],
  ])('of %i Locations over %i days have one Issue each, with the right cause', (locations, days, seeds) => {
    for (const seed of seeds) {
      const { explained, examples, ...wrong } = scoreOf(seed, locations, days)
      expect(examples, `seed ${seed}`).toEqual([])
      expect(wrong).toEqual({ falseIssues: 0, missed: 0, wrongCause: 0, childIssues: 0 })
      expect(explained).toBeGreaterThan(locations / 2)
    }
  })

  it('have a second Issue only where a Location’s own was due before anybody else said a word', () => {
    const fleets = Array.from({ length: 25 }, (_, seed) => scoreOf(String(seed), 16, 2))
    expect(fleets.map(({ falseIssues, missed, wrongCause }) => falseIssues + missed + wrongCause)).toEqual(
      fleets.map(() => 0),
    )
    const children = fleets.flatMap(({ examples }) => examples)
    expect(children.length).toBeLessThanOrEqual(2)
    for (const { kind, told } of children) expect([kind, told]).toEqual(['child', 'provider-down'])
  })
})
