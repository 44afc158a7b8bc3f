import { mkdir, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Toolbox } from '../../firmware-image/src/archive/toolbox.ts'
import { boards } from '../../firmware-image/src/boards.ts'
import { type BuiltImage, copyDisk } from '../../firmware-image/src/build.ts'
import { fatOf } from '../../firmware-image/src/disk/fat.ts'
import { createLayout, MIB, partitionOf } from '../../firmware-image/src/disk/layout.ts'
import { startAmd64 } from '../../firmware-image/src/machine/amd64.ts'
import { arm64Machine } from '../../firmware-image/src/machine/arm64.ts'
import { type Machine, startMachine } from '../../firmware-image/src/machine/machine.ts'
import { testLanArgs } from '../../firmware-image/src/machine/test-lan.ts'
import { makeExt4 } from '../../firmware-image/src/root/ext4.ts'
import { runTool } from '../../firmware-image/src/root/tool.ts'
import type { Bench } from './case.ts'
import type { TestCloud } from './test-cloud.ts'

const MEMORY_MIB = 1024
/** The card is larger than the image, as real ones are. */
const CARD_MIB = 3072

/** One virtual appliance: a card of its own, started as often as a test likes. */
export interface Guest {
  readonly disk: string
  readonly fat: ReturnType<typeof fatOf>
  putConfig(config: unknown): Promise<void>
  /** Starts it; on amd64 a restart of the guest ends the machine, on arm64 U-Boot starts it again. */
  start(options?: {
    readonly cloud?: TestCloud
    readonly isLanThere?: boolean
    readonly kernelArgs?: readonly string[]
    readonly drive?: string
    readonly extraArgs?: readonly string[]
    readonly logName?: string
  }): Promise<Machine>
}

export async function makeGuest(
  { tools, meter }: Pick<Bench, 'tools' | 'meter'>,
  image: BuiltImage,
  folder: string,
  architecture: 'amd64' | 'arm64',
): Promise<Guest> {
  await mkdir(folder, { recursive: true })
  const disk = join(folder, 'card.img')
  await rm(disk, { force: true })
  await copyDisk(image.disk, disk)
  await truncate(disk, CARD_MIB * MIB)
  const layout = createLayout(boards[architecture === 'amd64' ? 'amd64' : 'pi'].sizes)
  const fat = fatOf(tools, disk, partitionOf(layout, 'boot'))
  return {
    disk,
    fat,
    async putConfig(config) {
      const file = join(folder, 'proactive.json')
      await writeFile(file, JSON.stringify(config, null, 2))
      await fat.write('proactive.json', file)
    },
    async start({
      cloud,
      isLanThere = true,
      kernelArgs = [],
      drive,
      extraArgs = [],
      logName = 'serial.log',
    } = {}) {
      const driveArgs = drive === undefined ? [] : updateDriveArgs(drive)
      const options = {
        disk,
        memoryMib: MEMORY_MIB,
        forwards: cloud?.forwards ?? [],
        extraArgs: [...(isLanThere ? testLanArgs : []), ...driveArgs, ...extraArgs],
        logFile: join(folder, logName),
        meter,
      }
      return architecture === 'amd64'
        ? await startAmd64(tools, layout, { ...options, kernelArgs })
        : startMachine(arm64Machine(tools, options))
    },
  }
}

const updateDriveArgs = (drive: string): string[] => [
  '-drive',
  `if=none,id=drive,format=raw,readonly=on,file=${drive}`,
  '-device',
  'virtio-blk-pci,drive=drive',
]

/** A drive with files on it, as a technician would bring one. */
export async function makeDrive(
  tools: Toolbox,
  folder: string,
  label: string,
  fileByName: Readonly<Record<string, string>>,
  sizeMib: number,
): Promise<string> {
  const tree = join(folder, `${label}-tree`)
  await rm(tree, { recursive: true, force: true })
  await mkdir(tree, { recursive: true })
  for (const [name, file] of Object.entries(fileByName))
    await runTool('cp', ['--reflink=auto', file, join(tree, name)], { env: tools.env })
  const image = join(folder, `${label}.img`)
  await makeExt4({
    tools,
    tree,
    image,
    sizeMib,
    epoch: 0,
    uuid: '50524f41-0000-4000-8000-00000000000d',
    label,
    isReadOnly: true,
  })
  await rm(tree, { recursive: true, force: true })
  return image
}
