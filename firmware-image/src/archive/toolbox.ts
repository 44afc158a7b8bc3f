import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withFileLock } from '../../../scripts/bootstrap/file-lock.mjs'
import { cacheFolder } from '../../../scripts/debian/release.ts'
import { runProgram } from '../../../scripts/process/run-program.ts'
import type { StepRunner } from '../../../scripts/progress/steps.ts'
import { type Architecture, openSuite } from './suite.ts'

const LOCK_DEADLINE_MS = 15 * 60_000
const COPY_DEADLINE_MS = 120_000

/** The release's own tools for this machine's processor, so that every machine makes and checks the same image. */
const toolPackages = [
  'e2fsprogs',
  // mke2fs reads a tar by it.
  'libarchive13t64',
  'mtools',
  'rauc',
  'squashfs-tools',
  'kmod',
  'xz-utils',
  'openssl',
  'systemd',
  'qemu-system-arm',
  'qemu-system-x86',
  'seabios',
  'u-boot-qemu',
  'socat',
] as const

/** Programs by the name they are called with; some are one program under several names. */
const programs: Readonly<Record<string, string>> = {
  mke2fs: 'usr/sbin/mke2fs',
  e2fsck: 'usr/sbin/e2fsck',
  debugfs: 'usr/sbin/debugfs',
  mformat: 'usr/bin/mtools',
  mcopy: 'usr/bin/mtools',
  mdir: 'usr/bin/mtools',
  mdel: 'usr/bin/mtools',
  mtype: 'usr/bin/mtools',
  mattrib: 'usr/bin/mtools',
  rauc: 'usr/bin/rauc',
  mksquashfs: 'usr/bin/mksquashfs',
  unsquashfs: 'usr/bin/unsquashfs',
  depmod: 'usr/bin/kmod',
  xz: 'usr/bin/xz',
  openssl: 'usr/bin/openssl',
  'systemd-analyze': 'usr/bin/systemd-analyze',
  'qemu-system-aarch64': 'usr/bin/qemu-system-aarch64',
  'qemu-system-x86_64': 'usr/bin/qemu-system-x86_64',
  socat: 'usr/bin/socat',
}

const loaderByArchitecture: Readonly<Record<Architecture, { loader: string; triplet: string }>> = {
  amd64: { loader: 'usr/lib64/ld-linux-x86-64.so.2', triplet: 'x86_64-linux-gnu' },
  arm64: { loader: 'usr/lib/ld-linux-aarch64.so.1', triplet: 'aarch64-linux-gnu' },
}

export interface Toolbox {
  /** PATH with the toolbox first. */
  readonly env: NodeJS.ProcessEnv
  /** The tools' own file tree, for firmware and data files. */
  readonly root: string
  readonly qemuDataFolders: readonly string[]
  /** U-Boot for QEMU's arm64 machine. */
  readonly uBootArm64: string
}

/** Where everything fetched for the image is kept. */
export const firmwareCache = (env: NodeJS.ProcessEnv): string => join(cacheFolder(env), 'firmware')

/** This machine's processor in Debian's words. @throws Error where the release has no tools for it */
export function hostArchitecture(arch: string = process.arch): Architecture {
  if (process.platform === 'linux' && arch === 'x64') return 'amd64'
  if (process.platform === 'linux' && arch === 'arm64') return 'arm64'
  throw new Error(
    `The image is built and tested on Linux on x64 or arm64, and this is ${process.platform} on ${arch}.`,
  )
}

const toolboxFolder = (env: NodeJS.ProcessEnv): string => join(firmwareCache(env), 'toolbox')

/** A stamp of what the toolbox holds; another list or launcher makes a new toolbox. */
const toolboxStamp = (): string =>
  createHash('sha256')
    .update(JSON.stringify([toolPackages, programs, launcher('', '', '', '')]))
    .digest('hex')
    .slice(0, 16)

/** The toolbox where it was made before; no look at the archive. */
export function findToolbox(env: NodeJS.ProcessEnv): Toolbox | undefined {
  const root = join(toolboxFolder(env), toolboxStamp())
  return existsSync(root) ? toolboxAt(root, env) : undefined
}

/** @throws AptError, NoMirrorError when the tools cannot be had */
export async function ensureToolbox(env: NodeJS.ProcessEnv, step: StepRunner): Promise<Toolbox> {
  const folder = toolboxFolder(env)
  await mkdir(folder, { recursive: true })
  return await withFileLock(join(folder, 'lock'), { timeoutMs: LOCK_DEADLINE_MS }, async () => {
    const found = findToolbox(env)
    if (found !== undefined) return found
    const architecture = hostArchitecture()
    const archive = await openSuite(firmwareCache(env), architecture, env)
    const packages = await archive.fetch(toolPackages, step)
    const root = join(folder, toolboxStamp())
    await step('putting the tools together', async () => {
      for (const stale of await readdir(folder)) {
        if (stale.startsWith('.draft-')) await rm(join(folder, stale), { recursive: true, force: true })
      }
      const draft = await mkdtemp(join(folder, '.draft-'))
      await assemble(
        draft,
        root,
        architecture,
        packages.map((fetched) => fetched.folder),
      )
      await rename(draft, root)
    })
    return toolboxAt(root, env)
  })
}

/** One tree of hard links to the extracted packages, and a launcher for each program. */
async function assemble(
  draft: string,
  root: string,
  architecture: Architecture,
  packageFolders: readonly string[],
): Promise<void> {
  await mkdir(join(draft, 'usr'), { recursive: true })
  for (const folder of packageFolders) {
    if (!existsSync(join(folder, 'usr'))) continue
    const copy = await runProgram('cp', ['-alf', `${join(folder, 'usr')}/.`, join(draft, 'usr')], {
      timeoutMs: COPY_DEADLINE_MS,
    })
    if (copy.code !== 0) throw new Error(`the tools cannot be put together: ${copy.stderr.trim()}`)
  }
  await symlink('usr/lib', join(draft, 'lib'))
  const { loader, triplet } = loaderByArchitecture[architecture]
  await mkdir(join(draft, 'bin'))
  for (const [name, program] of Object.entries(programs)) {
    if (!existsSync(join(draft, program))) throw new Error(`the release's packages have no ${program}`)
    const path = join(draft, 'bin', name)
    await writeFile(path, launcher(root, loader, triplet, name, program))
    await chmod(path, 0o755)
  }
}

/** Starts a program with the release's own C library: this machine's may be older. */
function launcher(root: string, loader: string, triplet: string, name: string, program = ''): string {
  const libraries = `${root}/usr/lib/${triplet}`
  return [
    '#!/bin/sh',
    `QEMU_MODULE_DIR='${libraries}/qemu'; export QEMU_MODULE_DIR`,
    `exec '${root}/${loader}' --library-path '${libraries}:${libraries}/systemd' --argv0 '${name}' '${root}/${program}' "$@"`,
    '',
  ].join('\n')
}

function toolboxAt(root: string, env: NodeJS.ProcessEnv): Toolbox {
  return {
    root,
    env: { ...env, PATH: `${join(root, 'bin')}:${env.PATH ?? '/usr/bin:/bin'}:/usr/sbin:/sbin`, LC_ALL: 'C' },
    qemuDataFolders: ['usr/share/qemu', 'usr/share/seabios'].map((folder) => join(root, folder)),
    uBootArm64: join(root, 'usr/lib/u-boot/qemu_arm64/u-boot.bin'),
  }
}
