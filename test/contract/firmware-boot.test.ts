import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chooseSlot, initialState, markGood, readState } from '../../firmware-image/src/boot/state.ts'
import { readStateCopies } from '../../firmware-image/src/disk/state-copies.ts'
import { arm64Machine } from '../../firmware-image/src/machine/arm64.ts'
import { makeBusyboxDisk } from '../../firmware-image/src/machine/busybox-disk.ts'
import { startMachine } from '../../firmware-image/src/machine/machine.ts'
import { findTestKit, testKitCommand } from '../../firmware-image/src/machine/test-kit.ts'

const kit = findTestKit(process.env)
if (kit === undefined)
  process.stderr.write(`not tested: the firmware image's boot; to test it, run: ${testKitCommand}\n`)

describe.skipIf(kit === undefined)('U-Boot with our script, on QEMU’s arm64 board', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'proactive-boot-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('tries a slot that never confirms itself three times, then boots the other one', {
    timeout: 180_000,
  }, async () => {
    if (kit === undefined) return
    const { disk } = await makeBusyboxDisk(kit.tools, kit.busybox, folder, { A: 'ignore', B: 'confirm' })
    const machine = startMachine(arm64Machine(kit.tools, { disk, memoryMib: 512, processors: 1 }))
    try {
      await machine.waitFor(/test slot B is good/, 150_000)
      await machine.ended
    } finally {
      await machine.kill()
    }
    const booted = [...machine.serial().matchAll(/test slot ([AB]) is up/g)].map(([, slot]) => slot)
    expect(booted).toEqual(['A', 'A', 'A', 'B'])

    // The script and our model of it agree: four choices and one confirmation later the disk says the same.
    let expected = initialState
    for (const slot of booted) {
      const choice = chooseSlot(expected)
      expect(choice.slot).toBe(slot)
      expected = { ...choice.state, sequence: choice.state.sequence + 1 }
    }
    expected = { ...markGood(expected, 'B'), sequence: expected.sequence + 1 }
    expect(readState(await readStateCopies(disk)).state).toEqual(expected)
  })
})
