import { describe, expect, it } from 'vitest'
import { parseArguments } from './arguments.ts'

describe('the options of npm run simulate', () => {
  it('have defaults, and no more threads than Locations', () => {
    expect(parseArguments(['--locations', '1'])).toMatchObject({
      locations: 1,
      days: 1,
      seed: '1',
      workers: 1,
      isJson: false,
    })
  })

  it.each([
    [['--locations', '0'], /locations goes from 1 to 1000000/],
    [['--days', '1.5'], /days is a whole number/],
    [['--faults-per-day', 'many'], /faults-per-day goes from 0 to 20/],
    [['--seed', '-1'], /seed goes from 0 to 4294967295/],
    [['--fast'], /unknown option '--fast'/],
    [['now'], /too many arguments/],
  ])('answer %j with one sentence', (argv, sentence) => {
    expect(() => parseArguments(argv)).toThrow(sentence)
  })
})
