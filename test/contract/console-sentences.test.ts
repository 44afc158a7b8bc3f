import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { rules } from '../../ingest/src/faults/rules.ts'

const toldIn = (language: string): Record<string, string> => {
  const file = new URL(`../../console/src/i18n/catalogue/${language}.json`, import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')).told
}

describe('what the fault core says', () => {
  it.each(['de', 'es'])(
    'is known to the console in %s: headline, diagnosis and evidence of every rule',
    (language) => {
      const told = toldIn(language)
      const sentences = Object.values(rules).flatMap(({ headline, diagnosis, evidence }) => [
        headline,
        diagnosis,
        evidence,
      ])
      expect(sentences.filter((sentence) => !(sentence in told))).toEqual([])
    },
  )
})
