import { type ToolName, toolSpec } from './tools.ts'

/** Why a tool is not at hand. `detail` is what the archive or the loader said, or empty. */
export interface Absence {
  readonly cause: 'no-apt' | 'unreachable' | 'unknown-package' | 'unusable' | 'no-folder'
  readonly detail: string
}

/**
 * One sentence per cause, naming all tools it concerns and what to do about them.
 */
export function explainMissing(
  missing: readonly { readonly name: ToolName; readonly absence: Absence }[],
): string[] {
  const groupByCause = Map.groupBy(missing, ({ absence }) => `${absence.cause} ${absence.detail}`)
  return [...groupByCause.values()].map((group) => {
    const names = group.map(({ name }) => name)
    return sentence(names, group[0]?.absence ?? { cause: 'unusable', detail: '' })
  })
}

function sentence(names: readonly ToolName[], { cause, detail }: Absence): string {
  const list = names.join(', ')
  const packages = names.map((name) => toolSpec(name).package).join(' ')
  switch (cause) {
    case 'no-apt':
      return process.platform === 'linux'
        ? `Missing: ${list}. This machine has no apt-get to fetch them: install them with your system’s package manager (in Debian: ${packages}).`
        : `Missing: ${list}. The virtual Location needs Linux; the simulated one is used instead.`
    case 'unreachable':
      return `Missing: ${list}. Debian’s packages could not be fetched (${detail}): check the network and run npm run setup, or: sudo apt-get install --no-install-recommends ${packages}`
    case 'unknown-package':
      return `Missing: ${list}. This release does not offer the package (${detail}): install ${packages} from another source.`
    case 'unusable':
      return `Missing: ${list}. It was fetched but cannot run (${detail}): sudo apt-get install --no-install-recommends ${packages}`
    case 'no-folder':
      return `Missing: ${list}. ${detail} cannot be written: set XDG_CACHE_HOME to a folder of yours and run the same command again.`
  }
}
