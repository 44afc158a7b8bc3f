import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { runProgram } from '../process/run-program.ts'

const UPDATE_DEADLINE_MS = 120_000
const DOWNLOAD_DEADLINE_MS = 300_000
const SIMULATE_DEADLINE_MS = 60_000
/** Package lists younger than this are not fetched again. */
const LISTS_FRESH_MS = 24 * 3600 * 1000

/** One package of a version that apt would fetch. */
export interface PackageVersion {
  readonly name: string
  readonly version: string
}

/** What the archive says of one package file. */
export interface PackageFile extends PackageVersion {
  readonly bytes: number
  /** SHA-256 in hex, from the archive's signed lists. */
  readonly sha256: string
}

/** apt could not do it; `message` is apt's own, shortened. */
export class AptError extends Error {}

/**
 * apt with a state of its own: it reads the machine's sources, keys and list of installed packages, writes to `folder`
 * only, runs none of the machine's hooks and needs no root. Signatures are checked as ever.
 */
export interface Apt {
  /** Whether the package lists were fetched within a day. */
  hasFreshLists(): Promise<boolean>
  /** Fetches the package lists. @throws AptError */
  updateLists(): Promise<void>
  /**
   * The packages that installing `names` would add to this machine, themselves included.
   * @throws AptError when one of them does not exist or cannot be installed here
   */
  resolve(names: readonly string[]): Promise<PackageVersion[]>
  /** Size of the download, in bytes. */
  downloadSize(packages: readonly PackageVersion[]): Promise<number>
  /** Size and checksum of each package, in the order given. @throws AptError */
  describe(packages: readonly PackageVersion[]): Promise<PackageFile[]>
  /** Puts the packages' files into a folder. @throws AptError */
  download(packages: readonly PackageVersion[], into: string): Promise<void>
}

export async function isAptThere(): Promise<boolean> {
  return (await runProgram('apt-get', ['--version'], { timeoutMs: 10_000 })).code === 0
}

/**
 * @param folder where all its files go
 * @param extraConfig more lines of apt.conf; they outrank ours and the machine's
 */
export async function createApt(folder: string, extraConfig: readonly string[] = []): Promise<Apt> {
  const configPath = join(folder, 'apt.conf')
  const listsStampPath = join(folder, 'lists-fetched')
  await mkdir(join(folder, 'state', 'lists', 'partial'), { recursive: true })
  await mkdir(join(folder, 'cache', 'archives', 'partial'), { recursive: true })
  await writeFile(configPath, aptConfig(folder) + extraConfig.map((line) => `${line}\n`).join(''))
  const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' }

  async function apt(args: readonly string[], timeoutMs: number, cwd = folder): Promise<string> {
    const { code, stdout, stderr } = await runProgram('apt-get', ['-c', configPath, ...args], {
      timeoutMs,
      env,
      cwd,
    })
    if (code !== 0) throw new AptError(shortenComplaint(stderr))
    return stdout
  }
  const asArguments = (packages: readonly PackageVersion[]) => packages.map((p) => `${p.name}=${p.version}`)

  return {
    async hasFreshLists() {
      const fetchedAtMs = (await stat(listsStampPath).catch(() => undefined))?.mtimeMs ?? 0
      return Date.now() - fetchedAtMs < LISTS_FRESH_MS
    },
    async updateLists() {
      await rm(listsStampPath, { force: true })
      await apt(['-q', 'update'], UPDATE_DEADLINE_MS)
      await writeFile(listsStampPath, '')
    },
    async resolve(names) {
      return parseSimulation(
        await apt(['-s', 'install', '--no-install-recommends', ...names], SIMULATE_DEADLINE_MS),
      )
    },
    async downloadSize(packages) {
      const listing = await apt(
        ['-qq', '--print-uris', 'download', ...asArguments(packages)],
        SIMULATE_DEADLINE_MS,
      )
      return parseSizes(listing)
    },
    async describe(packages) {
      const listing = await apt(
        ['-qq', '--print-uris', 'download', ...asArguments(packages)],
        SIMULATE_DEADLINE_MS,
      )
      const fileByName = parseFiles(listing)
      return packages.map((wanted) => {
        const file = fileByName.get(wanted.name)
        if (file === undefined) throw new AptError(`apt-get says nothing of ${wanted.name} ${wanted.version}`)
        return { ...wanted, ...file }
      })
    },
    async download(packages, into) {
      await apt(['-q', 'download', ...asArguments(packages)], DOWNLOAD_DEADLINE_MS, into)
    },
  }
}

/** Read after the machine's own configuration (`apt-get -c`), so that it has the last word. */
function aptConfig(folder: string): string {
  const hooks = [
    'APT::Update::Pre-Invoke',
    'APT::Update::Post-Invoke',
    'APT::Update::Post-Invoke-Success',
    'DPkg::Pre-Install-Pkgs',
    'DPkg::Pre-Invoke',
    'DPkg::Post-Invoke',
  ]
  // As root apt would fetch as the user _apt, who may not enter our folder.
  const sandbox = process.getuid?.() === 0 ? [`APT::Sandbox::User "${userInfo().username}";`] : []
  return [
    ...hooks.map((hook) => `#clear ${hook};`),
    ...sandbox,
    `Dir::State "${folder}/state";`,
    `Dir::State::lists "${folder}/state/lists";`,
    'Dir::State::status "/var/lib/dpkg/status";',
    `Dir::State::extended_states "${folder}/state/extended_states";`,
    `Dir::Cache "${folder}/cache";`,
    // Caches of 70 MB that save half a second in a job done once.
    'Dir::Cache::pkgcache "";',
    'Dir::Cache::srcpkgcache "";',
    `Dir::Cache::archives "${folder}/cache/archives";`,
    `Dir::Log "${folder}/state";`,
    'Debug::NoLocking "1";',
    'Acquire::Languages "none";',
    'Acquire::Retries "2";',
    'Acquire::http::Timeout "15";',
    'Acquire::https::Timeout "15";',
    'APT::Install-Recommends "false";',
    // A source that cannot be reached is an error, not a warning: else an absent network reads as an unknown package.
    'APT::Update::Error-Mode "any";',
    'APT::Get::Assume-Yes "true";',
    '',
  ].join('\n')
}

/** Reads `Inst fping (5.1-1 Debian:12.15/oldstable [amd64])`, with `[old version]` before the bracket for upgrades. */
export function parseSimulation(text: string): PackageVersion[] {
  return [...text.matchAll(/^Inst (\S+) (?:\[[^\]]*\] )?\((\S+) /gm)].map(([, name = '', version = '']) => ({
    name,
    version,
  }))
}

/** Reads `'http://…/fping_5.1-1_amd64.deb' fping_5.1-1_amd64.deb 36628 SHA256:…` */
export function parseSizes(text: string): number {
  return [...text.matchAll(/^'\S+' \S+ (\d+)/gm)].reduce((sum, [, bytes]) => sum + Number(bytes), 0)
}

/** Reads the same lines into size and checksum by package name. */
export function parseFiles(text: string): Map<string, { readonly bytes: number; readonly sha256: string }> {
  return new Map(
    [...text.matchAll(/^'\S+' ([^_\s]+)_\S+ (\d+) SHA256:([0-9a-f]{64})$/gm)].map(
      ([, name = '', bytes = '', sha256 = '']) => [name, { bytes: Number(bytes), sha256 }] as const,
    ),
  )
}

/** The first error of apt's output without its warnings, one line. */
function shortenComplaint(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('W:'))
  return lines[0]?.replace(/^E: /, '').replaceAll(/\s+/g, ' ') ?? 'apt-get failed without a word'
}
