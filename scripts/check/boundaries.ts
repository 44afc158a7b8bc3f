import { posix } from 'node:path'
import type { ModuleFacts } from './module-facts.ts'
import type { Finding } from './source-files.ts'

const workspaces = ['shared', 'agent', 'ingest', 'helpdesk', 'console'] as const
type Workspace = (typeof workspaces)[number]

/** Folders whose modules are pure: same input, same output, whoever runs them and whenever. */
interface PureFolder {
  readonly folder: string
  /** Folders of the same workspace that its modules may use beside their own. */
  readonly mayUse: readonly string[]
}

const pureFolders: readonly PureFolder[] = [
  { folder: 'agent/src/core', mayUse: ['agent/src/ports', 'agent/src/rules', 'agent/src/identify'] },
  { folder: 'agent/src/identify', mayUse: ['agent/src/rules'] },
  { folder: 'ingest/src/faults', mayUse: [] },
]

/** Parts of shared that need Node; browsers and pure modules do without. */
const nodeParts = ['codec', 'outgoing'] as const

/** The only packages a pure module may import; parts of shared that need Node are refused before. */
const purePackages = /^(@proactive\/shared(\/.*)?|@noble\/hashes(\/.*)?|zod)$/

const isTest = (file: string): boolean => /\.test\.ts$/.test(file)

/** Whether the import rules say anything about a file. */
export const hasBoundaries = (file: string): boolean =>
  /^\w+\/src\/.*\.(ts|mts|svelte|mjs|js)$/.test(file) && workspaceOf(file) !== undefined

/**
 * Holds a module to the direction of imports (ADR 2): the workspaces know `shared` and nobody else, `shared` knows none,
 * pure folders know neither Node nor the time.
 * @param file path from the project's folder
 */
export function checkBoundaries(file: string, facts: ModuleFacts): Finding[] {
  return [
    ...facts.imports.flatMap(({ name, line }) => {
      const message = complainAboutImport(file, name)
      return message === undefined ? [] : [{ file, line, message }]
    }),
    ...complainAboutImpurities(file, facts),
  ]
}

function complainAboutImport(file: string, specifier: string): string | undefined {
  const workspace = workspaceOf(file)
  if (workspace === undefined) return undefined
  const target = specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : undefined
  const other = target === undefined ? packageWorkspace(specifier) : workspaceOf(target)
  if (target !== undefined && other !== workspace)
    return `${workspace} may not reach out of its folder (${specifier})`
  if (other !== undefined && other !== workspace && (workspace === 'shared' || other !== 'shared')) {
    return `${workspace} may not import ${other}: imports point to shared only (${specifier})`
  }
  if (workspace === 'console' && isNodePart(specifier)) {
    return `the console may not import ${specifier}: it needs Node`
  }
  return complainAboutSharedIo(file, specifier) ?? complainAboutPureImport(file, specifier, target)
}

const isNodePart = (specifier: string): boolean =>
  nodeParts.some((part) => new RegExp(`^@proactive/shared/${part}(/|$)`).test(specifier))

/** Browsers load all of shared but what needs Node. */
function complainAboutSharedIo(file: string, specifier: string): string | undefined {
  const isBrowserSafe =
    file.startsWith('shared/src/') &&
    !nodeParts.some((part) => file.startsWith(`shared/src/${part}/`)) &&
    !isTest(file)
  return isBrowserSafe && specifier.startsWith('node:')
    ? `shared runs in browsers and may not import ${specifier}`
    : undefined
}

function complainAboutPureImport(
  file: string,
  specifier: string,
  target: string | undefined,
): string | undefined {
  const pure = isTest(file) ? undefined : pureFolders.find(({ folder }) => file.startsWith(`${folder}/`))
  if (pure === undefined) return undefined
  if (target !== undefined) {
    const isNear = [pure.folder, ...pure.mayUse].some((folder) => target.startsWith(`${folder}/`))
    return isNear ? undefined : `${pure.folder} is pure and may not import ${target}`
  }
  const isPure = purePackages.test(specifier) && !isNodePart(specifier)
  return isPure ? undefined : `${pure.folder} is pure and may not import ${specifier}`
}

function complainAboutImpurities(file: string, facts: ModuleFacts): Finding[] {
  const pure = isTest(file) ? undefined : pureFolders.find(({ folder }) => file.startsWith(`${folder}/`))
  if (pure === undefined) return []
  return facts.impurities.map(({ name, line }) => ({
    file,
    line,
    message: `${pure.folder} is pure and may not use ${name}: time, randomness and I/O come in as arguments`,
  }))
}

function workspaceOf(path: string): Workspace | undefined {
  return workspaces.find((workspace) => path.startsWith(`${workspace}/`))
}

function packageWorkspace(specifier: string): Workspace | undefined {
  return workspaces.find(
    (workspace) =>
      specifier === `@proactive/${workspace}` || specifier.startsWith(`@proactive/${workspace}/`),
  )
}
