import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'
import { describe, expect, it } from 'vitest'
import { createTold } from '../../console/src/i18n/sentences.ts'
import { rules } from '../../ingest/src/faults/rules.ts'

const languages = ['de', 'es'] as const

const toldIn = (language: string): Record<string, string> => {
  const file = new URL(`../../console/src/i18n/catalogue/${language}.json`, import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')).told
}

const faults = fileURLToPath(new URL('../../ingest/src/faults/', import.meta.url))
/** What is in there for people at the server, or in the documentation; the rules are asked for one by one. */
const unsaid = /(?:^|\/)(?:serialize|rule-table|rules)\.ts$|\.test\.ts$|^testing\//
const hole = '{}'

/** Every text of the fault core that has words, with a hole for each value. */
function textsOf(path: string): string[] {
  const texts: string[] = []
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(walk)
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return
    const { type, value, quasis } = node as { type?: string; value?: unknown; quasis?: Quasi[] }
    if (type === 'ImportDeclaration' || type?.startsWith('TSType')) return
    if (type === 'Literal' && typeof value === 'string') texts.push(value)
    if (type === 'TemplateLiteral') texts.push((quasis ?? []).map(({ value }) => value.cooked).join(hole))
    Object.values(node).forEach(walk)
  }
  walk(parseSync(path, readFileSync(path, 'utf8')).program)
  return texts.filter((text) => text.includes(' ') && /\p{L}{2,}/u.test(text) && !/^[a-z]+:\{\}/.test(text))
}
interface Quasi {
  readonly value: { readonly cooked: string }
}

/** Texts that are only ever said within another sentence, and the sentences that hold them. */
const within = new Map<string, readonly string[]>([
  [' and ', ['2 terminals and 1 other device', 'Locations: Bakery, Kiosk and 3 more']],
  ['POS workstation', ['1 POS workstation']],
  ['POS workstations', ['2 POS workstations']],
  ['access point', ['1 access point']],
  ['access points', ['2 access points']],
  ['other device', ['2 terminals and 1 other device']],
  ['other devices', ['1 terminal and 3 other devices']],
  [
    'here on {} of the last {} mornings, not today',
    ['Till was here on 19 of the last 20 mornings, not today'],
  ],
  ['{} was {}', ['Till was here on 19 of the last 20 mornings, not today']],
  [
    '{} of {} {} concerned; the shop is {}',
    [
      'Impact: 1 of 1 checkout concerned; the shop is open.',
      'Impact: 1 of 1 checkout concerned; the shop is closed.',
      'Impact: 2 of 3 checkouts concerned; the shop is open.',
      'Impact: 2 of 3 checkouts concerned; the shop is closed.',
    ],
  ],
  ['Impact: {}.', ['Impact: 2 of 3 checkouts concerned; the shop is open.']],
  [
    'The internet does not answer; router’s WAN port: {}, provider’s first hop: {}',
    [
      'The internet does not answer; router’s WAN port: not told, provider’s first hop: answers',
      'The internet does not answer; router’s WAN port: up, provider’s first hop: silent',
      'The internet does not answer; router’s WAN port: down, provider’s first hop: not known: icmp 192.0.2.1 timeout',
    ],
  ],
  [', another one does', ['Resolver 2001:db8::1 does not answer, another one does: dns 2001:db8::1 timeout']],
  ['The silence', ['The silence is over and the fault stands']],
  ['The planned work', ['The planned work is over and the fault stands']],
  [
    '{} is over and the fault stands',
    ['The silence is over and the fault stands', 'The planned work is over and the fault stands'],
  ],
  [
    ' until {}',
    [
      'Till unreachable since 14:02 (silenced until 15:00, no Issue)',
      'Router unreachable since 2026-11-21 14:02 (planned work until 15:00, no Issue)',
    ],
  ],
  ['planned work{}', ['Till unreachable since 14:02 (planned work, no Issue)']],
  [
    ' ({}, no Issue)',
    [
      'Till unreachable since 14:02 (planned work, no Issue)',
      'Till unreachable since 14:02; 2 more faults (silenced, no Issue)',
    ],
  ],
  [
    ' instead of {} s as usual at this hour',
    [
      'The line does worse than usual: a payment waits 2.4 s for the line instead of 0.3 s as usual at this hour; 12 % of the packets lost, round trip 80 ms',
      'Payments take longer than usual: a payment waits 2.4 s for the processor instead of 0.3 s as usual at this hour; 900 ms, 12 % of the tries in vain',
    ],
  ],
  [
    'a payment waits {} s for {}{}; {}',
    ['The line is hardly usable: a payment waits 9.0 s for a name lookup; 60 % of the packets lost'],
  ],
  [
    ' (over since {})',
    [
      'Router unreachable since 14:02 (over since 14:09)',
      'Outage at Telco since 14:02: 12 Locations offline (over since 14:09)',
    ],
  ],
  ['; {} affected, not at fault', ['Router unreachable since 14:02; 2 terminals affected, not at fault']],
  [
    '; {} more {}',
    ['Till unreachable since 14:02; 1 more fault', 'Till unreachable since 14:02; 2 more faults'],
  ],
  [
    '; {} is {}',
    [
      'All is well; 5 of 6 devices answer; Till is on although the shop is closed, which it never was at this hour',
    ],
  ],
  ['{} Locations', ['12 Locations in Springfield dark since 14:02']],
  [
    'Payment processor {} unreachable since {} from {}{}',
    ['Payment processor PayCo unreachable since 14:02 from 12 Locations'],
  ],
  ['{} in {} dark since {}{}', ['12 Locations in Springfield dark since 14:02']],
  [
    'Outage at {} since {}: {} offline{}',
    [
      'Outage at Telco since 14:02: 12 Locations offline',
      'Outage at the provider of 192.0.2.0/24 since 14:02: 12 Locations offline',
    ],
  ],
  ['{}{} more', ['Locations: Bakery, Kiosk and 3 more', 'Locations: 3 more']],
  [
    '{} fails at {}',
    ['an unknown stage', 'the name lookup', 'the connection (TCP)', 'the secured connection (TLS)'].flatMap(
      (stage) => [`PayCo fails at ${stage}`, `PayCo fails at ${stage}: tcp 192.0.2.1 timeout`],
    ),
  ],
  [
    '{} is silent',
    [
      'Till is silent',
      'Till is silent: no answer in 2 telemetry windows',
      'Till is silent: 3 probes unanswered',
      'Till is silent: icmp 192.0.2.9 timeout',
    ],
  ],
  [
    'Address {} is answered for by {}',
    ['Address 192.0.2.9 is answered for by 00:31:92:00:00:01 and 00:31:92:00:00:02: arp 192.0.2.9 conflict'],
  ],
  [
    'Seen on site: {}{}',
    [
      'Seen on site: the internet worked, names were not resolved',
      'Seen on site: the power was cut: icmp 192.0.2.1 timeout',
    ],
  ],
  [
    'in use',
    ['The resolver in use does not answer. The line works; devices (2 terminals) are not at fault.'],
  ],
  ['It is the same as: {}', ['It is the same as: Outage at Telco since 14:02: 12 Locations offline']],
  ['Part of: {}', ['Part of: 12 Locations in Springfield dark since 14:02']],
])
/** What a value may be; one of these fits where a sentence is known. */
const values = ['Till', '14:02', '3', '12 %', '', '2 devices']
/** Words that other languages took over, or spell alike. */
const shared =
  /^(?:issue|router|appliance|appliances|cable|switch|resolver|dhcp|internet|terminal|terminals|access|point|points|offline)$/i

const wordsOf = (text: string): string[] => text.match(/\p{L}{4,}/gu) ?? []

/** Whether the console says this sentence in the other language, and leaves no word of it in English. */
function isTold(told: (sentence: string) => string, sentence: string, english: string): boolean {
  const translated = told(sentence)
  const left = new Set(wordsOf(translated))
  return translated !== sentence && !wordsOf(english).some((word) => left.has(word) && !shared.test(word))
}

/** A text with each of its holes filled in every way. */
function* fillingsOf(text: string): Generator<string> {
  const at = text.indexOf(hole)
  if (at < 0) yield text
  else
    for (const value of values)
      for (const rest of fillingsOf(text.slice(at + hole.length))) yield text.slice(0, at) + value + rest
}

function isKnown(told: (sentence: string) => string, text: string): boolean {
  const holders = within.get(text)
  if (holders !== undefined) return holders.every((sentence) => isTold(told, sentence, text))
  return [...fillingsOf(text)].some((sentence) => isTold(told, sentence, text))
}

describe('what the fault core says', () => {
  const texts = [
    ...new Set(
      readdirSync(faults, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts') && !unsaid.test(name))
        .flatMap((name) => textsOf(faults + name)),
    ),
  ]

  it.each(languages)(
    'is known to the console in %s: headline, symptoms, diagnosis and evidence of every rule',
    (language) => {
      const told = toldIn(language)
      const sentences = Object.values(rules).flatMap(({ headline, symptoms, diagnosis, evidence }) => [
        headline,
        symptoms,
        diagnosis,
        evidence,
      ])
      expect(sentences.filter((sentence) => !(sentence in told))).toEqual([])
    },
  )

  it.each(languages)('is known to the console in %s: every reason and every other sentence', (language) => {
    const told = createTold(new Map(Object.entries(toldIn(language))), language)
    expect(texts.length).toBeGreaterThan(80)
    expect(texts.filter((text) => !isKnown(told, text))).toEqual([])
  })

  it.each(languages)('would be missed in %s if it were not known', (language) => {
    const told = createTold(new Map(Object.entries(toldIn(language))), language)
    expect(isKnown(told, 'The elephant stood on {} since {}')).toBe(false)
  })

  it('is still said: no sentence is expected that nothing says', () => {
    expect([...within.keys()].filter((text) => !texts.includes(text))).toEqual([])
  })
})
