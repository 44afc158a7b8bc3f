import { describe, expect, it } from 'vitest'
import { optionSentence } from './option-sentence.ts'

describe('a mistyped option', () => {
  it.each([
    [
      "error: option '--port <n>' argument 'abc' is invalid. a port is a whole number.",
      'Option --port cannot be "abc": a port is a whole number.',
    ],
    ["error: option '-p, --port <n>' argument 'a'b' is invalid. no.", 'Option --port cannot be "a\'b": no.'],
    [
      "error: unknown option '--prot'\n(Did you mean --port?)",
      "Unknown option '--prot' (Did you mean --port?)",
    ],
    ['too many arguments.', 'Too many arguments.'],
    ['', ''],
  ])('is told as a sentence: %j', (message, sentence) => {
    expect(optionSentence(message)).toBe(sentence)
  })
})
