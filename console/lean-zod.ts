import type { Plugin } from 'vite'

const makers = /\/zod\/v4\/core\/(?:to-json-schema|json-schema-processors)\.js$/
const settings = /\/zod\/v4\/core\/core\.js$/
const noSettings = '__zod_globalConfig = {}'

/**
 * Leaves zod's JSON Schema generator out of the page (5 kB compressed): every schema carries a method for it, the page never calls it.
 * Can go when zod lets bundlers drop it.
 *
 * Also keeps zod from probing for `eval`, which the page's `default-src 'self'` forbids and the browser logs. The probe runs when the first
 * schema is made, in a chunk that is evaluated before any line of the page's entry: so zod is told where its settings begin.
 */
export function leanZod(): Plugin {
  return {
    name: 'lean-zod',
    apply: 'build',
    enforce: 'pre',
    transform(code, id) {
      const path = id.replaceAll('\\', '/')
      if (settings.test(path)) {
        if (!code.includes(noSettings))
          throw new Error(`${path} no longer holds "${noSettings}": see lean-zod.ts`)
        return { code: code.replace(noSettings, '__zod_globalConfig = { jitless: true }'), map: null }
      }
      if (!makers.test(path)) return undefined
      const names = [...code.matchAll(/^export (?:const|function|class) (\w+)/gm)].map(([, name]) => name)
      return {
        code: names.map((name) => `export const ${name} = () => () => undefined`).join('\n'),
        map: null,
      }
    },
  }
}
