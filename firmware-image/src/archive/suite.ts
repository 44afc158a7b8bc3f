import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Apt,
  AptError,
  createApt,
  isAptThere,
  type PackageVersion,
} from '../../../scripts/debian/apt.ts'
import { absentPackages, fetchPackages, packageFolder } from '../../../scripts/debian/extract.ts'
import { formatBytes, type StepRunner } from '../../../scripts/progress/steps.ts'
import { findMirrors, sourcesList } from './mirrors.ts'

export type Architecture = 'amd64' | 'arm64'

/** The Debian release that the appliance and the tools that make its image come from. */
export const SUITE = 'trixie'

/** A package in its own folder, as the archive signed it. */
export interface FetchedPackage extends PackageVersion {
  readonly sha256: string
  readonly bytes: number
  /** Where it was extracted. */
  readonly folder: string
}

/** Packages of one release and processor, whatever this machine runs. Nothing is installed, no root needed. */
export interface SuiteArchive {
  /**
   * Fetches packages with all they depend on. A name may carry its release: `linux-image-arm64/trixie-backports`.
   * @param isWanted leaves out what comes along as a dependency but has no use without an installer
   * @throws AptError with apt's own sentence
   */
  fetch(
    names: readonly string[],
    step: StepRunner,
    isWanted?: (name: string) => boolean,
  ): Promise<FetchedPackage[]>
}

/**
 * Opens the release's archive for one processor; its packages stay in `cache/<suite>-<architecture>`.
 * @throws NoMirrorError, AptError
 */
export async function openSuite(
  cache: string,
  architecture: Architecture,
  env: NodeJS.ProcessEnv,
): Promise<SuiteArchive> {
  if (!(await isAptThere()))
    throw new AptError(
      'this machine has no apt-get; the image is built from Debian packages, so build it on Debian',
    )
  const folder = join(cache, `${SUITE}-${architecture}`)
  const aptFolder = join(folder, 'apt')
  const packagesFolder = join(folder, 'packages')
  await mkdir(aptFolder, { recursive: true })
  const [sources, status] = [join(aptFolder, 'sources.list'), join(aptFolder, 'status')]
  await writeFile(sources, sourcesList(findMirrors(env, await hostCodename()), SUITE))
  await writeFile(status, '')
  const apt = await createApt(aptFolder, [
    `APT::Architecture "${architecture}";`,
    '#clear APT::Architectures;',
    `APT::Architectures { "${architecture}"; };`,
    `Dir::Etc::SourceList "${sources}";`,
    'Dir::Etc::SourceParts "/dev/null";',
    'Dir::Etc::Preferences "/dev/null";',
    'Dir::Etc::PreferencesParts "/dev/null";',
    // Nothing counts as installed: what is asked for comes whole, on every machine the same.
    `Dir::State::status "${status}";`,
  ])
  return {
    async fetch(names, step, isWanted = () => true) {
      if (!(await apt.hasFreshLists()))
        await step(`reading the package lists of ${SUITE} for ${architecture}`, () => apt.updateLists())
      for (const isLastTry of [false, true]) {
        try {
          const packages = (await apt.resolve(names)).filter(({ name }) => isWanted(name))
          await fetchAbsent(apt, packagesFolder, packages, step)
          const files = await apt.describe(packages)
          return files.map((file) => ({ ...file, folder: packageFolder(packagesFolder, file) }))
        } catch (error) {
          if (!(error instanceof AptError) || isLastTry) throw error
          // Lists of yesterday may name versions that the archive has replaced since.
          await step(`reading the package lists of ${SUITE} for ${architecture} again`, () =>
            apt.updateLists(),
          )
        }
      }
      return []
    },
  }
}

async function fetchAbsent(
  apt: Apt,
  packagesFolder: string,
  packages: readonly PackageVersion[],
  step: StepRunner,
): Promise<void> {
  const absent = absentPackages(packagesFolder, packages)
  if (absent.length === 0) return
  const size = formatBytes(await apt.downloadSize(absent))
  await step(`fetching ${absent.length} packages of ${SUITE} (${size}, nothing is installed)`, () =>
    fetchPackages(apt, packagesFolder, absent),
  )
}

/** The release this machine runs, by which apt's sources name it; empty where it is not Debian's. */
async function hostCodename(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '')
  if (!/^ID=debian$/m.test(text)) return ''
  return text.match(/^VERSION_CODENAME=(\w+)$/m)?.[1] ?? ''
}
