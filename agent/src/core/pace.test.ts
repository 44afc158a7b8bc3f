import { expect, it } from 'vitest'
import { createPace } from './pace.ts'

it('a pace lets so many through a second and counts the rest', () => {
  let nowMono = 0
  const pace = createPace(3, () => nowMono)
  const taken = () => Array.from({ length: 5 }, () => pace.take()).filter(Boolean).length
  expect([taken(), pace.ignored()]).toEqual([3, 2])
  nowMono = 999
  expect(taken()).toBe(0)
  nowMono = 1_000
  expect([taken(), pace.ignored()]).toEqual([3, 9])
})
