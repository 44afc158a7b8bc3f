import { randomBytes } from 'node:crypto'
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Toolbox } from '../../firmware-image/src/archive/toolbox.ts'
import { type BoardName, boards } from '../../firmware-image/src/boards.ts'
import { type BuiltImage, buildImage } from '../../firmware-image/src/build.ts'
import { runTool } from '../../firmware-image/src/root/tool.ts'
import { makeExt4 } from '../../firmware-image/src/root/ext4.ts'
import { makeBundle } from '../../firmware-image/src/update/bundle.ts'
import { keysIn, makeKeys } from '../../firmware-image/src/update/keys.ts'
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

/** An update whose agent ends at once: signed and whole, but good for nothing. */
export async function makeBrokenUpdate(
  tools: Toolbox,
  from: BuiltImage,
  folder: string,
  version: string,
): Promise<string> {
  await mkdir(folder, { recursive: true })
  const image = join(folder, 'rootfs.ext4')
  const program = join(folder, 'agent.mjs')
  await copyFile(from.rootImage, image)
  await writeFile(program, 'process.exit(1)\n')
  const inside = '/usr/lib/proactive/agent.mjs'
  await runTool('debugfs', ['-w', '-R', `rm ${inside}`, image], { env: tools.env })
  await runTool('debugfs', ['-w', '-R', `write ${program} ${inside}`, image], { env: tools.env })
  const bundle = join(folder, 'update.raucb')
  const keys = keysIn(testKeysFolder)
  await makeBundle(tools, { rootImage: image, bundle, compatible: from.manifest.compatible, version, keys })
  await rm(image)
  return bundle
}

/** Bundles that an appliance must refuse, by what is wrong with them. */
export async function makeForgeries(
  tools: Toolbox,
  good: string,
  folder: string,
): Promise<Readonly<Record<string, string>>> {
  await mkdir(folder, { recursive: true })
  const bytes = await readFile(good)
  const put = async (name: string, content: Buffer) => {
    await writeFile(join(folder, `${name}.raucb`), content)
    return join(folder, `${name}.raucb`)
  }
  const signatureBytes = Number(bytes.readBigUInt64BE(bytes.length - 8))
  const payload = bytes.subarray(0, bytes.length - 8 - signatureBytes)
  const flipped = (index: number) => {
    const copy = Buffer.from(bytes)
    copy[index] = copy.readUInt8(index) ^ 1
    return copy
  }
  const strangers = join(folder, 'strangers-keys')
  await rm(strangers, { recursive: true, force: true })
  await makeKeys(tools, strangers, 'Somebody else')
  const tree = join(folder, 'tree')
  await mkdir(tree, { recursive: true })
  // A bundle that compresses to nothing is no bundle.
  await writeFile(join(tree, 'noise'), randomBytes(100_000))
  const content = join(folder, 'small.ext4')
  await makeExt4({
    tools,
    tree,
    image: content,
    sizeMib: 4,
    epoch: 0,
    uuid: '50524f41-0000-4000-8000-000000000009',
    label: 'small',
    isReadOnly: true,
  })
  const wrongKey = join(folder, 'wrong-key.raucb')
  await makeBundle(tools, {
    rootImage: content,
    bundle: wrongKey,
    compatible: 'proactive-amd64-test',
    version: '9.0.0',
    keys: keysIn(strangers),
  })
  return {
    'tampered signature': await put(
      'tampered-signature',
      flipped(bytes.length - 8 - Math.floor(signatureBytes / 2)),
    ),
    'tampered content': await put('tampered-content', flipped(4096 * 20)),
    unsigned: await put('unsigned', payload),
    'wrong key': wrongKey,
  }
}
