import { globSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { FetchedPackage } from '../archive/suite.ts'
import type { Toolbox } from '../archive/toolbox.ts'
import type { Board } from '../boards.ts'
import { makeInitrd } from '../boot/initrd.ts'
import type { SigningKeys } from '../update/keys.ts'
import { pruneModules } from './modules.ts'
import type { BundledProgram } from './programs.ts'
import { runTool } from './tool.ts'
import { addMountPoints, fillIn, kernelVersionOf, mergePackages, overlay, prune, putText } from './tree.ts'

const FOLDER = join(import.meta.dirname, '../..')

export interface RootTreeOptions {
  readonly tools: Toolbox
  readonly tree: string
  readonly board: Board
  readonly packages: readonly FetchedPackage[]
  /** The Node executable. */
  readonly node: string
  readonly programs: readonly BundledProgram[]
  readonly keys: SigningKeys
  readonly compatible: string
  readonly version: string
  readonly epoch: number
  readonly env: NodeJS.ProcessEnv
}

/**
 * Everything of a slot in one folder: Debian's files, our own over them, kernel and initial RAM disk under /boot. No package's
 * scripts run: what they would do (users, links, enabled services) is in `overlay`, where it can be read.
 */
export async function makeRootTree(options: RootTreeOptions): Promise<{
  readonly kernelVersion: string
  readonly modules: { readonly kept: number; readonly of: number }
}> {
  const { tools, tree, board, packages, node, programs, keys, compatible, version, epoch, env } = options
  const busybox = packages.find(({ name }) => name === 'busybox-static')
  if (busybox === undefined) throw new Error('the archive brought no busybox')
  await mergePackages(
    tree,
    packages.filter((fetched) => fetched !== busybox),
    env,
  )
  const kernelVersion = await kernelVersionOf(tree)
  // Newer kernel packages keep it beside the modules.
  const [kernel] = globSync('{boot/vmlinuz-*,usr/lib/modules/*/vmlinuz}', { cwd: tree })
  if (kernel === undefined) throw new Error('the kernel package has no kernel')
  const kernelImage = await readFile(join(tree, kernel))
  await rm(join(tree, kernel))
  await prune(tree)
  await pruneFirmware(tree)
  const modulesFolder = join(tree, 'usr/lib/modules', kernelVersion)
  const initrd = await makeInitrd({
    tools,
    busybox: join(busybox.folder, 'usr/bin/busybox'),
    init: join(FOLDER, 'initrd/init'),
    modulesFolder: await indexed(tools, tree, kernelVersion, modulesFolder),
    modules: board.initrdModules,
    epoch,
  })
  const modules = await pruneModules(tools, tree, kernelVersion)
  await addMountPoints(tree)
  await overlay(tree, join(FOLDER, 'overlay/common'))
  for (const name of board.overlays) await overlay(tree, join(FOLDER, 'overlay/boards', name))
  await fillIn(tree, 'etc/rauc/system.conf', { COMPATIBLE: compatible, VERSION: version })
  await putText(tree, 'etc/rauc/keyring.pem', await readFile(keys.ca))
  await putText(tree, 'usr/lib/os-release', osRelease(board, version))
  // systemd starts no earlier than this file's time: better than 1970 for a board without a battery clock.
  await putText(tree, 'usr/lib/clock-epoch', '')
  await putText(tree, 'boot/vmlinuz', kernelImage)
  await putText(tree, 'boot/initrd.img', initrd)
  await putText(tree, 'usr/bin/node', await readFile(node), 0o755)
  for (const file of programs.flatMap(({ files }) => files))
    await putText(tree, `usr/lib/proactive/${basename(file)}`, await readFile(file))
  return { kernelVersion, modules }
}

/** The initial RAM disk is made of all modules, before the ones nobody needs at run time go. */
async function indexed(tools: Toolbox, tree: string, version: string, folder: string): Promise<string> {
  await runTool('depmod', ['-b', join(tree, 'usr'), version], { env: tools.env })
  return folder
}

/** Firmware of the Pi's own Wi-Fi chips only. */
async function pruneFirmware(tree: string): Promise<void> {
  const keep = /\/(brcmfmac43(430|436|455|456)|cyfmac43(430|436|455|439)|regulatory\.db)/
  for (const entry of globSync('usr/lib/firmware/**/*', { cwd: tree, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (!entry.isDirectory() && !keep.test(path)) await rm(path)
  }
}

const osRelease = (board: Board, version: string): string => `ID=proactive
ID_LIKE=debian
NAME="Proactive appliance"
PRETTY_NAME="Proactive appliance ${version} (${board.name})"
VERSION_ID=${version}
IMAGE_ID=proactive-${board.name}
IMAGE_VERSION=${version}
`
