import { describe, expect, it } from 'vitest'
import type { Score } from '../../test/sim/fleet/score.ts'
import { parseArguments } from './arguments.ts'
import { brokenPromises, createReport, printReport } from './report.ts'

const args = parseArguments(['--locations', '10', '--days', '2'])
const good: Score = {
  locationDays: 20,
  injected: { 'router-down': 60, 'pos-down': 40 },
  nuisances: { nap: 400 },
  unobservableFaults: [],
  incidents: 100,
  falseIssues: 0,
  missed: 0,
  wrongCause: 1,
  childIssues: 0,
  explained: 100,
  openSeconds: { router: [3, 1, 2, 4], wan: [], pos: [20], posWithoutArp: [58], dark: [55] },
  explainSeconds: [5],
  confusion: new Map([['router-down', new Map([['router-down', 59]])]]),
  observations: 50_000,
  payloadBytes: 1,
  stateBytesPerLocation: 6_000,
  examples: [],
}
const unseenFault = {
  locationId: 'loc-1',
  cause: 'router-down',
  atMs: 0,
  reason: 'no raw ARP',
} as const
const broken = (changed: Partial<Score>) => {
  const score = { ...good, ...changed }
  return brokenPromises(createReport(score, 1_000), score)
}

describe('the report of a simulated fleet', () => {
  it('is one object with the figures in their order', () => {
    const report = createReport(good, 1_000)
    expect(Object.keys(report)).toEqual([
      'locationDays',
      'injected',
      'nuisances',
      'unobservable',
      'unobservableFaults',
      'incidents',
      'falseIssues',
      'missed',
      'wrongCause',
      'childIssues',
      'p95OpenSeconds',
      'explainSeconds',
      'observationsPerSecond',
      'stateBytesPerLocation',
    ])
    expect(report).toMatchObject({
      p95OpenSeconds: { router: 4, wan: null, pos: 20, dark: 55 },
      explainSeconds: { p95: 5 },
      observationsPerSecond: 50_000,
    })
    expect(printReport(args, report, good, 1_000)).toMatch(/router-down +59 × router-down/)
  })

  it.each([
    [{}, []],
    [{ falseIssues: 1 }, [/1 false Issue/]],
    [{ missed: 2 }, [/2 fault\(s\) missed/]],
    [{ childIssues: 1 }, [/beside the first one/]],
    [{ wrongCause: 2 }, [/2 of 100 Issues with a wrong cause/]],
    [{ openSeconds: { ...good.openSeconds, dark: [61] } }, [/dark: p95 61 s/]],
    [{ openSeconds: { ...good.openSeconds, posWithoutArp: [61] } }, [/no ARP may be sent: p95 61 s/]],
    [{ explainSeconds: [70] }, [/p95 70 s until a dark Location was explained/]],
  ] satisfies [Partial<Score>, RegExp[]][])('with %j says what was not held', (changed, sentences) => {
    const found = broken(changed)
    expect(found.length).toBe(sentences.length)
    for (const [place, sentence] of sentences.entries()) expect(found[place]).toMatch(sentence)
  })

  it('says what a share of unseen faults means, and that of a small plan it says little', () => {
    const unseen = (count: number): Partial<Score> => ({
      unobservableFaults: Array.from({ length: count }, () => unseenFault),
    })
    expect(broken(unseen(1))).toEqual([])
    expect(broken(unseen(2))).toEqual([
      '2 of 100 faults showed nothing that anybody could have seen, more than 1 % of the plan',
    ])
    expect(broken({ ...unseen(1), injected: { 'router-down': 16 } })).toEqual([
      expect.stringMatching(/^1 of 16 faults showed nothing .*below 100 faults one alone is more; take more/),
    ])
  })
})
