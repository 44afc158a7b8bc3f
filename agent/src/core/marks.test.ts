import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createMarks } from './marks.ts'

it('tells who bears a mark, whatever they bore before', () => {
  const id = fc.constantFrom('a', 'b', 'c')
  const bears = fc.uniqueArray(fc.constantFrom('name till', 'mac 1', 'mac 2', 'ip 192.0.2.1'))
  fc.assert(
    fc.property(fc.array(fc.tuple(id, bears), { maxLength: 20 }), bears, (history, asked) => {
      const marks = createMarks()
      for (const [one, own] of history) marks.set(one, own)
      const last = new Map(history)
      const bearers = [...last].filter(([, own]) => own.some((mark) => asked.includes(mark)))
      expect(new Set(bearers.map(([one]) => one))).toEqual(marks.bearersOf(asked))
    }),
  )
})
