import { describe, expect, it } from 'vitest'
import { createOpenBudget } from './storm-guards.ts'

describe('the budget of opens', () => {
  it('lets a burst through, then holds the rate and says how long to wait', () => {
    const budget = createOpenBudget({ opensPerMinute: 60, burst: 3 })
    expect([0, 0, 0, 0].map((nowMs) => budget.take(nowMs))).toEqual([0, 0, 0, 1_000])
    expect(budget.take(400)).toBe(600)
    expect(budget.take(1_000)).toBe(0)
    expect(budget.take(1_000)).toBe(1_000)
  })

  it('does not save up beyond the burst, nor mind a clock that goes back', () => {
    const budget = createOpenBudget({ opensPerMinute: 60, burst: 2 })
    expect([60_000, 3_600_000, 3_600_000].map((nowMs) => budget.take(nowMs))).toEqual([0, 0, 0])
    expect(budget.take(0)).toBe(1_000)
  })
})
