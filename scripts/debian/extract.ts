import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runProgram } from '../process/run-program.ts'
import type { Apt, PackageVersion } from './apt.ts'

const EXTRACT_DEADLINE_MS = 120_000
const draftPrefix = '.fetch-'

/**
 * Packages that only an installation needs (their scripts configure a machine), and the C library, which must be the
 * machine's own because its loader is.
 */
const neverExtracted = new Set([
  'adduser',
  'debconf',
  'init-system-helpers',
  'libc-bin',
  'libc6',
  'lsb-base',
  'passwd',
  'perl',
  'sysvinit-utils',
  'ucf',
])

export const isExtracted = (name: string): boolean => !neverExtracted.has(name.replace(/:.*/, ''))

/** The folder of one extracted package; its name says the version, so that it never changes. */
export function packageFolder(packagesFolder: string, { name, version }: PackageVersion): string {
  return join(packagesFolder, `${name}_${version}`.replaceAll(/[^A-Za-z0-9.+~_-]/g, '-'))
}

/** The packages that are not extracted yet. */
export function absentPackages(
  packagesFolder: string,
  packages: readonly PackageVersion[],
): PackageVersion[] {
  return packages.filter((wanted) => !existsSync(packageFolder(packagesFolder, wanted)))
}

/**
 * Fetches and extracts packages; each appears in its folder at once and whole, or not at all.
 * @throws AptError when apt cannot fetch them; Error when one cannot be extracted
 */
export async function fetchPackages(
  apt: Apt,
  packagesFolder: string,
  packages: readonly PackageVersion[],
): Promise<void> {
  await mkdir(packagesFolder, { recursive: true })
  await removeLeftovers(packagesFolder)
  const work = await mkdtemp(join(packagesFolder, draftPrefix))
  try {
    await apt.download(packages, work)
    const archives = (await readdir(work)).filter((file) => file.endsWith('.deb'))
    for (const wanted of packages) {
      const archive = archives.find((file) => file.startsWith(`${wanted.name.replace(/:.*/, '')}_`))
      if (archive === undefined) throw new Error(`apt-get download brought no ${wanted.name}`)
      await extract(join(work, archive), join(work, 'tree'), packageFolder(packagesFolder, wanted))
    }
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** A killed run leaves its draft behind; the caller's lock says that nobody works on it. */
async function removeLeftovers(packagesFolder: string): Promise<void> {
  for (const entry of await readdir(packagesFolder)) {
    if (entry.startsWith(draftPrefix)) await rm(join(packagesFolder, entry), { recursive: true, force: true })
  }
}

async function extract(archive: string, draft: string, target: string): Promise<void> {
  const { code, stderr } = await runProgram('dpkg-deb', ['-x', archive, draft], {
    timeoutMs: EXTRACT_DEADLINE_MS,
  })
  if (code !== 0) throw new Error(`dpkg-deb could not extract ${archive}: ${stderr.trim()}`)
  await rename(draft, target)
}
