import { link, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { Toolbox } from '../archive/toolbox.ts'
import { runTool } from '../root/tool.ts'
import type { SigningKeys } from './keys.ts'

export interface BundleOptions {
  readonly rootImage: string
  readonly bundle: string
  readonly compatible: string
  /** Semantic version; an appliance refuses what is older than itself. */
  readonly version: string
  readonly keys: SigningKeys
}

/** The appliance's own rule for signatures (overlay, system.conf), for RAUC on this machine. */
async function writeRules(folder: string, ca: string): Promise<string> {
  const file = join(folder, 'system.conf')
  await writeFile(
    file,
    `[system]
compatible=none
bootloader=noop
data-directory=${folder}

[keyring]
path=${ca}
check-purpose=codesign
use-bundle-signing-time=true
`,
  )
  return file
}

/** Makes a signed RAUC bundle whose content is checked block by block while it is read (dm-verity). */
export async function makeBundle(tools: Toolbox, options: BundleOptions): Promise<void> {
  const { rootImage, bundle, compatible, version, keys } = options
  await mkdir(dirname(bundle), { recursive: true })
  const work = await mkdtemp(join(dirname(bundle), '.bundle-'))
  const folder = join(work, 'content')
  try {
    await mkdir(folder)
    await link(rootImage, join(folder, 'rootfs.ext4'))
    await writeFile(
      join(folder, 'manifest.raucm'),
      `[update]
compatible=${compatible}
version=${version}

[bundle]
format=verity

[image.rootfs]
filename=rootfs.ext4
`,
    )
    await rm(bundle, { force: true })
    const rules = await writeRules(work, resolve(keys.ca))
    const squashfs = '--mksquashfs-args=-comp zstd -Xcompression-level 6 -processors 2'
    const sign = [`--cert=${keys.certificate}`, `--key=${keys.key}`]
    await runTool('rauc', ['-c', rules, 'bundle', ...sign, squashfs, folder, bundle], { env: tools.env })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** What RAUC, with the appliance's own rules, says of a bundle's signature. @throws Error with its sentence when it refuses */
export async function inspectBundle(
  tools: Toolbox,
  bundle: string,
  ca: string,
): Promise<{ compatible: string; version: string }> {
  const text = await raucWithRules(tools, ca, ['info', '--output-format=json', bundle])
  const { compatible, version } = JSON.parse(text) as { compatible: string; version: string }
  return { compatible, version }
}

/**
 * Takes a bundle apart into a folder that is not there yet, checking signature and every block as an installation does.
 * @throws Error with RAUC's sentence when it refuses
 */
export async function extractBundle(tools: Toolbox, bundle: string, ca: string, into: string): Promise<void> {
  await raucWithRules(tools, ca, ['extract', bundle, into])
}

async function raucWithRules(tools: Toolbox, ca: string, args: readonly string[]): Promise<string> {
  const work = await mkdtemp(join(tmpdir(), 'proactive-bundle-'))
  try {
    const rules = await writeRules(work, resolve(ca))
    return await runTool('rauc', ['-c', rules, ...args], { env: tools.env })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
