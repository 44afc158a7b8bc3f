import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createSnmpFacts, identifyBySnmp } from './index.ts'

/**
 * What makers' own MIBs and manuals say their agents answer, a line a product line: see the heading of the table. The values are made up
 * in the makers' formats; none is taken from a recording.
 */
const table = readFileSync(
  new URL('../../../test/fixtures/identify/product-lines.tsv', import.meta.url),
  'utf8',
)

const enterprises = '1.3.6.1.4.1.'

function factsOf(objectId: string, descr: string, others: string) {
  const values = new Map<string, string>()
  if (objectId !== '')
    values.set(
      '1.3.6.1.2.1.1.2.0',
      objectId.startsWith('.') ? `1.3.6.1.2.1${objectId}` : enterprises + objectId,
    )
  if (descr !== '') values.set('1.3.6.1.2.1.1.1.0', descr.replaceAll('\\n', '\n').replaceAll('\\r', '\r'))
  for (const other of others.split(';').filter((one) => one.includes('='))) {
    const oid = other.slice(0, other.indexOf('='))
    values.set(/^1\.(?:[023]\.|2\.840\.)/.test(oid) ? oid : enterprises + oid, other.slice(oid.length + 1))
  }
  return createSnmpFacts(values)
}

const lettersAndDigits = (text = '') => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
const rows = table
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split('\t'))

describe('a product line', () => {
  it.each(
    rows.map(([objectId = '', descr = '', others = '', role, vendor = '', model = '', version = '']) => ({
      title: `${vendor} ${model}`.trim() || descr,
      facts: factsOf(objectId, descr, others),
      expected: { role, vendor },
      model,
      version,
    })),
  )('is told by its own words: $title', ({ facts, expected, model, version }) => {
    const verdict = identifyBySnmp(facts)
    expect({ role: verdict.role, vendor: verdict.vendor ?? '' }).toEqual(expected)
    if (model === '') expect(verdict.model).toBeUndefined()
    else expect(lettersAndDigits(verdict.model)).toContain(lettersAndDigits(model))
    if (version === '') expect(verdict.version).toBeUndefined()
    else expect(lettersAndDigits(verdict.version)).toContain(lettersAndDigits(version))
  })

  it('stands in the table at least two hundred times', () => {
    expect(rows.length).toBeGreaterThanOrEqual(200)
  })
})
