import { parseSync } from 'oxc-parser'
import { lineAt } from './source-files.ts'

/** Something a module mentions, and where. */
export interface Mention {
  readonly name: string
  readonly line: number
}

/** What the import rules need to know of a module. */
export interface ModuleFacts {
  /** Everything imported or exported from, types and dynamic imports included. */
  readonly imports: readonly Mention[]
  /** Uses of time, randomness, I/O and other things that differ from run to run, such as `Date.now`. */
  readonly impurities: readonly Mention[]
}

/** Members that differ from call to call, of objects that are otherwise harmless. */
const impureMembers = new Set(['Date.now', 'Math.random'])
/** Globals a pure module has no business with. */
const impureGlobals = new Set([
  'Buffer',
  'clearInterval',
  'clearTimeout',
  'console',
  'crypto',
  'fetch',
  'globalThis',
  'performance',
  'process',
  'queueMicrotask',
  'setImmediate',
  'setInterval',
  'setTimeout',
])

interface SyntaxNode {
  readonly type: string
  readonly start: number
  readonly [key: string]: unknown
}

/**
 * Reads a module's imports and impurities from its syntax tree; of a Svelte component, those of its scripts.
 * @throws Error when the text does not parse
 */
export function readModule(file: string, source: string): ModuleFacts {
  const text = file.endsWith('.svelte') ? svelteScripts(source) : source
  const { program, errors } = parseSync(file.replace(/\.svelte$/, '.ts'), text)
  if (errors[0] !== undefined) throw new Error(`${file} does not parse: ${errors[0].message}`)
  const imports: Mention[] = []
  const impurities: Mention[] = []
  const mention = (list: Mention[], name: string, node: SyntaxNode) =>
    list.push({ name, line: lineAt(text, node.start) })
  visit(program, undefined, (node, parent) => {
    const source = importSource(node)
    if (source !== undefined) mention(imports, source, node)
    const impurity = impurityOf(node, parent)
    if (impurity !== undefined) mention(impurities, impurity, node)
  })
  return { imports, impurities }
}

/** `./x.ts` of `import … from`, `export … from`, `import('./x.ts')` and `import('./x.ts').Type`. */
function importSource(node: SyntaxNode): string | undefined {
  const isImport = [
    'ImportDeclaration',
    'ExportNamedDeclaration',
    'ExportAllDeclaration',
    'ImportExpression',
    'TSImportType',
  ].includes(node.type)
  if (!isImport) return undefined
  const source = isNode(node.source) ? node.source : isNode(node.argument) ? node.argument : undefined
  return typeof source?.value === 'string' ? source.value : undefined
}

function impurityOf(node: SyntaxNode, parent: SyntaxNode | undefined): string | undefined {
  if (node.type === 'MemberExpression') {
    const name = `${identifierName(node.object)}.${identifierName(node.property)}`
    return impureMembers.has(name) ? name : undefined
  }
  const isNow =
    ['NewExpression', 'CallExpression'].includes(node.type) && identifierName(node.callee) === 'Date'
  if (isNow && (node.type === 'CallExpression' || (node.arguments as unknown[]).length === 0)) return 'Date()'
  const name = identifierName(node)
  return name !== undefined && impureGlobals.has(name) && !isOnlyAName(node, parent) ? name : undefined
}

/** Whether an identifier names a member or a type rather than standing for the global. */
function isOnlyAName(node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  if (parent === undefined) return false
  if (parent.type.startsWith('TS')) return true
  if (parent.computed === true) return false
  return parent.property === node || (parent.key === node && parent.shorthand !== true)
}

const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'

const identifierName = (value: unknown): string | undefined =>
  isNode(value) && value.type === 'Identifier' && typeof value.name === 'string' ? value.name : undefined

function visit(
  value: unknown,
  parent: SyntaxNode | undefined,
  look: (node: SyntaxNode, parent: SyntaxNode | undefined) => void,
): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, parent, look)
  } else if (typeof value === 'object' && value !== null) {
    if (isNode(value)) look(value, parent)
    for (const child of Object.values(value)) visit(child, isNode(value) ? value : parent, look)
  }
}

/** The script parts of a Svelte component, with everything else blanked so that lines keep their numbers. */
function svelteScripts(text: string): string {
  const kept = [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map((match) => {
    const start = match.index + match[0].indexOf('>') + 1
    return [start, start + (match[1]?.length ?? 0)] as const
  })
  const blank = (part: string) => part.replaceAll(/[^\n]/g, ' ')
  let result = ''
  let at = 0
  for (const [start, end] of kept) {
    result += blank(text.slice(at, start)) + text.slice(start, end)
    at = end
  }
  return result + blank(text.slice(at))
}
