import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'svelte/compiler'
import { describe, expect, it } from 'vitest'
import { complaintsAboutCatalogues } from '../../catalogues.ts'

const source = fileURLToPath(new URL('../', import.meta.url))
/** The merchant's page has words of its own. */
const pages = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.svelte') && !name.startsWith('merchant'),
)
const spoken = new Set(['aria-label', 'placeholder', 'title'])
const literal = new Set(['code', 'kbd'])
const ours = '· Proactive'

/** Words in the markup of a page that no language knows of. */
function rawTexts(node: unknown, name = ''): string[] {
  if (typeof node !== 'object' || node === null) return []
  if (Array.isArray(node)) return node.flatMap((each) => rawTexts(each, name))
  const { type, data, name: own } = node as { type?: string; data?: string; name?: string }
  if (type === 'Text') {
    const text = data?.trim() ?? ''
    return /\p{L}{2,}/u.test(text) && text !== ours && !literal.has(name) ? [text] : []
  }
  if (type === 'Attribute' && !spoken.has(own ?? '')) return []
  if (type === 'StyleDirective') return []
  const inside = type === 'RegularElement' ? (own ?? '') : name
  return Object.entries(node).flatMap(([key, value]) => (key === 'parent' ? [] : rawTexts(value, inside)))
}

describe('the languages of the console', () => {
  it('know every text, with the same values, and nothing beyond', () => {
    expect(complaintsAboutCatalogues()).toEqual([])
  })

  it.each(pages)('leave no English in the markup of %s', (name) => {
    const { fragment } = parse(readFileSync(join(source, name), 'utf8'), { modern: true })
    expect(rawTexts(fragment)).toEqual([])
  })
})
