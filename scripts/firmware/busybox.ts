import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { arm64Machine } from '../../firmware-image/src/machine/arm64.ts'
import { makeBusyboxDisk } from '../../firmware-image/src/machine/busybox-disk.ts'
import type { MachineOptions } from '../../firmware-image/src/machine/machine.ts'
import type { Bench } from './case.ts'

const MEMORY_MIB = 512

/** A new disk for one case whose slots hold nothing but busybox. */
export async function busyboxDisk(
  bench: Bench,
  name: string,
  behaviors: Parameters<typeof makeBusyboxDisk>[3],
): Promise<string> {
  const folder = join(bench.folder, name)
  await mkdir(folder, { recursive: true })
  return (await makeBusyboxDisk(bench.tools, bench.busybox, folder, behaviors)).disk
}

/** The machine that starts it. One processor: a second one only costs time where so little runs. */
export const busyboxMachine = ({ tools, meter }: Bench, disk: string): MachineOptions =>
  arm64Machine(tools, { disk, memoryMib: MEMORY_MIB, processors: 1, meter })
