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
    [['--locations', '0'], /^Option --locations cannot be "0": it goes from 1 to 1000000\./],
    [['--days', '1.5'], /^Option --days cannot be "1\.5": it is a whole number\./],
    [['--faults-per-day', 'many'], /--faults-per-day .*it goes from 0 to 20/],
    [['--seed', '-1'], /--seed .*it goes from 0 to 4294967295/],
    [['--fast'], /^Unknown option '--fast'/],
    [['now'], /^Too many arguments/],
  ])('answer %j with one sentence', (argv, sentence) => {
    expect(() => parseArguments(argv)).toThrow(sentence)
  })
})
