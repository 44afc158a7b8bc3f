import { describe, expect, it } from 'vitest'
import { type FaultInForce, inForceSinceMs, whyNotAgain } from './fault-trial.ts'

const routerDown: FaultInForce = { name: 'router-down', argument: '', sinceMs: 1_000 }
const firstTerminal: FaultInForce = { name: 'pos-down', argument: 'pos-1', sinceMs: 2_000 }
const wanLoss: FaultInForce = { name: 'wan-loss', argument: '20', sinceMs: 3_000 }

describe('a fault that is in force already', () => {
  it.each([
    ['router-down', [], 'router-down is in force already; heal it first: npm run lab -- heal router-down'],
    ['pos-down', ['pos-1'], /^pos-down pos-1 is in force already.*heal pos-down pos-1$/],
    ['wan-loss', [], /^wan-loss 20 is in force already/],
  ])('is not injected again: %s %j', (name, args, sentence) => {
    expect(whyNotAgain([routerDown, firstTerminal, wanLoss], name, args)).toMatch(sentence)
  })

  it.each([
    ['pos-down', ['pos-2']],
    ['wan-loss', ['5']],
    ['wan-down', []],
    ['fire', []],
  ])('does not stand in the way of another one: %s %j', (name, args) => {
    expect(whyNotAgain([routerDown, firstTerminal, wanLoss], name, args)).toBeUndefined()
  })
})

describe('whose Issues a heal follows', () => {
  it('is what opened since the first of the faults that it ended', () => {
    expect(inForceSinceMs([routerDown, firstTerminal, wanLoss], [])).toBe(1_000)
    expect(inForceSinceMs([routerDown, firstTerminal], [routerDown])).toBe(2_000)
    expect(inForceSinceMs([], [])).toBeUndefined()
  })
})
