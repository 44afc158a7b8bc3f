import type { FaultClass, Payability } from '@proactive/shared'
import { de } from './words-de.ts'
import { en } from './words-en.ts'
import { es } from './words-es.ts'

/** Everything the merchant's page says. `{name}` stands for a value; a language that lacks a line does not compile. */
export interface Words {
  readonly payability: Readonly<Record<Payability, string>>
  /** One plain sentence for a shop: what is wrong, and what is not. */
  readonly fault: Readonly<Record<FaultClass, string>>
  readonly since: string
  readonly allWell: string
  readonly neverHeard: string
  readonly notHeard: string
  readonly working: string
  readonly told: string
  readonly someTeam: string
  readonly willTell: string
  readonly worksAgain: string
  readonly stillBroken: string
  readonly question: string
  readonly thanks: string
  readonly report: string
  readonly whatIsWrong: string
  readonly yourName: string
  readonly yourPhone: string
  readonly optional: string
  readonly send: string
  readonly sending: string
  readonly left: string
  readonly noneLeft: string
  readonly messages: string
  readonly you: string
  readonly loading: string
  readonly unreachable: string
  readonly linkOver: string
  readonly tooMany: string
  readonly notPassedOn: string
  readonly stale: string
  readonly footer: string
}

const languages = { en, de, es } as const
export type Language = keyof typeof languages

/** The first of the browser's languages that we have, else English. */
export function pickLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const found = tag.toLowerCase().split('-')[0]
    if (found === 'en' || found === 'de' || found === 'es') return found
  }
  return 'en'
}

export const language = pickLanguage(globalThis.navigator?.languages ?? [])
export const words: Words = languages[language]

/** Puts the values in; a value is text, whatever it holds. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole)
}
