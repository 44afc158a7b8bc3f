import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Toolbox } from '../archive/toolbox.ts'
import { chooseSlot, readState, type Slot } from '../boot/state.ts'
import { type DiskLayout, partitionOf, partUuid } from '../disk/layout.ts'
import { changeState, readStateCopies } from '../disk/state-copies.ts'
import { runTool } from '../root/tool.ts'
import { commonArgs, type GuestOptions, recording } from './arm64.ts'
import { type Machine, startMachine } from './machine.ts'

export interface BootedMachine extends Machine {
  readonly slot: Slot
}

/**
 * One start of an amd64 virtual machine. It has no U-Boot: this function does what `boot.cmd` does (choose the slot, count
 * the attempt, write the state), takes kernel and initial RAM disk out of the slot and hands them to QEMU. A restart of the
 * guest ends the machine; the caller starts it again.
 */
export async function startAmd64(
  tools: Toolbox,
  layout: DiskLayout,
  options: GuestOptions & { readonly kernelArgs?: readonly string[] },
): Promise<BootedMachine> {
  const { disk } = options
  const choice = chooseSlot(readState(await readStateCopies(disk)).state)
  await changeState(disk, () => choice.state)
  const partition = partitionOf(layout, choice.slot === 'A' ? 'rootA' : 'rootB')
  const folder = await mkdtemp(join(tmpdir(), 'proactive-kernel-'))
  const [kernel, initrd] = [join(folder, 'vmlinuz'), join(folder, 'initrd.img')]
  const slotImage = `${disk}?offset=${partition.start}`
  for (const file of [kernel, initrd]) {
    const name = file === kernel ? 'vmlinuz' : 'initrd.img'
    await runTool('debugfs', ['-R', `dump /boot/${name} ${file}`, slotImage], { env: tools.env })
  }
  const bootArgs = [
    `rauc.slot=${choice.slot}`,
    `root=PARTUUID=${partUuid(partition)}`,
    'ro',
    'panic=10',
    'loglevel=4',
    'net.ifnames=0',
    'console=ttyS0',
    ...(options.kernelArgs ?? []),
  ]
  const machine = startMachine({
    command: 'qemu-system-x86_64',
    args: [
      '-machine',
      'q35',
      '-accel',
      'tcg,thread=multi',
      '-cpu',
      'max',
      '-kernel',
      kernel,
      '-initrd',
      initrd,
      '-append',
      bootArgs.join(' '),
      ...commonArgs(tools, { ...options, isOneBoot: true }),
    ],
    env: tools.env,
    ...recording(options),
  })
  void machine.ended.then(() => rm(folder, { recursive: true, force: true }))
  return { ...machine, slot: choice.slot }
}
