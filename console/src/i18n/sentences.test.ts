import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createTold } from './sentences.ts'

const catalogue = JSON.parse(readFileSync(new URL('./catalogue/de.json', import.meta.url), 'utf8'))
const told = createTold(new Map(Object.entries<string>(catalogue.told)), 'de-DE')

describe('a sentence of the cloud in another language', () => {
  it.each([
    [
      'Router unreachable since 14:02; 4 terminals affected, not at fault',
      'Router nicht erreichbar seit 14:02; 4 Terminals betroffen, nicht die Ursache',
    ],
    ['Router unreachable since 2026-11-21 14:02', 'Router nicht erreichbar seit 2026-11-21 14:02'],
    ['All is well; 5 of 6 devices answer', 'Alles gut; 5 von 6 Geräten antworten'],
    [
      'Till <b>1</b> unreachable since 09:15; 2 more faults',
      'Till <b>1</b> nicht erreichbar seit 09:15; 2 weitere Störungen',
    ],
    [
      'Works again since 14:05, watching whether it stays so (Router unreachable since 14:02)',
      'Geht wieder seit 14:05; wir beobachten, ob es so bleibt (Router nicht erreichbar seit 14:02)',
    ],
    [
      'Power cut since 14:02; 2 terminals and 1 other device affected, not at fault (over since 14:09)',
      'Stromausfall seit 14:02; 2 Terminals und 1 anderes Gerät betroffen, nicht die Ursache (vorbei seit 14:09)',
    ],
    [
      '- 14:02 Part of: 12 Locations in Springfield dark since 14:01',
      '- 14:02 Teil von: 12 Standorte in Springfield dunkel seit 14:01',
    ],
    [
      'The line does worse than usual: a payment waits 2.4 s for the line instead of 0.3 s as usual at this hour; 12 % of the packets lost, round trip 80 ms',
      'Die Leitung ist schlechter als sonst: eine Zahlung wartet 2.4 s auf die Leitung statt 0.3 s wie sonst um diese Zeit; 12 % der Pakete verloren, Laufzeit 80 ms',
    ],
    [
      'The resolver in use does not answer. The line works; devices (1 terminal) are not at fault.',
      'Der Resolver in Gebrauch antwortet nicht. Die Leitung geht; Geräte (1 Terminal) sind nicht die Ursache.',
    ],
  ])('reads %s', (english, german) => {
    expect(told(english)).toBe(german)
  })

  it('reads a text line by line, and leaves alone what it does not know', () => {
    expect(
      told('Evidence:\n- 14:02 The router did not answer\n- 14:03 icmp 192.0.2.1 timeout (no reply)'),
    ).toBe('Belege:\n- 14:02 Der Router antwortete nicht\n- 14:03 icmp 192.0.2.1 timeout (no reply)')
    expect(told('Something nobody foresaw.')).toBe('Something nobody foresaw.')
  })
})
