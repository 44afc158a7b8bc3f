import { posix } from 'node:path'
import type { ModuleFacts } from './module-facts.ts'
import type { Finding } from './source-files.ts'

/** Workspaces whose folders stand on each other in one direction; what a folder needs of one above it, it takes as an argument. */
const layered = ['shared', 'ingest', 'agent'] as const

/** Tests and their support may use anything. */
const isForTests = (file: string): boolean => /(\.test|-fixture|-under-test)\.ts$|\/testing\//.test(file)

/** A module with what it imports. */
export interface Module {
  /** Path from the project's folder. */
  readonly file: string
  readonly imports: ModuleFacts['imports']
}

/**
 * Rings of folders: one imports another that, over any number of steps, imports it. Types count too, for readers follow them as well.
 * Of each ring the rarest import is told, which is the cheapest to turn around. A module right in `src` stands for itself.
 */
export function findFolderRings(modules: readonly Module[]): Finding[] {
  const imports = importsByPair(modules)
  const steps = new Map<string, Set<string>>()
  for (const { from, to } of imports.values()) steps.set(from, (steps.get(from) ?? new Set()).add(to))
  const findings: Finding[] = []
  const rarestFirst = [...imports.values()].sort((a, b) => a.where.length - b.where.length)
  for (const { from, to, where } of rarestFirst) {
    const way = shortestWay(steps, to, from)
    if (way === undefined) continue
    steps.get(from)?.delete(to)
    const ring = [from, ...way].join(' → ')
    findings.push(...where.map((place) => ({ ...place, message: `folders stand in a ring: ${ring}` })))
  }
  return findings
}

interface FolderImports {
  readonly from: string
  readonly to: string
  readonly where: { readonly file: string; readonly line: number }[]
}

function importsByPair(modules: readonly Module[]): Map<string, FolderImports> {
  const byPair = new Map<string, FolderImports>()
  for (const { file, imports } of modules) {
    const from = placeOf(file)
    if (from === undefined || isForTests(file)) continue
    for (const { name, line } of imports) {
      const to = name.startsWith('.') ? placeOf(posix.join(posix.dirname(file), name)) : undefined
      if (to === undefined || to === from) continue
      const pair = byPair.get(`${from} ${to}`) ?? { from, to, where: [] }
      pair.where.push({ file, line })
      byPair.set(`${from} ${to}`, pair)
    }
  }
  return byPair
}

/** `ingest/src/log` of everything in that folder, `ingest/src/main.ts` of itself; undefined = not held to this rule. */
function placeOf(file: string): string | undefined {
  const [workspace, src, top] = file.split('/')
  const isLayered = src === 'src' && layered.some((each) => each === workspace)
  return isLayered ? `${workspace}/src/${top}` : undefined
}

function shortestWay(
  steps: ReadonlyMap<string, ReadonlySet<string>>,
  from: string,
  to: string,
): string[] | undefined {
  const ways = [[from]]
  const seen = new Set([from])
  for (const way of ways) {
    const last = way.at(-1) ?? from
    if (last === to) return way
    for (const next of steps.get(last) ?? []) {
      if (seen.has(next)) continue
      seen.add(next)
      ways.push([...way, next])
    }
  }
  return undefined
}
