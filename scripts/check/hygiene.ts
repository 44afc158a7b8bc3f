import { type Finding, lineAt } from './source-files.ts'

const MAX_LINES = 400
const MAX_FILE_BYTES = 1_000_000

const isCode = (file: string): boolean => /\.(ts|mts|mjs|js|svelte)$/.test(file)
const isTest = (file: string): boolean => /\.test\.ts$/.test(file) || file.startsWith('test/')
/** These name what they forbid. */
const isAboutHygiene = (file: string): boolean => file.startsWith('scripts/check/hygiene')

/** Something no file of its kind may contain. */
interface TextRule {
  readonly applies: (file: string) => boolean
  readonly pattern: RegExp
  readonly message: string
}

const textRules: readonly TextRule[] = [
  {
    applies: () => true,
    pattern: /(?<![\w.$}~*/-])\/(work|root|home)\/[\w.-]/g,
    message: 'names a folder of somebody’s machine',
  },
  {
    applies: (file) => file.endsWith('package-lock.json'),
    pattern: /"resolved": "https?:/g,
    message: 'names a package server; run npm install with this project’s .npmrc',
  },
  {
    applies: (file) => file.endsWith('.npmrc'),
    pattern: /^.*(registry\s*=|_auth|_password|cafile).*$/gm,
    message: 'belongs into the user’s own .npmrc',
  },
  {
    applies: isCode,
    pattern: /\b(TODO|FIXME|XXX)\b|biome-ignore|oxlint-disable|eslint-disable|@ts-(ignore|nocheck)/g,
    message: 'leaves work undone or a check switched off',
  },
]

/** Sizes: a file tells one story, and none is a dump. */
export function checkSize(file: string, bytes: number, text: string | undefined): Finding[] {
  if (bytes > MAX_FILE_BYTES)
    return [{ file, line: 0, message: `has ${bytes} bytes; ${MAX_FILE_BYTES} is the limit` }]
  if (text === undefined || isTest(file) || !/\.(ts|svelte)$/.test(file)) return []
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
  return lines > MAX_LINES
    ? [{ file, line: 0, message: `has ${lines} lines; ${MAX_LINES} is the limit` }]
    : []
}

/** What must not be published, in any text file. */
export function checkText(file: string, text: string): Finding[] {
  if (isAboutHygiene(file)) return []
  return textRules
    .filter((rule) => rule.applies(file))
    .flatMap((rule) =>
      [...text.matchAll(rule.pattern)].map((match) => ({
        file,
        line: lineAt(text, match.index),
        message: `${rule.message}: ${match[0]}`,
      })),
    )
}
