import { describe, expect, it } from 'vitest'
import {
  type Baseline,
  feltByLine,
  type Grade,
  gradeOf,
  learn,
  newBaseline,
  seasonAt,
  usualMs,
} from './baseline.ts'

const windowMs = 30_000
const perDay = 86_400_000 / windowMs

/** A source of chance that a test can repeat. */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

/** The share of `echoes` that a line of this loss loses in one window. */
function lossOf(chance: () => number, ratio: number, echoes = 30): number {
  let lost = 0
  for (let echo = 0; echo < echoes; echo += 1) if (chance() < ratio) lost += 1
  return lost / echoes
}

/** Feeds windows of a line; returns the worst grade seen. */
function feed(
  baseline: Baseline,
  windows: number,
  of: (index: number) => { rttMs: number; lossRatio: number; season?: number },
): Grade {
  let worst: Grade = 0
  let grade: Grade = 0
  for (let index = 0; index < windows; index += 1) {
    const { rttMs, lossRatio, season = 0 } = of(index)
    learn(baseline, { wholeMs: feltByLine(rttMs, lossRatio), bareMs: feltByLine(rttMs, 0) }, windowMs, season)
    if (usualMs(baseline, season) === null) continue
    grade = gradeOf(baseline, season, grade)
    if (grade > worst) worst = grade
  }
  return worst
}

describe('what is usual on a line', () => {
  it('is known after ten minutes, whatever the line is: fibre, DSL, mobile, satellite', () => {
    for (const rttMs of [3, 25, 80, 620]) {
      const baseline = newBaseline()
      expect(feed(baseline, 20, () => ({ rttMs, lossRatio: 0 }))).toBe(0)
      expect(usualMs(baseline, 0)).toBeCloseTo(5 * rttMs, 0)
    }
  })

  it('of a healthy line of any kind is never left by chance, in a fortnight', () => {
    for (const [rttMs, loss] of [
      [10, 0],
      [25, 0.01],
      [40, 0.04],
      [600, 0.02],
      [20, 0.0975],
    ] as const) {
      const chance = dice(7)
      const baseline = newBaseline()
      const worst = feed(baseline, 14 * perDay, () => ({
        rttMs: rttMs * Math.exp(0.25 * (chance() - 0.5)),
        lossRatio: lossOf(chance, loss),
      }))
      expect([rttMs, loss, worst]).toEqual([rttMs, loss, 0])
    }
  })

  it('is left by loss that is felt, within minutes, and by heavy loss within one', () => {
    for (const [loss, grade, windows] of [
      [1 - 0.95 ** 2, 0, 40],
      [1 - 0.88 ** 2, 1, 20],
      [1 - 0.7 ** 2, 2, 2],
    ] as const) {
      const chance = dice(3)
      const baseline = newBaseline()
      feed(baseline, 600, () => ({ rttMs: 12, lossRatio: lossOf(chance, 0.005) }))
      expect(feed(baseline, windows, () => ({ rttMs: 12, lossRatio: lossOf(chance, loss) }))).toBe(grade)
    }
  })

  it('is left by a queue that builds up, not by the mobile network’s longer way', () => {
    const baseline = newBaseline()
    feed(baseline, 600, () => ({ rttMs: 12, lossRatio: 0 }))
    expect(feed(baseline, 30, () => ({ rttMs: 120, lossRatio: 0 }))).toBe(0)
    expect(feed(baseline, 10, () => ({ rttMs: 400, lossRatio: 0 }))).toBe(1)
  })

  it('is not moved by an hour of trouble, and is new after a week of it', () => {
    const baseline = newBaseline()
    feed(baseline, 3 * perDay, () => ({ rttMs: 12, lossRatio: 0 }))
    const before = usualMs(baseline, 0) ?? 0
    expect(feed(baseline, 120, () => ({ rttMs: 12, lossRatio: 0.4 }))).toBe(2)
    expect(usualMs(baseline, 0)).toBeLessThan(before * 1.2)
    feed(baseline, 10 * perDay, () => ({ rttMs: 420, lossRatio: 0 }))
    expect(feed(baseline, 10, () => ({ rttMs: 420, lossRatio: 0 }))).toBe(0)
  })

  it('follows the week: a busy evening is usual in the evening only', () => {
    const baseline = newBaseline()
    const evening = 6
    const of = (index: number) => {
      const season = Math.floor((index % perDay) / (perDay / 8))
      return { rttMs: season === evening ? 350 : 15, lossRatio: 0, season }
    }
    feed(baseline, 28 * perDay, of)
    expect(feed(baseline, 2 * perDay, of)).toBe(0)
    expect((usualMs(baseline, evening) ?? 0) / (usualMs(baseline, 3) ?? 1)).toBeGreaterThan(8)
  })

  it('is learned by the clock of the Location', () => {
    const mondayEight = Date.parse('2026-03-09T08:00Z')
    expect(seasonAt('UTC', mondayEight)).toBe(2)
    expect(seasonAt('Europe/Berlin', mondayEight)).toBe(3)
    expect(seasonAt('UTC', Date.parse('2026-03-14T23:59Z'))).toBe(15)
    expect(seasonAt('UTC', Date.parse('2026-03-16T00:00Z'))).toBe(0)
  })
})
