import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'

const source = fileURLToPath(new URL('./src/', import.meta.url))
const folder = join(source, 'i18n', 'catalogue')
const languages = ['de', 'es'] as const
const call = /(?<![\w.$])t\(\s*(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)")/g
const callOfNoLiteral = /(?<![\w.$])t\((?!\s*['"])[^)]*/
const context = /^[\w ]+\|/

interface Catalogue {
  readonly messages: Record<string, string>
  readonly told: Record<string, string>
}

/** Whether `t` is called in this file: the page's own source, not the machinery of the languages nor a test. */
export const isTranslated = (path: string): boolean =>
  path.startsWith(source) &&
  /\.(?:svelte|ts)$/.test(path) &&
  !path.endsWith('.test.ts') &&
  !path.startsWith(join(source, 'i18n'))

/** The English texts of a file, and what is wrong with how they are asked for. */
export function readTexts(path: string): {
  readonly texts: readonly string[]
  readonly faults: readonly string[]
} {
  const code = readFileSync(path, 'utf8')
  const vague = callOfNoLiteral.exec(code)?.[0]
  const faults = vague === undefined ? [] : [`${path}: ${vague}) takes no literal text`]
  return {
    texts: [...code.matchAll(call)].map(textOf),
    faults: code.includes('i18n/language.ts') ? faults : [],
  }
}

/** Everything that keeps the page from speaking all its languages; empty where all is well. */
export function complaintsAboutCatalogues(): string[] {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .map((name) => join(source, name))
    .filter(isTranslated)
    .map(readTexts)
  const used = new Set(files.flatMap(({ texts }) => texts))
  const catalogues = languages.map((name) => ({ name, ...readCatalogue(name) }))
  const sentences = new Set(catalogues.flatMap(({ told }) => Object.keys(told)))
  return [
    ...files.flatMap(({ faults }) => faults),
    ...catalogues.flatMap(({ name, messages, told }) => [
      ...[...used].filter((text) => !(text in messages)).map((text) => `${name} lacks "${text}"`),
      ...Object.keys(messages)
        .filter((text) => !used.has(text))
        .map((text) => `${name} has "${text}", which nothing uses`),
      ...[...sentences]
        .filter((text) => !(text in told))
        .map((text) => `${name} lacks the sentence "${text}"`),
      ...[...Object.entries(messages), ...Object.entries(told)]
        .filter(([english, translated]) => valuesOf(english) !== valuesOf(translated))
        .map(([english]) => `${name}: "${english}" has other {values} than its translation`),
    ]),
  ]
}

/**
 * The languages of the page. The build fails where one lacks a text; texts become short names, so that the page holds the words of no language
 * and the browser fetches those of one.
 */
export function catalogues(): Plugin {
  const nameByText = new Map<string, string>()
  const nameOf = (text: string) => {
    const known = nameByText.get(text)
    if (known === undefined) throw new Error(`"${text}" is in no catalogue`)
    return known
  }
  return {
    name: 'catalogues',
    apply: 'build',
    enforce: 'pre',
    buildStart() {
      const complaints = complaintsAboutCatalogues()
      if (complaints.length > 0) this.error(`the languages of the console differ:\n${complaints.join('\n')}`)
      const [first] = languages
      for (const [index, text] of Object.keys(readCatalogue(first).messages).sort().entries())
        nameByText.set(text, index.toString(36))
    },
    load(id) {
      const name = id.startsWith(folder) && /^\/(\w\w)\.ts$/.exec(id.slice(folder.length))?.[1]
      if (!name) return undefined
      const { messages, told } = name === 'en' ? englishOf(nameByText) : readCatalogue(name)
      const named = Object.fromEntries(Object.entries(messages).map(([text, words]) => [nameOf(text), words]))
      return `export const catalogue = ${JSON.stringify({ messages: named, told })}`
    },
    transform(code, id) {
      if (!isTranslated(id)) return undefined
      return {
        code: code.replaceAll(
          call,
          (...match) => `t('${nameOf(textOf(match as unknown as RegExpMatchArray))}'`,
        ),
        map: null,
      }
    },
  }
}

/** A literal's text: what escapes it holds, JSON knows too. */
function textOf([, single, double]: RegExpMatchArray | readonly (string | undefined)[]): string {
  return (single ?? double ?? '').replaceAll(/\\(.)/g, '$1')
}

function readCatalogue(name: string): Catalogue {
  const text = readFileSync(join(folder, `${name}.json`), 'utf8')
  return JSON.parse(text) as Catalogue
}

const englishOf = (texts: ReadonlyMap<string, string>): Catalogue => ({
  messages: Object.fromEntries([...texts.keys()].map((text) => [text, text.replace(context, '')])),
  told: {},
})

const valuesOf = (message: string): string =>
  [...new Set([...message.matchAll(/\{(\w+)[,}]/g)].map(([, name]) => name))].sort().join(' ')
