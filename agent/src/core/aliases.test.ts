import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAliases } from './aliases.ts'

const create = (largest: number, lastOrdinal = 0) =>
  createAliases({ lastOrdinal, largest, onTaken: () => undefined })

describe('aliases', () => {
  it('are fresh numbers as long as there are any, and then those whose device is forgotten', () => {
    const aliases = create(4)
    expect([1, 2, 3, 4].map(() => aliases.take())).toEqual([1, 2, 3, 4])
    expect(aliases.take()).toBeUndefined()
    aliases.retire(2)
    expect(aliases.take()).toBeUndefined()
    aliases.spoolEmpty()
    expect(aliases.take()).toBeUndefined()
    aliases.windowClosed()
    expect(aliases.take()).toBeUndefined()
    aliases.spoolEmpty()
    expect(aliases.take()).toBe(2)
  })

  it('count on inside, so that rows of the new device wait for the birth that tells it', () => {
    const aliases = create(4)
    for (let turn = 0; turn < 4; turn++) aliases.take()
    expect(aliases.ordinalOf(2)).toBe(2)
    aliases.retire(2)
    aliases.windowClosed()
    aliases.spoolEmpty()
    expect(aliases.take()).toBe(2)
    expect(aliases.ordinalOf(2)).toBe(6)
    expect(aliases.lastOrdinal()).toBe(6)
  })

  it('are not given again after a start until what the run before left has gone', () => {
    const aliases = create(4, 4)
    for (const alias of [1, 3]) aliases.keep(alias)
    expect(aliases.take()).toBeUndefined()
    aliases.spoolEmpty()
    expect(aliases.take()).toBeUndefined()
    aliases.windowClosed()
    aliases.spoolEmpty()
    expect([aliases.take(), aliases.take(), aliases.take()]).toEqual([2, 4, undefined])
  })

  it('never begin anew below what is in use, also where the journal of starts was lost', () => {
    const aliases = create(100)
    for (const alias of [7, 12]) aliases.keep(alias)
    expect(aliases.take()).toBe(13)
  })

  it('no number stands for two devices at once, nor comes back while rows may mean the old one', () => {
    const step = fc.oneof(
      fc.constant('take' as const),
      fc.constant('window' as const),
      fc.constant('empty' as const),
      fc.nat({ max: 7 }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const aliases = create(8)
        const held = new Set<number>()
        /** Retired numbers, with what is left of them: samples in the window, rows in the spool. */
        const left = new Map<number, 'window' | 'spool'>()
        for (const one of steps) {
          if (one === 'take') {
            const alias = aliases.take()
            if (alias === undefined) continue
            expect(held.has(alias) || left.has(alias)).toBe(false)
            held.add(alias)
          } else if (one === 'window') {
            aliases.windowClosed()
            for (const alias of left.keys()) left.set(alias, 'spool')
          } else if (one === 'empty') {
            aliases.spoolEmpty()
            for (const [alias, rest] of left) if (rest === 'spool') left.delete(alias)
          } else {
            const alias = [...held][one]
            if (alias === undefined) continue
            held.delete(alias)
            left.set(alias, 'window')
            aliases.retire(alias)
          }
        }
      }),
      { numRuns: 300 },
    )
  })
})
