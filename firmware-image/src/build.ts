import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { runProgram } from '../../scripts/process/run-program.ts'
import { formatBytes, type StepRunner } from '../../scripts/progress/steps.ts'
import { findDrift, formatLock, readLock } from './archive/package-lock.ts'
import { type FetchedPackage, openSuite, SUITE } from './archive/suite.ts'
import { ensureToolbox, firmwareCache, type Toolbox } from './archive/toolbox.ts'
import { type Board, commonPackages, installerPackages } from './boards.ts'
import { assembleDisk } from './disk/assemble.ts'
import { makeFat } from './disk/fat.ts'
import { createLayout } from './disk/layout.ts'
import { makeBootFolder } from './root/boot-folder.ts'
import { makeExt4 } from './root/ext4.ts'
import { type BundledProgram, bundleProgram, fetchNode } from './root/programs.ts'
import { makeRootTree } from './root/root-tree.ts'
import { makeBundle } from './update/bundle.ts'
import { ensureTestKeys, keysIn, type SigningKeys } from './update/keys.ts'
import {
  type Artifact,
  cycloneDx,
  debianComponents,
  describeArtifact,
  npmComponents,
} from './update/manifest.ts'

/** Grows when the way an image is made changes, so that nothing old is taken for new. */
const RECIPE = 1
const ROOT_UUID = '50524f41-0000-4000-8000-000000000002'
const DATA_UUID = '50524f41-0000-4000-8000-000000000004'
/** Where a checkout without git stands in time: 2026-09-21. */
const FALLBACK_EPOCH = 1_790_000_000

export interface BuildOptions {
  readonly board: Board
  readonly projectRoot: string
  readonly outFolder: string
  readonly version: string
  /** Folder with the keys of released updates; test keys otherwise. */
  readonly keysFolder?: string
  /** What to do about packages that are not those of the lock file. */
  readonly lock: 'report' | 'refuse' | 'rewrite'
  readonly env: NodeJS.ProcessEnv
  readonly step: StepRunner
  readonly say: (line: string) => void
}

export interface BuiltImage {
  readonly disk: string
  readonly bundle: string
  readonly rootImage: string
  readonly manifest: Manifest
  /** False when everything was there already. */
  readonly isNew: boolean
}

export interface Manifest {
  readonly image: string
  readonly version: string
  readonly board: string
  readonly compatible: string
  readonly suite: string
  readonly kernel: string
  readonly node: string
  readonly epoch: number
  readonly inputs: string
  readonly modules: { readonly kept: number; readonly of: number }
  readonly drift: readonly string[]
  readonly artifacts: readonly Artifact[]
}

/** The packages differ from the lock file and the caller wanted none of that. */
export class DriftError extends Error {}

/**
 * Builds disk image and update bundle. Needs no root, mounts nothing and runs no program of the image, so an arm64 image takes
 * no longer than an amd64 one. Nothing is done again while the inputs are the same.
 * @throws DriftError, AptError, NoMirrorError
 */
export async function buildImage(options: BuildOptions): Promise<BuiltImage> {
  const { board, projectRoot, outFolder, version, env, step, say } = options
  const cache = firmwareCache(env)
  const tools = await ensureToolbox(env, step)
  const keys = await findKeys(tools, options)
  const compatible = `proactive-${board.name}${options.keysFolder === undefined ? '-test' : ''}`
  const packages = await fetchBoardPackages(board, cache, env, step)
  const drift = await checkLock(options, packages)
  const node = await step(`Node for ${board.architecture}`, () =>
    fetchNode(projectRoot, cache, board.architecture),
  )
  await mkdir(outFolder, { recursive: true })
  const programs = await step('bundling agent and box', () => bundlePrograms(projectRoot, outFolder))
  const epoch = await findEpoch(projectRoot, env)
  const inputs = await hashInputs({
    board,
    packages,
    programs,
    keys,
    compatible,
    version,
    epoch,
    node: node.version,
    projectRoot,
  })

  const at = (name: string) => join(outFolder, name)
  const files = { disk: at('disk.img'), bundle: at('update.raucb'), rootImage: at('rootfs.ext4') }
  const known = await readManifest(at('manifest.json'))
  if (known?.inputs === inputs && Object.values(files).every((file) => existsSync(file))) {
    say(`nothing has changed: ${files.disk} is the image of these inputs`)
    return { ...files, manifest: known, isNew: false }
  }

  const work = at('work')
  await rm(work, { recursive: true, force: true })
  await rm(at('manifest.json'), { force: true })
  const tree = join(work, 'root')
  const root = await step(`putting the root file system together (${packages.length} packages)`, () =>
    makeRootTree({
      tools,
      tree,
      board,
      packages,
      node: node.path,
      programs,
      keys,
      compatible,
      version,
      epoch,
      env,
    }),
  )
  const { bootMib, dataMib } = board.sizes
  await step('root file system (ext4)', () =>
    makeExt4({
      tools,
      tree,
      image: files.rootImage,
      sizeMib: 'fit',
      epoch,
      uuid: ROOT_UUID,
      label: 'proactive',
      isReadOnly: true,
    }),
  )
  await step('boot partition (FAT)', async () => {
    await makeBootFolder(join(work, 'boot'), board, packages)
    await makeFat(tools, {
      folder: join(work, 'boot'),
      image: join(work, 'boot.vfat'),
      sizeMib: bootMib,
      epoch,
    })
  })
  await step('disk image', async () => {
    await mkdir(join(work, 'data'))
    const data = join(work, 'data.ext4')
    await makeExt4({
      tools,
      tree: join(work, 'data'),
      image: data,
      sizeMib: dataMib,
      epoch,
      uuid: DATA_UUID,
      label: 'data',
      isReadOnly: false,
    })
    await assembleDisk(files.disk, createLayout(board.sizes), {
      boot: join(work, 'boot.vfat'),
      rootA: files.rootImage,
      rootB: files.rootImage,
      data,
    })
  })
  await step('signed bundle', () =>
    makeBundle(tools, { rootImage: files.rootImage, bundle: files.bundle, compatible, version, keys }),
  )

  const name = `proactive-${board.name}`
  const components = [
    ...debianComponents(packages, board.architecture),
    {
      name: 'node',
      version: node.version,
      purl: `pkg:npm/node-linux-${board.architecture === 'amd64' ? 'x64' : 'arm64'}@${node.version}`,
    },
    ...npmComponents(
      programs.flatMap(({ inputs: paths }) => paths),
      (folder) => versionIn(join(projectRoot, folder)),
    ),
  ]
  await writeFile(at('sbom.cdx.json'), json(cycloneDx({ name, version, epoch }, components)))
  const manifest = await step(
    'checksums',
    async (): Promise<Manifest> => ({
      image: name,
      version,
      board: board.name,
      compatible,
      suite: SUITE,
      kernel: root.kernelVersion,
      node: node.version,
      epoch,
      inputs,
      modules: root.modules,
      drift,
      artifacts: await Promise.all(
        [files.disk, files.rootImage, files.bundle, at('sbom.cdx.json')].map(describeArtifact),
      ),
    }),
  )
  await writeFile(at('manifest.json'), json(manifest))
  await writeFile(
    at('SHA256SUMS'),
    manifest.artifacts.map(({ file, sha256 }) => `${sha256}  ${file}\n`).join(''),
  )
  await rm(work, { recursive: true, force: true })
  return { ...files, manifest, isNew: true }
}

async function fetchBoardPackages(
  board: Board,
  cache: string,
  env: NodeJS.ProcessEnv,
  step: StepRunner,
): Promise<FetchedPackage[]> {
  const archive = await openSuite(cache, board.architecture, env)
  const names = [...Object.keys(commonPackages), ...board.packages, ...board.kernelPackages, 'busybox-static']
  return await archive.fetch(names, step, (name) => !installerPackages.test(name))
}

async function checkLock(
  { board, projectRoot, lock, say }: BuildOptions,
  packages: readonly FetchedPackage[],
): Promise<string[]> {
  const file = join(projectRoot, 'firmware-image/packages', `${board.name}.lock`)
  if (lock === 'rewrite') {
    await writeFile(file, formatLock(packages))
    say(`${basename(file)} now names these ${packages.length} packages`)
    return []
  }
  const drift = findDrift((await readLock(file)) ?? '', packages)
  if (drift.length === 0) return []
  const title = `${drift.length} of ${packages.length} packages differ from firmware-image/packages/${basename(file)}:`
  if (lock === 'refuse') throw new DriftError([title, ...drift].join('\n'))
  say(
    [
      title,
      ...drift.map((line) => `  ${line}`),
      'the image takes what the archive has; --update-lock records it, --locked refuses it',
    ].join('\n'),
  )
  return drift
}

async function findKeys(tools: Toolbox, { keysFolder, projectRoot }: BuildOptions): Promise<SigningKeys> {
  if (keysFolder !== undefined) return keysIn(keysFolder)
  return await ensureTestKeys(tools, join(projectRoot, '.proactive/firmware/test-keys'))
}

async function bundlePrograms(projectRoot: string, outFolder: string): Promise<BundledProgram[]> {
  const box = await bundleProgram(projectRoot, 'firmware-image/src/device/main.ts', outFolder, 'box')
  const claim = await bundleProgram(
    projectRoot,
    'firmware-image/src/device/claim-program.ts',
    outFolder,
    'claim',
  )
  const agent = await bundleProgram(projectRoot, 'agent/src/main.ts', outFolder, 'agent')
  return [box, claim, agent]
}

/** The time all files of the image carry: SOURCE_DATE_EPOCH, else that of the last commit to what is in it. */
async function findEpoch(projectRoot: string, env: NodeJS.ProcessEnv): Promise<number> {
  if (/^\d{9,11}$/.test(env.SOURCE_DATE_EPOCH ?? '')) return Number(env.SOURCE_DATE_EPOCH)
  const { code, stdout } = await runProgram(
    'git',
    ['log', '-1', '--format=%ct', '--', 'firmware-image', 'agent', 'shared', 'package-lock.json'],
    {
      cwd: projectRoot,
      timeoutMs: 10_000,
    },
  )
  return code === 0 && /^\d+\s*$/.test(stdout) ? Number(stdout) : FALLBACK_EPOCH
}

async function hashInputs(inputs: {
  readonly board: Board
  readonly packages: readonly FetchedPackage[]
  readonly programs: readonly BundledProgram[]
  readonly keys: SigningKeys
  readonly compatible: string
  readonly version: string
  readonly epoch: number
  readonly node: string
  readonly projectRoot: string
}): Promise<string> {
  const hash = createHash('sha256')
  const { board, packages, programs, keys, compatible, version, epoch, node, projectRoot } = inputs
  hash.update(JSON.stringify({ RECIPE, board, compatible, version, epoch, node }))
  hash.update(formatLock(packages))
  for (const file of programs.flatMap(({ files }) => files))
    hash.update(basename(file)).update(await readFile(file))
  hash.update(await readFile(keys.ca)).update(await readFile(keys.certificate))
  return hash.update(await hashSources(projectRoot)).digest('hex')
}

/** What decides how an image looks and starts, beside the packages: our own files, without tests and virtual machines. */
export async function hashSources(projectRoot: string): Promise<string> {
  const hash = createHash('sha256')
  const folder = join(projectRoot, 'firmware-image')
  const sources = globSync('{src,overlay,boot,initrd}/**/*', { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((file) => !file.startsWith('src/machine/'))
    .sort()
  for (const file of sources) hash.update(file).update(await readFile(join(folder, file)))
  return hash.digest('hex')
}

async function readManifest(file: string): Promise<Manifest | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Manifest
  } catch {
    return undefined
  }
}

function versionIn(folder: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version?: string }).version
  } catch {
    return undefined
  }
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

/** One line for people: what was made and how large it is. */
export function describeImage({ disk, bundle, manifest }: BuiltImage): string {
  const size = (file: string) =>
    formatBytes(manifest.artifacts.find((artifact) => artifact.file === basename(file))?.bytes ?? 0)
  return `${disk} (${size(disk)}) and ${bundle} (${size(bundle)}): version ${manifest.version} for ${manifest.compatible}, kernel ${manifest.kernel}, Node ${manifest.node}`
}

/** Puts an image beside another one, sparse and without sharing blocks: tests write into it. */
export async function copyDisk(from: string, to: string): Promise<void> {
  const { code } = await runProgram('cp', ['--sparse=always', '--reflink=auto', from, to], {
    timeoutMs: 300_000,
  })
  if (code !== 0) await copyFile(from, to)
}
