import { fillMessage, type Values } from './message.ts'

/** The words of one language. English text → the same in that language. */
export interface Catalogue {
  /** Of the page itself; the build replaces the English text by a short name. */
  readonly messages: Readonly<Record<string, string>>
  /** Sentences that come from the cloud, with their `{values}`. */
  readonly told: Readonly<Record<string, string>>
}

export const languages = [
  { id: 'en', name: 'English', locale: 'en-GB' },
  { id: 'de', name: 'Deutsch', locale: 'de-DE' },
  { id: 'es', name: 'Español', locale: 'es-ES' },
] as const
export type LanguageId = (typeof languages)[number]['id']

const catalogues = {
  en: () => import('./catalogue/en.ts'),
  de: () => import('./catalogue/de.ts'),
  es: () => import('./catalogue/es.ts'),
} as const satisfies Record<LanguageId, () => Promise<{ catalogue: Catalogue }>>
const storageName = 'language'

/** The one that was chosen here, else the first of the browser's that we have, else English. */
function pick(): (typeof languages)[number] {
  const wanted = [readChoice() ?? '', ...(globalThis.document === undefined ? [] : navigator.languages)]
  for (const tag of wanted) {
    const found = languages.find(({ id }) => id === tag.toLowerCase().split('-')[0])
    if (found !== undefined) return found
  }
  return languages[0]
}

function readChoice(): string | undefined {
  try {
    return localStorage.getItem(storageName) ?? undefined
  } catch {
    return undefined
  }
}

/** The language of this page; another one is a reload. */
export const language = pick()

async function load(): Promise<Catalogue> {
  try {
    return (await catalogues[language.id]()).catalogue
  } catch {
    // English without its words is better than no page at all.
    return { messages: {}, told: {} }
  }
}
const catalogue = await load()
const messages = new Map(Object.entries(catalogue.messages))
/** English template → the same in this language, of what the cloud says. */
export const toldTemplates: ReadonlyMap<string, string> = new Map(Object.entries(catalogue.told))

/**
 * The message in the page's language. Where one English word means two things, a context goes before it: `t('incident|Open')`.
 * Always called with a literal: the build looks each one up and fails when a language lacks it.
 */
export function t(text: string, values: Values = {}): string {
  return fillMessage(messages.get(text) ?? text.replace(/^[\w ]+\|/, ''), values, language.locale)
}

/** From now on this one, also after a reload. */
export function chooseLanguage(id: string): void {
  try {
    localStorage.setItem(storageName, id)
  } catch {
    // Without storage the browser's own languages decide.
  }
  location.reload()
}
