import {
  type BootState,
  chooseSlot,
  initialState,
  markGood,
  readState,
} from '../../firmware-image/src/boot/state.ts'
import { readStateCopies } from '../../firmware-image/src/disk/state-copies.ts'
import { startMachine } from '../../firmware-image/src/machine/machine.ts'
import { busyboxDisk, busyboxMachine } from './busybox.ts'
import { expectThat, type FirmwareCase, seconds } from './case.ts'
import { powerCuts } from './power-cut-case.ts'

const BOOT_DEADLINE_MS = 150_000

const fallback: FirmwareCase = {
  name: 'slot A is tried three times, then B boots (U-Boot, arm64, busybox slots)',
  needs: [],
  async run(bench) {
    const disk = await busyboxDisk(bench, 'fallback', { A: 'ignore', B: 'confirm' })
    const startedAtMs = performance.now()
    const machine = startMachine(busyboxMachine(bench, disk))
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

export const selectionCases: readonly FirmwareCase[] = [fallback, powerCuts]
