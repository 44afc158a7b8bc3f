import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { boards } from '../../firmware-image/src/boards.ts'
import { readState } from '../../firmware-image/src/boot/state.ts'
import { fatOf } from '../../firmware-image/src/disk/fat.ts'
import { createLayout, DISK_ID, partitionOf, SECTOR_BYTES } from '../../firmware-image/src/disk/layout.ts'
import { decodeMbr } from '../../firmware-image/src/disk/mbr.ts'
import { readStateCopies } from '../../firmware-image/src/disk/state-copies.ts'
import { runTool } from '../../firmware-image/src/root/tool.ts'
import { runProgram } from '../process/run-program.ts'
import { expectThat, type FirmwareCase, imageOf } from './case.ts'
import { inspectRoot } from './root-inspection.ts'

/** `systemd-analyze security` counts exposure from 0 (none) to 10. */
const EXPOSURE_LIMIT = 2.5

const layoutOf = (arch: 'amd64' | 'arm64'): FirmwareCase => ({
  name: `layout of the ${arch} image: partitions, boot state, nothing that lets anybody in`,
  needs: [arch],
  async run(bench) {
    const image = imageOf(bench, arch)
    const board = boards[arch === 'amd64' ? 'amd64' : 'pi']
    const layout = createLayout(board.sizes)
    const file = await open(image.disk, 'r')
    const sector = Buffer.alloc(SECTOR_BYTES)
    await file.read(sector, 0, SECTOR_BYTES, 0)
    await file.close()
    const mbr = decodeMbr(sector)
    expectThat(mbr.diskId === DISK_ID, 'the disk has another id')
    layout.partitions.forEach((partition, index) => {
      const entry = mbr.entries[index]
      const isThere = entry?.startSector === partition.start / SECTOR_BYTES && entry.type === partition.type
      expectThat(isThere, `partition ${partition.number} is not where it should be`)
    })
    const { state } = readState(await readStateCopies(image.disk))
    expectThat(
      state.order[0] === 'A' && state.left.A === 3 && state.left.B === 3,
      'the boot state is not the factory’s',
    )
    const names = await fatOf(bench.tools, image.disk, partitionOf(layout, 'boot')).list()
    const wanted = ['boot.scr', 'proactive-example.json', 'READ-ME.txt']
    if (board.configTxt !== undefined)
      wanted.push('config.txt', 'u-boot.bin', 'bootcode.bin', 'bcm2711-rpi-4-b.dtb')
    for (const name of wanted)
      expectThat(
        names.some((found) => found.toLowerCase() === name.toLowerCase()),
        `the FAT partition lacks ${name}`,
      )
    expectThat(!names.includes('proactive.json'), 'somebody’s configuration is in the image')
    const found = await inspectRoot(bench.tools, image.rootImage)
    expectThat(found.setuid.length === 0, `set-uid files: ${found.setuid.join(', ')}`)
    expectThat(found.doors.length === 0, `doors: ${found.doors.join(', ')}`)
    expectThat(
      found.openAccounts.length === 0,
      `accounts with a password or a shell: ${found.openAccounts.join(', ')}`,
    )
    expectThat(found.privateKeys.length === 0, `private keys: ${found.privateKeys.join(', ')}`)
    return `${names.length} entries on FAT, ${found.files} files in the slot (${Math.round(found.usedBytes / 1e6)} MB), no set-uid file, no shell, no getty, no ssh, no private key`
  },
})

const exposure: FirmwareCase = {
  name: 'systemd-analyze security of the agent’s unit is below 2.5',
  needs: ['amd64'],
  async run(bench) {
    const { tools, folder } = bench
    const root = join(folder, 'units')
    await mkdir(join(root, 'etc/systemd'), { recursive: true })
    await mkdir(join(root, 'usr/lib/systemd'), { recursive: true })
    for (const path of ['etc/systemd/system', 'usr/lib/systemd/system'])
      await runTool(
        'debugfs',
        ['-R', `rdump /${path} ${join(root, path, '..')}`, imageOf(bench, 'amd64').rootImage],
        {
          env: tools.env,
        },
      )
    const { stdout, stderr } = await runProgram(
      'systemd-analyze',
      ['security', '--offline=true', `--root=${root}`, '--no-pager', 'proactive-agent.service'],
      { env: { ...tools.env, SYSTEMD_COLORS: '0' }, timeoutMs: 60_000 },
    )
    await rm(root, { recursive: true, force: true })
    const level = Number(stdout.match(/exposure level[^:]*: ([\d.]+)/)?.[1])
    expectThat(Number.isFinite(level), `systemd-analyze gave no figure: ${stderr.trim().slice(-300)}`)
    const worst = [...stdout.matchAll(/^[-✗] (\S+)\s.*?(\d\.\d)\s*$/gm)].map(
      ([, name, weight]) => `${name} ${weight}`,
    )
    expectThat(level < EXPOSURE_LIMIT, `${level}; what counts: ${worst.join(', ')}`)
    return `${level} (what is left: ${worst.join(', ') || 'nothing'})`
  },
}

export const layoutCases: readonly FirmwareCase[] = [layoutOf('amd64'), layoutOf('arm64'), exposure]
