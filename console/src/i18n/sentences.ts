import { fillMessage } from './message.ts'

interface Pattern {
  readonly form: RegExp
  readonly names: readonly string[]
  readonly message: string
  /** How much of it is words, not values. */
  readonly literalLength: number
}
const time = '(?:\\d{4}-\\d\\d-\\d\\d )?\\d\\d:\\d\\d'
/** What a value looks like in the sentences of the cloud; anything else is some text. */
const valueForms = new Map([
  ['since', time],
  ['until', time],
  ['count', '\\d+'],
  ['more', '\\d+'],
  ['suffering', '(?:; .+)?'],
  ['affected', '\\d+ .+?|no device'],
  ['other', '\\d+ .+?'],
  ['lost', '\\d+ %'],
  ['milliseconds', '\\d+'],
  ['seconds', '[\\d.]+'],
  ['usual', '[\\d.]+'],
])
/** None begins like a line of a list: what that says is a sentence of its own. */
const textForm = '(?!- ).+?'
const isNumber = new Set(['count', 'more'])
/** Values that are words of ours, not names or numbers. */
const isSentence = new Set(['suffering', 'affected', 'sentence', 'other', 'cause', 'text'])
const maxKept = 2_000

/**
 * Reads sentences of the cloud into another language: each is found by the English template that it was made from, so that what is stored and
 * what goes to other helpdesks has one form. One that no template fits stays as it is.
 */
export function createTold(
  templates: ReadonlyMap<string, string>,
  locale: string,
): (sentence: string) => string {
  const kept = new Map<string, string>()
  let patterns: readonly Pattern[] | undefined

  function translate(sentence: string): string {
    const exact = templates.get(sentence)
    if (exact !== undefined) return exact
    patterns ??= [...templates]
      .filter(([english]) => english.includes('{'))
      .map(toPattern)
      .sort(byLiteralLength)
    for (const { form, names, message } of patterns) {
      const found = form.exec(sentence)
      if (found === null) continue
      const values = names.map((name, index) => {
        const text = found[index + 1] ?? ''
        if (isNumber.has(name)) return [name, Number(text)]
        // What has no name of its own is called "The router".
        if (name === 'root') return [name, templates.get(text) ?? text]
        return [name, isSentence.has(name) ? told(text) : text]
      })
      return fillMessage(message, Object.fromEntries(values), locale)
    }
    return sentence
  }

  function told(sentence: string): string {
    if (templates.size === 0 || sentence === '') return sentence
    const known = kept.get(sentence)
    if (known !== undefined) return known
    const lines = sentence.split('\n')
    const translated = lines.length > 1 ? lines.map(told).join('\n') : translate(sentence)
    if (kept.size >= maxKept) kept.clear()
    kept.set(sentence, translated)
    return translated
  }
  return told
}

function toPattern([english, message]: readonly [string, string]): Pattern {
  const names: string[] = []
  const form = english
    .split(/(\{\w+\})/)
    .map((part) => {
      const name = /^\{(\w+)\}$/.exec(part)?.[1]
      if (name === undefined) return part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
      names.push(name)
      return `(${valueForms.get(name) ?? textForm})`
    })
    .join('')
  const literalLength = english.replaceAll(/\{\w+\}/g, '').length
  return { form: new RegExp(`^${form}$`), names, message, literalLength }
}

/** The most literal first: of two templates that fit, it says more. */
const byLiteralLength = (a: Pattern, b: Pattern) => b.literalLength - a.literalLength
