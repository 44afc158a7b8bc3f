import { readFile } from 'node:fs/promises'
import type { FetchedPackage } from './suite.ts'

/** `name version sha256`, a line each, sorted: what the last recorded image was made of. */
export function formatLock(packages: readonly FetchedPackage[]): string {
  return packages
    .map(({ name, version, sha256 }) => `${name} ${version} ${sha256}\n`)
    .sort()
    .join('')
}

/** How the packages at hand differ from the lock file, a line each; the archive has moved on since it was written. */
export function findDrift(lockText: string, packages: readonly FetchedPackage[]): string[] {
  const lockedByName = new Map(
    lockText
      .split('\n')
      .filter(Boolean)
      .map((line) => {
        const [name = '', version = '', sha256 = ''] = line.split(' ')
        return [name, { version, sha256 }] as const
      }),
  )
  const lines = packages.flatMap(({ name, version, sha256 }) => {
    const locked = lockedByName.get(name)
    lockedByName.delete(name)
    if (locked === undefined) return [`+ ${name} ${version}`]
    if (locked.version !== version) return [`~ ${name} ${locked.version} → ${version}`]
    return locked.sha256 === sha256 ? [] : [`! ${name} ${version} has other content than the lock file says`]
  })
  return [...lines, ...[...lockedByName].map(([name, { version }]) => `- ${name} ${version}`)]
}

export const readLock = async (file: string): Promise<string | undefined> =>
  await readFile(file, 'utf8').catch(() => undefined)
