import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { initialState, readState } from '../../firmware-image/src/boot/state.ts'
import { assembleDisk } from '../../firmware-image/src/disk/assemble.ts'
import { fatOf, makeFat } from '../../firmware-image/src/disk/fat.ts'
import { createLayout, DISK_ID, partitionOf, SECTOR_BYTES } from '../../firmware-image/src/disk/layout.ts'
import { decodeMbr } from '../../firmware-image/src/disk/mbr.ts'
import { readStateCopies } from '../../firmware-image/src/disk/state-copies.ts'
import { findTestKit, testKitCommand } from '../../firmware-image/src/machine/test-kit.ts'
import { makeExt4 } from '../../firmware-image/src/root/ext4.ts'
import { runTool } from '../../firmware-image/src/root/tool.ts'
import { inspectBundle, makeBundle } from '../../firmware-image/src/update/bundle.ts'
import { keysIn, makeKeys } from '../../firmware-image/src/update/keys.ts'
import { makeForgeries, makeSmallContent, refusalOf } from '../../scripts/firmware/forgeries.ts'

const kit = findTestKit(process.env)
if (kit === undefined)
  process.stderr.write(
    `not tested: the firmware image's layout and bundle; to test, run: ${testKitCommand}\n`,
  )

const EPOCH = 1_790_000_000
const sizes = { bootMib: 40, slotMib: 24, dataMib: 8 }

describe.skipIf(kit === undefined)('a disk image made of files, without mounting anything', () => {
  if (kit === undefined) return
  const { tools } = kit
  let folder: string
  let root: string
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'proactive-image-'))
    root = await makeRoot('first', 1_600_000_000)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** The same small tree each time, but made at another time. */
  async function makeRoot(name: string, madeAt: number): Promise<string> {
    const tree = join(folder, name)
    mkdirSync(join(tree, 'etc'), { recursive: true })
    for (let index = 0; index < 40; index++) {
      const file = join(tree, 'etc', `file-${(index * 7) % 40}`)
      writeFileSync(file, `line ${index}\n`.repeat(400))
      utimesSync(file, madeAt, madeAt)
    }
    const image = join(folder, `${name}.ext4`)
    const uuid = '50524f41-0000-4000-8000-000000000002'
    const label = 'root'
    await makeExt4({ tools, tree, image, sizeMib: 'fit', epoch: EPOCH, uuid, label, isReadOnly: true })
    return image
  }

  it('has the partitions, the boot state and the files where the boot loader and people look for them', async () => {
    const boot = join(folder, 'boot')
    mkdirSync(boot)
    writeFileSync(join(boot, 'boot.scr'), 'script')
    writeFileSync(join(boot, 'proactive-example.json'), '{}')
    const fat = join(folder, 'boot.vfat')
    await makeFat(tools, { folder: boot, image: fat, sizeMib: sizes.bootMib, epoch: EPOCH })
    const layout = createLayout(sizes)
    const disk = join(folder, 'disk.img')
    await assembleDisk(disk, layout, { boot: fat, rootA: root, rootB: root })

    const { diskId, entries } = decodeMbr(readFileSync(disk).subarray(0, SECTOR_BYTES))
    expect(diskId).toBe(DISK_ID)
    expect(entries.map(({ type }) => type)).toEqual([0x0c, 0x83, 0x83, 0x83])
    expect(entries.map(({ startSector }) => startSector * SECTOR_BYTES)).toEqual(
      layout.partitions.map(({ start }) => start),
    )
    expect(readState(await readStateCopies(disk)).state).toEqual(initialState)
    const names = await fatOf(tools, disk, partitionOf(layout, 'boot')).list()
    expect(names).toEqual(['boot.scr', 'proactive-example.json'])
    for (const slot of ['rootA', 'rootB'] as const) {
      const inside = `${disk}?offset=${partitionOf(layout, slot).start}`
      expect(await runTool('debugfs', ['-R', 'cat /etc/file-7', inside], { env: tools.env })).toContain(
        'line 1',
      )
    }
  })

  it('is the same to the byte when it is made again at another time', async () => {
    const again = await makeRoot('again', 1_700_000_000)
    expect(readFileSync(again).equals(readFileSync(root))).toBe(true)
    await runTool('e2fsck', ['-fn', again], { env: tools.env })
  })

  it('is no larger than a slot, and the slot says so before it is written', async () => {
    const layout = createLayout({ ...sizes, slotMib: 1 })
    await expect(assembleDisk(join(folder, 'small.img'), layout, { rootA: root })).rejects.toThrow(
      /its partition has/,
    )
  })
})

describe.skipIf(kit === undefined)('a signed update bundle', () => {
  if (kit === undefined) return
  const { tools } = kit
  let folder: string
  let bundle: string
  let ca: string
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'proactive-bundle-'))
    const keysFolder = join(folder, 'keys')
    await makeKeys(tools, keysFolder, 'Proactive contract test')
    const keys = keysIn(keysFolder)
    ca = keys.ca
    bundle = join(folder, 'update.raucb')
    const rootImage = await makeSmallContent(tools, folder)
    await makeBundle(tools, { rootImage, bundle, compatible: 'proactive-amd64-test', version: '1.2.3', keys })
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('is taken with its version, and refused tampered, unsigned or signed by somebody else', async () => {
    expect(await refusalOf(tools, bundle, ca, folder)).toBeUndefined()
    expect(await inspectBundle(tools, bundle, ca)).toEqual({
      compatible: 'proactive-amd64-test',
      version: '1.2.3',
    })
    const forgeries = await makeForgeries(tools, bundle, join(folder, 'forgeries'))
    const refused = []
    for (const [name, forged] of Object.entries(forgeries))
      if ((await refusalOf(tools, forged, ca, folder)) !== undefined) refused.push(name)
    expect(refused).toEqual(['tampered signature', 'tampered content', 'unsigned', 'wrong key'])
  })
})
