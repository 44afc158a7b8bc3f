import { join } from 'node:path'
import { copyDisk } from '../../firmware-image/src/build.ts'
import { healthLimits } from '../../firmware-image/src/device/health-rules.ts'
import { credential, TEST_LAN } from '../../firmware-image/src/machine/test-lan.ts'
import { type Bench, expectThat, type FirmwareCase, imageOf, seconds } from './case.ts'
import { makeForgeries } from './forgeries.ts'
import { type Guest, makeDrive, makeGuest } from './guest.ts'
import { breakAgent } from './images.ts'
import { startTestCloud, type TestCloud } from './test-cloud.ts'

const BOOT_DEADLINE_MS = 600_000
const INSTALL_DEADLINE_MS = 900_000
const DRIVE_MIB = 256
/** The clock is saved every two minutes, and stands still between two starts. */
const CLOCK_TOLERANCE_MS = 10 * 60_000

/** Gives the unit that judges the slot other waits; the image stays as it is. */
const waitsTimes = (scale: number): string => {
  const text = `[Service]\nEnvironment=PROACTIVE_HEALTH_SCALE=${scale}\n`
  const name = 'systemd.unit-dropin.proactive-box.service'
  return `systemd.set_credential_binary=${name}:${Buffer.from(text).toString('base64')}`
}

/** Waits that are no shorter than this machine, busy as it is, needs for a start. */
const waitsFor = (bootSeconds: number): number => (1.5 * bootSeconds + 45) / healthLimits.local

/** Slot A claimed itself in `bootSeconds`; a slot that has nothing to claim is up in less. */
const waitsForBroken = (bootSeconds: number): number => (0.8 * bootSeconds) / healthLimits.local

/** An appliance with an update in slot B that was not started yet. */
interface Updated {
  readonly guest: Guest
  /** From its first power on to a good slot A, on this machine. */
  readonly goodSeconds: number
  readonly installSeconds: number
}

/** A claimed appliance in slot A installs the next version from a drive, up to its restart. */
async function installNext(bench: Bench, cloud: TestCloud): Promise<Updated> {
  const folder = join(bench.folder, 'update')
  const guest = await makeGuest(bench, imageOf(bench, 'amd64'), folder, 'amd64')
  await guest.putConfig({ claim: await cloud.createClaim(), agent: { networks: [TEST_LAN] } })
  const { bundle } = imageOf(bench, 'amd64Next')
  const drive = await makeDrive(bench.tools, folder, 'PROUPDATE', { 'update.raucb': bundle }, DRIVE_MIB)
  const startedAtMs = performance.now()
  const machine = await guest.start({ cloud, drive, isLanThere: false })
  try {
    await machine.waitFor(/slot A is good/, BOOT_DEADLINE_MS)
    const goodAtMs = performance.now()
    await machine.waitFor(
      /The update is installed and starts now|The update was refused[^\n]*/,
      INSTALL_DEADLINE_MS,
    )
    expectThat(/is installed and starts now/.test(machine.serial()), 'the update was refused')
    const installSeconds = (performance.now() - goodAtMs) / 1000
    await Promise.race([machine.ended, new Promise((resolve) => setTimeout(resolve, 180_000))])
    await machine.kill()
    await copyDisk(guest.disk, updatedDisk(bench))
    return { guest, installSeconds, goodSeconds: (goodAtMs - startedAtMs) / 1000 }
  } finally {
    await machine.kill()
  }
}

const updatedDisk = (bench: Bench): string => join(bench.folder, 'updated.img')
/** By the folder of a run. */
const installations = new Map<string, Promise<Updated>>()

/** Installing takes minutes and is done once in a run. */
function installOnce(bench: Bench, cloud: Promise<TestCloud>): Promise<Updated> {
  const updated = cloud.then((made) => installNext(bench, made))
  installations.set(bench.folder, updated)
  return updated
}

/** The same appliance for another case, as it was before the new slot's first start. */
async function updatedGuest(bench: Bench, name: string): Promise<Pick<Updated, 'guest' | 'goodSeconds'>> {
  let installation = installations.get(bench.folder)
  if (installation === undefined) {
    const cloud = startTestCloud()
    installation = installOnce(bench, cloud)
    try {
      await installation
    } finally {
      await (await cloud).stop()
    }
  }
  const { goodSeconds } = await installation
  const guest = await makeGuest(bench, imageOf(bench, 'amd64'), join(bench.folder, name), 'amd64')
  await copyDisk(updatedDisk(bench), guest.disk)
  return { guest, goodSeconds }
}

const installed: FirmwareCase = {
  name: 'amd64: an installed bundle boots B, which is held to what A could do; older and forged bundles are refused there',
  needs: ['amd64', 'amd64Next'],
  async run(bench) {
    const cloud = await startTestCloud()
    try {
      const next = imageOf(bench, 'amd64Next')
      const { guest, installSeconds, goodSeconds } = await installOnce(bench, Promise.resolve(cloud))
      const { drive, names, unitArgs } = await bundlesToRefuse(bench)
      // The board's clock says 2020, as one without a battery may: only the saved time makes the cloud's certificate valid.
      const extraArgs = ['-rtc', 'base=2020-01-01T00:00:00', ...unitArgs]
      const startedAtMs = performance.now()
      const startedAt = Date.now()
      const second = await guest.start({
        cloud,
        drive,
        isLanThere: false,
        kernelArgs: [waitsTimes(Math.max(1, waitsFor(goodSeconds)))],
        extraArgs,
        logName: 'second.log',
      })
      try {
        const [good = ''] = await second.waitFor(/slot [AB] is good: [^\n]*/, BOOT_DEADLINE_MS)
        const bootSeconds = seconds(startedAtMs)
        expectThat(good.startsWith('slot B is good: the cloud acknowledged'), `it was: ${good}`)
        const isNew = second.serial().includes(`appliance ${next.manifest.version}, slot B`)
        expectThat(isNew, 'it is not the new version')
        const saved = readClock(second.serial())
        const isRight = Math.abs(saved - startedAt) < CLOCK_TOLERANCE_MS
        expectThat(isRight, `its clock says ${new Date(saved || 0).toISOString()}`)
        await second.waitFor(/all bundles tried/, INSTALL_DEADLINE_MS)
        const refusals = readRefusals(second.serial(), names)
        return `installed in ${installSeconds.toFixed(0)} s, B good ${bootSeconds} after its start (its clock set to 2020: the saved time counted); refused: ${refusals}`
      } finally {
        await second.kill()
      }
    } finally {
      await cloud.stop()
    }
  },
}

/** The time slot B told on its console first, to the minute. */
function readClock(serial: string): number {
  const [, time = ''] = serial.match(/slot B, (\d{4}-\d\d-\d\d \d\d:\d\d) UTC/) ?? []
  return Date.parse(`${time.replace(' ', 'T')}:00Z`)
}

/** A drive with each of the bundles that must not be taken, and a unit that asks RAUC on the appliance to install them. */
async function bundlesToRefuse(bench: Bench): Promise<{
  readonly drive: string
  readonly names: readonly string[]
  readonly unitArgs: readonly string[]
}> {
  const folder = join(bench.folder, 'refused')
  const forgeries = await makeForgeries(bench.tools, imageOf(bench, 'amd64Next').bundle, folder)
  const fileByName = new Map([['older', imageOf(bench, 'amd64').bundle]])
  for (const [name, file] of Object.entries(forgeries)) fileByName.set(name.replaceAll(' ', '-'), file)
  const files = Object.fromEntries([...fileByName].map(([name, file]) => [`${name}.raucb`, file]))
  const drive = await makeDrive(bench.tools, folder, 'PROTEST', files, 640)
  const script = `while [ -e /data/system/trial.json ]; do sleep 2; done
mkdir -p /run/t
mount -o ro /dev/disk/by-label/PROTEST /run/t
for b in /run/t/*.raucb; do
o=$(rauc install $b 2>&1)
echo "refused=$? $(basename $b .raucb): $(echo "$o" | sed -n "s/.*LastError: //p" | tail -n 1)"
done
echo all bundles tried`
  const unit = `[Unit]
Description=Bundles to refuse
After=multi-user.target
[Service]
Type=oneshot
StandardOutput=tty
TTYPath=/dev/console
ExecStart=/bin/sh -c '${script.replaceAll('\n', '; ').replaceAll('do; ', 'do ')}'
`
  const unitArgs = [
    ...credential('systemd.extra-unit.t.service', unit),
    ...credential('systemd.unit-dropin.-.slice', '[Unit]\nWants=t.service\n'),
  ]
  return { drive, names: [...fileByName.keys()], unitArgs }
}

function readRefusals(serial: string, names: readonly string[]): string {
  const seen = [...serial.matchAll(/refused=(\d+) (\S+): ([^\n]*)/g)]
  expectThat(seen.length === names.length, `${seen.length} of ${names.length} were tried`)
  const taken = seen.filter(([, code]) => code === '0').map(([, , name]) => name)
  expectThat(taken.length === 0, `taken: ${taken.join(', ')}`)
  return seen.map(([, , name, words = '']) => `${name} (${words.trim().slice(0, 90)})`).join(', ')
}

const broken: FirmwareCase = {
  name: 'amd64: an update whose agent does not run is tried three times, then A works again',
  needs: ['amd64', 'amd64Next'],
  async run(bench) {
    const { guest, goodSeconds } = await updatedGuest(bench, 'broken')
    const scale = waitsForBroken(goodSeconds)
    await breakAgent(bench.tools, guest.disk, 'rootB')
    const startedAtMs = performance.now()
    const booted: string[] = []
    for (let boot = 0; boot < 4; boot++) {
      const logName = `boot-${boot}.log`
      // Slot A, the fourth, is given all the time it has in a shop.
      const kernelArgs = boot < 3 ? [waitsTimes(scale)] : []
      const machine = await guest.start({ isLanThere: false, kernelArgs, logName })
      try {
        const [line = ''] = await machine.waitFor(
          /slot [AB] (is good|does not work): [^\n]*/,
          BOOT_DEADLINE_MS,
        )
        booted.push(line.trim())
        if (line.includes('does not work'))
          await Promise.race([machine.ended, new Promise((resolve) => setTimeout(resolve, 180_000))])
      } finally {
        await machine.kill()
      }
    }
    const words = booted
      .map((line) => line.slice(5, 7).trim() + (line.includes('is good') ? ' good' : ' bad'))
      .join(', ')
    expectThat(words === 'B bad, B bad, B bad, A good', `it was: ${booted.join(' | ')}`)
    return `${words} in ${seconds(startedAtMs)} (${(scale * healthLimits.local).toFixed(0)} s instead of ${healthLimits.local} s to show what it can); ${booted[0]}; ${booted[3]}`
  },
}

const offline: FirmwareCase = {
  name: 'amd64: an update while the internet is down is not rolled back',
  needs: ['amd64', 'amd64Next'],
  async run(bench) {
    const { guest, goodSeconds } = await updatedGuest(bench, 'offline')
    const kernelArgs = [waitsTimes(waitsFor(goodSeconds))]
    const machine = await guest.start({ isLanThere: false, kernelArgs, logName: 'offline.log' })
    try {
      const [line = ''] = await machine.waitFor(/slot [AB] (is good|does not work): [^\n]*/, BOOT_DEADLINE_MS)
      expectThat(/^slot B is good: .*internet is down/.test(line), `it was: ${line}`)
      return line.trim()
    } finally {
      await machine.kill()
    }
  },
}

export const updateCases: readonly FirmwareCase[] = [installed]
/** They start from what `installed` installed. */
export const trialCases: readonly FirmwareCase[] = [broken, offline]
