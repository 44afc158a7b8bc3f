import { open, rm } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import type { LocationDetail } from '@proactive/shared/http'
import { boards } from '../../firmware-image/src/boards.ts'
import { createLayout, MIB, partitionOf, SECTOR_BYTES } from '../../firmware-image/src/disk/layout.ts'
import { decodeMbr } from '../../firmware-image/src/disk/mbr.ts'
import { TEST_LAN, TEST_LAN_DEVICES } from '../../firmware-image/src/machine/test-lan.ts'
import { runTool } from '../../firmware-image/src/root/tool.ts'
import { type Bench, expectThat, type FirmwareCase, imageOf, poll, seconds } from './case.ts'
import { type Guest, makeGuest } from './guest.ts'
import { startTestCloud, type TestCloud } from './test-cloud.ts'

/** What a quiet machine needs; a busy one may take longer, and the report says which it was. */
const PUBLISH_LIMIT_SECONDS = 90
const DEADLINE_MS = { amd64: 600_000, arm64: 900_000 } as const

/** From a flashed card to a slot that is marked good, with a real gateway on loopback and a LAN inside the guest. */
async function firstStart(
  bench: Bench,
  arch: 'amd64' | 'arm64',
  guest: Guest,
  cloud: TestCloud,
): Promise<string> {
  const claim = await cloud.createClaim()
  await guest.putConfig({ claim, agent: { networks: [TEST_LAN] } })
  const startedAtMs = performance.now()
  const machine = await guest.start({ cloud })
  try {
    await poll('the first publish', DEADLINE_MS[arch], async () =>
      (await look(cloud))?.summary.isOnline ? true : undefined,
    )
    const publishSeconds = (performance.now() - startedAtMs) / 1000
    const cpuSeconds = machine.cpuSeconds()
    await machine.waitFor(/slot A is good: [^\n]*/, DEADLINE_MS[arch])
    const good = seconds(startedAtMs)
    const { addresses, agentVersion } = await poll('the inventory of the LAN', 180_000, async () => {
      const { devices = [], agentVersion } = (await look(cloud)) ?? {}
      const addresses = devices.flatMap(({ device }) => device.ips)
      const isWhole = TEST_LAN_DEVICES.every((address) => addresses.includes(address))
      return isWhole ? { addresses, agentVersion } : undefined
    })
    await poll('the blanked claim', 120_000, async () =>
      (await readCard(guest, 'proactive.json'))?.includes(claim.slice(0, 40)) === false ? true : undefined,
    )
    await poll('the good word on the card', 120_000, async () =>
      /belongs to its Location and works/.test((await readCard(guest, 'proactive-status.txt')) ?? '')
        ? true
        : undefined,
    )
    await machine.kill()
    const grown = await dataSizes(bench, guest.disk, arch)
    const isSlow = arch === 'amd64' && publishSeconds > PUBLISH_LIMIT_SECONDS
    const busy = isSlow
      ? `; more than ${PUBLISH_LIMIT_SECONDS} s, at a load of ${loadavg()[0]?.toFixed(1)}`
      : ''
    return `first publish ${publishSeconds.toFixed(1)} s after power on (${cpuSeconds.toFixed(0)} s of processor time${busy}), marked good after ${good}, ${addresses.length} devices seen (agent ${agentVersion ?? 'of no version'}); claim blanked on the card; data partition grew to ${grown}`
  } finally {
    await machine.kill()
  }
}

/** What the cloud knows of the Location; on a machine this busy it may be late with an answer, and is asked again. */
const look = (cloud: TestCloud): Promise<LocationDetail | undefined> =>
  cloud.location().catch(() => undefined)

/** The card of a working appliance, with the file on it that asks for a reset. */
async function factoryReset(bench: Bench, guest: Guest, cloud: TestCloud): Promise<string> {
  expectThat(await hasIdentity(bench, guest.disk), 'there was no identity to forget')
  await guest.fat.write('factory-reset', '/dev/null')
  const machine = await guest.start({ cloud, isLanThere: false, logName: 'reset.log' })
  try {
    const [line = ''] = await machine.waitFor(/This appliance was reset[^\n]*\n[^\n]*\n/, DEADLINE_MS.amd64)
    // It restarts by itself, which ends this machine.
    await Promise.race([machine.ended, new Promise((resolve) => setTimeout(resolve, 180_000))])
    await machine.kill()
    expectThat(!(await hasIdentity(bench, guest.disk)), 'the identity is still on the card')
    const names = await guest.fat.list()
    const asksAgain = names.includes('factory-reset') || names.includes('proactive.json')
    expectThat(!asksAgain, 'the card still asks for it')
    expectThat(/has taken its certificate back/.test(line), `the cloud was not told: ${line}`)
    return line.trim().replaceAll(/\s*\n\s*(proactive: )?/g, ' ')
  } finally {
    await machine.kill()
  }
}

const amd64: FirmwareCase = {
  name: 'amd64: claims itself, sees the devices of its LAN, publishes, is marked good; a factory reset gives the certificate back and forgets all',
  needs: ['amd64'],
  isAlone: true,
  async run(bench) {
    const folder = join(bench.folder, 'first-amd64')
    const guest = await makeGuest(bench, imageOf(bench, 'amd64'), folder, 'amd64')
    const cloud = await startTestCloud()
    try {
      const started = await firstStart(bench, 'amd64', guest, cloud)
      return `${started}. ${await factoryReset(bench, guest, cloud)}`
    } finally {
      await cloud.stop()
    }
  },
}

const arm64: FirmwareCase = {
  name: 'arm64, through U-Boot: claims itself, sees the devices of its LAN, publishes, is marked good',
  needs: ['arm64'],
  async run(bench) {
    const folder = join(bench.folder, 'first-arm64')
    const guest = await makeGuest(bench, imageOf(bench, 'arm64'), folder, 'arm64')
    const cloud = await startTestCloud()
    try {
      return await firstStart(bench, 'arm64', guest, cloud)
    } finally {
      await cloud.stop()
    }
  },
}

/** A file of the card while the guest may be writing to it: what is half written is not there yet. */
const readCard = (guest: Guest, name: string): Promise<string | undefined> =>
  guest.fat.read(name).catch(() => undefined)

/** The table's and the file system's idea of the data partition agree that it reaches the end of the card. */
async function dataSizes(bench: Bench, disk: string, arch: 'amd64' | 'arm64'): Promise<string> {
  const layout = createLayout(boards[arch === 'amd64' ? 'amd64' : 'pi'].sizes)
  const data = partitionOf(layout, 'data')
  const file = await open(disk, 'r')
  const sector = Buffer.alloc(SECTOR_BYTES)
  await file.read(sector, 0, SECTOR_BYTES, 0)
  const { size } = await file.stat()
  await file.close()
  const bytes = (decodeMbr(sector).entries[3]?.sectors ?? 0) * SECTOR_BYTES
  expectThat(data.start + bytes === size, `partition 4 has ${bytes} bytes and does not reach the card’s end`)
  // It is mounted: what the kernel has not written yet makes its checksums wrong, which -n does not look at.
  const stats = await runTool('debugfs', ['-n', '-R', 'stats -h', `${disk}?offset=${data.start}`], {
    env: bench.tools.env,
  })
  const blocks = Number(stats.match(/^Block count:\s+(\d+)/m)?.[1])
  const blockSize = Number(stats.match(/^Block size:\s+(\d+)/m)?.[1])
  expectThat(
    bytes - blocks * blockSize < 16 * MIB,
    `the file system has ${blocks * blockSize} of ${bytes} bytes`,
  )
  return `${Math.round(bytes / MIB)} MiB`
}

const mistakes: FirmwareCase = {
  name: 'amd64: mistakes in proactive.json are named on the card and on the console',
  needs: ['amd64'],
  async run(bench) {
    const guest = await makeGuest(bench, imageOf(bench, 'amd64'), join(bench.folder, 'mistakes'), 'amd64')
    await guest.putConfig({
      claim: 'half-a-claim',
      network: { address: '192.168.1.50', gateway: '192.168.1.1', dns: [] },
    })
    const machine = await guest.start({ isLanThere: false })
    try {
      await machine.waitFor(/proactive: - network\.address: [^\n]+/, DEADLINE_MS.amd64)
      const status = await poll('the text on the card', 120_000, async () => {
        const text = await readCard(guest, 'proactive-status.txt')
        return text !== undefined && /network\.address/.test(text) ? text : undefined
      })
      const lines = status.split(/\r?\n/).filter((line) => line.startsWith('- '))
      expectThat(lines.length >= 3, `only ${lines.length} mistakes named`)
      return lines.join(' ')
    } finally {
      await machine.kill()
    }
  },
}

async function hasIdentity(bench: Bench, disk: string): Promise<boolean> {
  const { env } = bench.tools
  const { start } = partitionOf(createLayout(boards.amd64.sizes), 'data')
  const copy = `${disk}.data`
  await runTool(
    'dd',
    [`if=${disk}`, `of=${copy}`, 'bs=1M', `skip=${start / MIB}`, 'conv=sparse', 'status=none'],
    {
      env,
    },
  )
  // The journal holds what the cut left unwritten, and debugfs does not look there: it is played back first, as a start does.
  await runTool('sh', ['-c', 'e2fsck -E journal_only -y "$1" || [ $? -le 2 ]', 'replay', copy], { env })
  const listing = await runTool('debugfs', ['-R', 'ls -p /agent/identity', copy], { env })
  await rm(copy)
  return listing.includes('identity.json')
}

export const startCases: readonly FirmwareCase[] = [amd64, arm64]
export const cardCases: readonly FirmwareCase[] = [mistakes]
