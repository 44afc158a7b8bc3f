import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Toolbox } from '../archive/toolbox.ts'
import { makeInitrd } from '../boot/initrd.ts'
import { encodeScriptImage } from '../boot/script-image.ts'
import { assembleDisk } from '../disk/assemble.ts'
import { makeFat } from '../disk/fat.ts'
import { createLayout, type DiskLayout } from '../disk/layout.ts'
import { makeExt4 } from '../root/ext4.ts'
import type { BusyboxKit } from './test-kit.ts'

/** What a test slot does once it is up. */
export type SlotBehavior =
  /** Marks itself good, says so and switches off. */
  | 'confirm'
  /** Restarts without marking itself good, as a broken update would. */
  | 'ignore'
  /** Marks itself good, writes the other slot as an update does, makes it primary and restarts; for ever. */
  | 'switch'

const EPOCH = 1_790_000_000
const SLOT_MIB = 80
const FOLDER = join(import.meta.dirname, '../..')

/**
 * A disk with the real layout, boot script, initial RAM disk and `bootstate`, but nothing except busybox in its slots: boots
 * in seconds, for the tests of slot selection.
 */
export async function makeBusyboxDisk(
  tools: Toolbox,
  kit: BusyboxKit,
  folder: string,
  behaviors: { readonly A: SlotBehavior; readonly B: SlotBehavior },
): Promise<{ readonly disk: string; readonly layout: DiskLayout }> {
  const initrd = await makeInitrd({
    tools,
    busybox: kit.busybox,
    init: join(FOLDER, 'initrd/init'),
    modulesFolder: kit.modulesFolder,
    modules: ['virtio_pci', 'virtio_blk', 'ext4'],
    epoch: EPOCH,
  })
  const imageOf = async (slot: 'A' | 'B') => {
    const image = join(folder, `root${slot}.ext4`)
    await makeSlot(tools, kit, initrd, join(folder, `tree${slot}`), image, behaviors[slot])
    return image
  }
  const layout = createLayout({ bootMib: 40, slotMib: SLOT_MIB, dataMib: 8 })
  const boot = join(folder, 'boot')
  await mkdir(boot, { recursive: true })
  const script = await readFile(join(FOLDER, 'boot/boot.cmd'), 'utf8')
  await writeFile(join(boot, 'boot.scr'), encodeScriptImage(script, EPOCH))
  const fat = join(folder, 'boot.vfat')
  await makeFat(tools, { folder: boot, image: fat, sizeMib: 40, epoch: EPOCH })
  const disk = join(folder, 'disk.img')
  await assembleDisk(disk, layout, { boot: fat, rootA: await imageOf('A'), rootB: await imageOf('B') })
  return { disk, layout }
}

async function makeSlot(
  tools: Toolbox,
  kit: BusyboxKit,
  initrd: Buffer,
  tree: string,
  image: string,
  behavior: SlotBehavior,
): Promise<void> {
  for (const name of ['bin', 'boot', 'dev', 'etc', 'proc', 'run', 'sbin', 'sys', 'tmp', 'usr/lib/proactive'])
    await mkdir(join(tree, name), { recursive: true })
  await copyFile(kit.busybox, join(tree, 'bin/busybox'))
  await copyFile(kit.kernel, join(tree, 'boot/vmlinuz'))
  await writeFile(join(tree, 'boot/initrd.img'), initrd)
  await copyFile(
    join(FOLDER, 'overlay/common/usr/lib/proactive/bootstate'),
    join(tree, 'usr/lib/proactive/bootstate'),
  )
  await writeFile(join(tree, 'sbin/init'), slotInit(behavior), { mode: 0o755 })
  await makeExt4({
    tools,
    tree,
    image,
    sizeMib: SLOT_MIB,
    epoch: EPOCH,
    uuid: '50524f41-0000-4000-8000-000000000002',
    label: 'slot',
    isReadOnly: true,
  })
  await rm(tree, { recursive: true, force: true })
}

const slotInit = (behavior: SlotBehavior): string => `#!/bin/busybox sh
/bin/busybox mkdir -p /run/bin
/bin/busybox --install -s /run/bin
export PATH=/run/bin TMPDIR=/run
mount -t proc proc /proc
bootstate() { sh /usr/lib/proactive/bootstate "$@"; }
slot=$(bootstate get-current)
echo "test slot $slot is up: $(bootstate show)"
${behaviors[behavior]}
`

const behaviors: Readonly<Record<SlotBehavior, string>> = {
  confirm:
    'bootstate set-state "$slot" good\necho "test slot $slot is good: $(bootstate show)"\nsync\npoweroff -f',
  ignore: 'reboot -f',
  switch: `bootstate set-state "$slot" good
if [ "$slot" = A ]; then other=B from=/dev/vda2 to=/dev/vda3; else other=A from=/dev/vda3 to=/dev/vda2; fi
bootstate set-state "$other" bad
echo "test slot $slot writes slot $other"
dd if="$from" of="$to" bs=1M conv=fsync 2>/dev/null
bootstate set-primary "$other"
echo "test slot $slot switched to $other: $(bootstate show)"
reboot -f`,
}
