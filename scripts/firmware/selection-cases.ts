import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type BootState,
  chooseSlot,
  initialState,
  markGood,
  readState,
} from '../../firmware-image/src/boot/state.ts'
import { readStateCopies } from '../../firmware-image/src/disk/state-copies.ts'
import { arm64Machine } from '../../firmware-image/src/machine/arm64.ts'
import { makeBusyboxDisk } from '../../firmware-image/src/machine/busybox-disk.ts'
import { startMachine } from '../../firmware-image/src/machine/machine.ts'
import { type Bench, expectThat, type FirmwareCase, seconds } from './case.ts'

const BOOT_DEADLINE_MS = 150_000
const CUTS = 20
const MEMORY_MIB = 512

const fallback: FirmwareCase = {
  name: 'slot A is tried three times, then B boots (U-Boot, arm64, busybox slots)',
  needs: [],
  async run(bench) {
    const disk = await busyboxDisk(bench, 'fallback', { A: 'ignore', B: 'confirm' })
    const startedAtMs = performance.now()
    const machine = startMachine(arm64Machine(bench.tools, { disk, memoryMib: MEMORY_MIB }))
    try {
      await machine.waitFor(/test slot B is good/, 2 * BOOT_DEADLINE_MS)
    } finally {
      await machine.kill()
    }
    const booted = [...machine.serial().matchAll(/test slot ([AB]) is up/g)].map(([, slot]) => slot).join(' ')
    expectThat(booted === 'A A A B', `the slots that booted were ${booted}`)
    let expected = initialState
    for (let boot = 0; boot < 4; boot++) expected = chooseSlot(expected).state
    expected = markGood(expected, 'B')
    const { state } = readState(await readStateCopies(disk))
    const words = ({ order, left }: BootState) => `${order.join(' ')} A=${left.A} B=${left.B}`
    expectThat(
      words(state) === words(expected),
      `the disk says ${words(state)}, the model ${words(expected)}`,
    )
    return `${booted} in ${seconds(startedAtMs)}; order and attempts as the model says`
  },
}

/** Each cut falls anywhere in U-Boot, in the kernel, while the state is written or while the other slot is. */
const powerCuts: FirmwareCase = {
  name: `${CUTS} power cuts (SIGKILL of QEMU) at random moments of slot switching: it always boots`,
  needs: [],
  async run(bench) {
    const disk = await busyboxDisk(bench, 'cuts', { A: 'switch', B: 'switch' })
    const phases = new Map<string, number>()
    let switches = 0
    let slowestMs = 0
    for (let cut = 0; cut < CUTS; cut++) {
      const machine = startMachine(arm64Machine(bench.tools, { disk, memoryMib: MEMORY_MIB }))
      const startedAtMs = performance.now()
      try {
        await machine.waitFor(/test slot [AB] is up/, BOOT_DEADLINE_MS)
        const bootMs = performance.now() - startedAtMs
        slowestMs = Math.max(slowestMs, bootMs)
        // A switch and the boot after it take about twice the time of a boot.
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 2 * bootMs))
      } finally {
        await machine.kill()
      }
      switches += [...machine.serial().matchAll(/switched to/g)].length
      const phase = phaseOf(machine.serial())
      phases.set(phase, (phases.get(phase) ?? 0) + 1)
      const { copy } = readState(await readStateCopies(disk))
      expectThat(
        copy !== undefined,
        `after cut ${cut + 1} (${phase}) neither copy of the boot state is whole`,
      )
    }
    const last = startMachine(arm64Machine(bench.tools, { disk, memoryMib: MEMORY_MIB }))
    try {
      await last.waitFor(/test slot [AB] is up/, BOOT_DEADLINE_MS)
    } finally {
      await last.kill()
    }
    const where = [...phases].map(([phase, count]) => `${count} ${phase}`).join(', ')
    return `booted after every one of ${CUTS} cuts (${where}); ${switches} switches; slowest boot ${(slowestMs / 1000).toFixed(1)} s`
  },
}

/** Where a cut fell, by the last thing the serial line said. */
function phaseOf(serial: string): string {
  const last = [...serial.matchAll(/U-Boot 20|Starting kernel|is up|writes slot|switched to/g)].at(-1)?.[0]
  switch (last) {
    case 'writes slot':
      return 'while the other slot was written'
    case 'switched to':
      return 'while restarting'
    case 'is up':
      return 'while the state was written'
    default:
      return 'in U-Boot or the kernel'
  }
}

async function busyboxDisk(
  bench: Bench,
  name: string,
  behaviors: Parameters<typeof makeBusyboxDisk>[3],
): Promise<string> {
  const folder = join(bench.folder, name)
  await mkdir(folder, { recursive: true })
  return (await makeBusyboxDisk(bench.tools, bench.busybox, folder, behaviors)).disk
}

export const selectionCases: readonly FirmwareCase[] = [fallback, powerCuts]
