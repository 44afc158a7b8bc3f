import { readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Toolbox } from '../archive/toolbox.ts'
import { runTool } from '../root/tool.ts'
import { DISK_ID, MIB, type Partition } from './layout.ts'

const LABEL = 'PROACTIVE'

/** mtools would ask and look at this machine's own drives without these. */
const mtoolsEnv = (tools: Toolbox, epoch: number): NodeJS.ProcessEnv => ({
  ...tools.env,
  MTOOLSRC: '/dev/null',
  MTOOLS_SKIP_CHECK: '1',
  MTOOLS_NO_VFAT: '0',
  SOURCE_DATE_EPOCH: String(epoch),
  TZ: 'UTC',
})

/** Makes the FAT32 image that every PC can read and a Pi starts from; the folder's entries in sorted order, one time for all. */
export async function makeFat(
  tools: Toolbox,
  options: {
    readonly folder: string
    readonly image: string
    readonly sizeMib: number
    readonly epoch: number
  },
): Promise<void> {
  const { folder, image, sizeMib, epoch } = options
  const env = mtoolsEnv(tools, epoch)
  await rm(image, { force: true })
  await writeFile(image, '')
  await truncate(image, sizeMib * MIB)
  const sectors = (sizeMib * MIB) / 512
  await runTool(
    'mformat',
    [
      '-i',
      image,
      '-F',
      '-T',
      String(sectors),
      '-h',
      '64',
      '-s',
      '32',
      '-H',
      '0',
      '-N',
      DISK_ID.toString(16),
      '-v',
      LABEL,
      '::',
    ],
    { env },
  )
  await runTool('find', ['.', '-exec', 'touch', '--no-dereference', `--date=@${epoch}`, '{}', '+'], {
    env,
    cwd: folder,
  })
  const entries = (await readdir(folder)).sort()
  await runTool('mcopy', ['-i', image, '-s', '-m', ...entries.map((entry) => join(folder, entry)), '::'], {
    env,
  })
}

/** The FAT partition inside a disk image, or a device: people and tests put files there and read what the appliance wrote. */
export function fatOf(tools: Toolbox, disk: string, partition: Partition) {
  const drive = `${disk}@@${partition.start}`
  const env = mtoolsEnv(tools, 0)
  return {
    async list(): Promise<string[]> {
      const text = await runTool('mdir', ['-i', drive, '-b', '-a', '::'], { env })
      return text
        .trim()
        .split('\n')
        .map((line) => line.replace(/^::\//, ''))
    },
    async read(name: string): Promise<string> {
      return await runTool('mtype', ['-i', drive, `::${name}`], { env })
    },
    async write(name: string, file: string): Promise<void> {
      await runTool('mcopy', ['-i', drive, '-o', file, `::${name}`], { env })
    },
    async remove(name: string): Promise<void> {
      await runTool('mdel', ['-i', drive, `::${name}`], { env })
    },
  }
}
