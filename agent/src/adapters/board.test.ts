import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { parseThrottled, readBoard } from './board.ts'

describe('the board', () => {
  const folders: string[] = []
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
  })
  /** A /sys as a Raspberry Pi 4 has it. */
  function sys(files: Readonly<Record<string, string>>): string {
    const folder = mkdtempSync(join(tmpdir(), 'board-'))
    folders.push(folder)
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), content)
    }
    return folder
  }

  it('tells heat, voltage, the card’s wear and the speed of its sockets', () => {
    const folder = sys({
      'class/thermal/thermal_zone0/temp': '61835\n',
      'devices/platform/soc/soc:firmware/get_throttled': '50005\n',
      'block/mmcblk0/stat': '10 0 20 30 40 50 2048 60 0 70 80\n',
      'block/mmcblk0/device/life_time': '0x01 0x03\n',
      'class/net/eth0/device/uevent': '',
      'class/net/eth0/speed': '100\n',
      'class/net/eth0/duplex': 'half\n',
      'class/net/lo/speed': '',
    })
    expect(readBoard(folder)).toEqual({
      temperatureC: 61.835,
      power: { isNow: ['under-voltage', 'throttled'], hasBeen: ['under-voltage', 'throttled'] },
      card: { name: 'mmcblk0', writtenBytes: 1_048_576, lifeUsedRatio: 0.3 },
      links: [{ name: 'eth0', speedMbit: 100, isFullDuplex: false }],
    })
  })

  it('tells nothing on a machine that has none of it', () => {
    expect(readBoard(sys({ 'class/net/eth0/speed': '-1' }))).toEqual({
      ...{ temperatureC: null, power: null, card: null, links: [] },
    })
    expect(readBoard('/nowhere').card).toBeNull()
  })

  it.each([
    ['0', [], []],
    ['throttled=0x80000', [], ['too-hot']],
    ['f', ['under-voltage', 'frequency-capped', 'throttled', 'too-hot'], []],
  ])('reads %s of the firmware', (value, isNow, hasBeen) => {
    expect(parseThrottled(value)).toEqual({ isNow, hasBeen })
  })
})
