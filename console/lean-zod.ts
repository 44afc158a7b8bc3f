import type { Plugin } from 'vite'

const makers = /\/zod\/v4\/core\/(?:to-json-schema|json-schema-processors)\.js$/

/**
 * Leaves zod's JSON Schema generator out of the page (5 kB compressed): every schema carries a method for it, the page never calls it.
 * Can go when zod lets bundlers drop it.
 */
export function leanZod(): Plugin {
  return {
    name: 'lean-zod',
    apply: 'build',
    enforce: 'pre',
    transform(code, id) {
      if (!makers.test(id.replaceAll('\\', '/'))) return undefined
      const names = [...code.matchAll(/^export (?:const|function|class) (\w+)/gm)].map(([, name]) => name)
      return {
        code: names.map((name) => `export const ${name} = () => () => undefined`).join('\n'),
        map: null,
      }
    },
  }
}
