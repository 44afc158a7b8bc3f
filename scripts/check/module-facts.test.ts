import { describe, expect, it } from 'vitest'
import { readModule } from './module-facts.ts'

const importsOf = (text: string) => readModule('x.ts', text).imports.map(({ name }) => name)
const impuritiesOf = (text: string) => readModule('x.ts', text).impurities.map(({ name }) => name)

describe('what a module imports', () => {
  it('is found in every form, types and dynamic imports included', () => {
    const text = `
      import a from './a.ts'
      import type { B } from './b.ts'
      export { c } from './c.ts'
      export * from './d.ts'
      import './e.ts'
      const f = await import('./f.ts')
      type G = import('./g.ts').G
    `
    expect(importsOf(text).sort()).toEqual([
      './a.ts',
      './b.ts',
      './c.ts',
      './d.ts',
      './e.ts',
      './f.ts',
      './g.ts',
    ])
  })

  it('is not found in comments and strings', () => {
    expect(importsOf(`// import './a.ts'\nconst text = "import './b.ts'"`)).toEqual([])
  })

  it('comes with its line', () => {
    expect(readModule('x.ts', `\n\nimport './a.ts'\n`).imports).toEqual([{ name: './a.ts', line: 3 }])
  })
})

describe('what makes a module impure', () => {
  it.each([
    ['Date.now()', 'Date.now'],
    ['const now = Date.now', 'Date.now'],
    ['new Date()', 'Date()'],
    ['Math.random()', 'Math.random'],
    ['performance.now()', 'performance'],
    ['setTimeout(() => {}, 1)', 'setTimeout'],
    ['console.log(1)', 'console'],
    ['const env = process.env', 'process'],
    ['const { now } = { now: performance }', 'performance'],
  ])('%s', (text, name) => {
    expect(impuritiesOf(text)).toEqual([name])
  })

  it.each([
    'new Date(0).toISOString()',
    'Date.UTC(2026, 0)',
    'Math.max(1, 2)',
    'x.process.setTimeout()',
    'const y = { console: 1, fetch: 2 }',
    'interface Z { performance: number }',
    'type F = typeof Math.floor',
  ])('not %s', (text) => {
    expect(impuritiesOf(text)).toEqual([])
  })
})

describe('a Svelte component', () => {
  it('is read by its scripts, on their own lines', () => {
    const text = `<p>import './no.ts'</p>\n<script lang="ts">\n  import './a.ts'\n</script>\n<style>p { color: red }</style>\n`
    expect(readModule('X.svelte', text).imports).toEqual([{ name: './a.ts', line: 3 }])
  })
})
