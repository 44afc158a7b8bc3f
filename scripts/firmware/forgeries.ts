import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Toolbox } from '../../firmware-image/src/archive/toolbox.ts'
import { makeExt4 } from '../../firmware-image/src/root/ext4.ts'
import { extractBundle, inspectBundle, makeBundle } from '../../firmware-image/src/update/bundle.ts'
import { keysIn, makeKeys } from '../../firmware-image/src/update/keys.ts'

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
  const wrongKey = join(folder, 'wrong-key.raucb')
  await makeBundle(tools, {
    rootImage: await makeSmallContent(tools, folder),
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

/**
 * A file system that a bundle can carry: small, and full of noise, because a bundle that compresses to nothing is no bundle.
 */
export async function makeSmallContent(tools: Toolbox, folder: string): Promise<string> {
  const tree = join(folder, 'tree')
  await mkdir(tree, { recursive: true })
  await writeFile(join(tree, 'noise'), randomBytes(100_000))
  const image = join(folder, 'small.ext4')
  await makeExt4({
    tools,
    tree,
    image,
    sizeMib: 4,
    epoch: 0,
    uuid: '50524f41-0000-4000-8000-000000000009',
    label: 'small',
    isReadOnly: true,
  })
  return image
}

/**
 * What RAUC says against a bundle. The signature covers the root of the hash tree: content that was tampered with shows when it
 * is read, as an installation does.
 * @returns undefined when it takes the bundle
 */
export async function refusalOf(
  tools: Toolbox,
  bundle: string,
  ca: string,
  folder: string,
): Promise<string | undefined> {
  const into = join(folder, 'extracted')
  try {
    await inspectBundle(tools, bundle, ca)
    await extractBundle(tools, bundle, ca, into)
    return undefined
  } catch (error) {
    return error instanceof Error ? (error.message.split('/').at(-1)?.trim() ?? '') : String(error)
  } finally {
    await rm(into, { recursive: true, force: true })
  }
}
