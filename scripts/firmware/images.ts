import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Toolbox } from '../../firmware-image/src/archive/toolbox.ts'
import { type BoardName, boards } from '../../firmware-image/src/boards.ts'
import { type BuiltImage, buildImage } from '../../firmware-image/src/build.ts'
import { createLayout, MIB, partitionOf } from '../../firmware-image/src/disk/layout.ts'
import { runTool } from '../../firmware-image/src/root/tool.ts'
import { printSteps } from '../progress/steps.ts'
import { projectRoot } from '../setup/project-root.ts'

export const boardOf = (arch: 'amd64' | 'arm64'): BoardName => (arch === 'amd64' ? 'amd64' : 'pi')

export const firmwareFolder = join(projectRoot, '.proactive/firmware')
export const outFolderOf = (name: string): string => join(firmwareFolder, name)
export const testKeysFolder = join(firmwareFolder, 'test-keys')

export async function readVersion(): Promise<string> {
  const text = await readFile(join(projectRoot, 'package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/** The next version, for the update that the tests install: 0.1.0 → 0.2.0. */
export function nextVersion(version: string): string {
  const [major = '0', minor = '0'] = version.split('.')
  return `${major}.${Number(minor) + 1}.0`
}

export async function buildTestImage(
  name: BoardName,
  options: { readonly outFolder?: string; readonly version?: string } = {},
): Promise<BuiltImage> {
  return await buildImage({
    board: boards[name],
    projectRoot,
    outFolder: options.outFolder ?? outFolderOf(name),
    version: options.version ?? (await readVersion()),
    lock: 'report',
    env: process.env,
    step: printSteps,
    say: (line) => process.stderr.write(`${line}\n`),
  })
}

/** The slot's agent ends at once from now on: as an update would leave it that is signed and whole, but good for nothing. */
export async function breakAgent(tools: Toolbox, disk: string, slot: 'rootA' | 'rootB'): Promise<void> {
  const { start, size } = partitionOf(createLayout(boards.amd64.sizes), slot)
  const { env } = tools
  const [image, program] = [`${disk}.slot`, `${disk}.agent`]
  const copy = ['bs=1M', `count=${size / MIB}`, 'status=none']
  await runTool('dd', [`if=${disk}`, `of=${image}`, `skip=${start / MIB}`, 'conv=sparse', ...copy], { env })
  await writeFile(program, 'process.exit(1)\n')
  const inside = '/usr/lib/proactive/agent.mjs'
  await runTool('debugfs', ['-w', '-R', `rm ${inside}`, image], { env })
  await runTool('debugfs', ['-w', '-R', `write ${program} ${inside}`, image], { env })
  await runTool('dd', [`if=${image}`, `of=${disk}`, `seek=${start / MIB}`, 'conv=notrunc', ...copy], { env })
  await rm(image)
  await rm(program)
}
