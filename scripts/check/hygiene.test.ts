import { describe, expect, it } from 'vitest'
import { checkSize, checkText } from './hygiene.ts'

describe('what must not be published', () => {
  it.each([
    ['docs/x.md', 'see /home/ann/notes'],
    ['agent/src/x.ts', `const path = '/root/data'`],
    ['x.json', '{"path":"/work/main"}'],
    ['package-lock.json', '      "resolved": "https://packages.example/zod.tgz",'],
    ['.npmrc', 'registry=https://packages.example/'],
    ['ingest/src/x.ts', '// TODO later'],
    ['ingest/src/x.ts', '// @ts-ignore'],
  ])('is found in %s: %s', (file, text) => {
    expect(checkText(file, text)).toHaveLength(1)
  })

  it.each([
    ['docs/x.md', 'the route /api/home/settings and the word homework'],
    ['agent/src/x.ts', `join(root, 'work', 'home')`],
    ['x.sh', 'rm -r "$folder/root/lib"'],
    ['docs/x.md', 'TODO is a word here'],
    ['package-lock.json', '      "resolved": "agent",'],
    ['.npmrc', 'save-exact=true'],
  ])('is not found in %s: %s', (file, text) => {
    expect(checkText(file, text)).toEqual([])
  })
})

describe('sizes', () => {
  const lines = (count: number) => 'x\n'.repeat(count)

  it('hold code to 400 lines and leave tests and documents alone', () => {
    expect(checkSize('agent/src/x.ts', 800, lines(400))).toEqual([])
    expect(checkSize('agent/src/x.ts', 802, lines(401))).toHaveLength(1)
    expect(checkSize('console/src/X.svelte', 802, lines(401))).toHaveLength(1)
    expect(checkSize('agent/src/x.test.ts', 802, lines(401))).toEqual([])
    expect(checkSize('docs/x.md', 802, lines(401))).toEqual([])
  })

  it('hold every file to one megabyte', () => {
    expect(checkSize('docs/picture.png', 1_000_001, undefined)).toHaveLength(1)
  })
})
