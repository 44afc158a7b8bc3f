import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Board, PowerFault } from '../ports/index.ts'

/** Bits of the firmware's `get_throttled` (Raspberry Pi documentation, vcgencmd); the same 16 bits higher mean "has been". */
const powerBits: readonly PowerFault[] = ['under-voltage', 'frequency-capped', 'throttled', 'too-hot']
const hasBeenShift = 16
/** /sys/block/…/stat counts in these (Documentation/block/stat.rst). */
const sectorBytes = 512

/** Reads /sys; never throws. @param sys where that is mounted */
export function readBoard(sys = '/sys'): Board {
  return {
    temperatureC: scaled(text(join(sys, 'class/thermal/thermal_zone0/temp')), 1_000),
    power: parseThrottled(text(join(sys, 'devices/platform/soc/soc:firmware/get_throttled'))),
    card: readCard(sys),
    links: readLinks(sys),
  }
}

/** The firmware's number, hexadecimal: which faults are there now, and which have been. */
export function parseThrottled(value: string | undefined): Board['power'] {
  const bits = value === undefined ? Number.NaN : Number.parseInt(value.trim().replace(/^throttled=/, ''), 16)
  if (Number.isNaN(bits)) return null
  const pick = (shift: number) => powerBits.filter((_, bit) => (bits >> (bit + shift)) & 1)
  return { isNow: pick(0), hasBeen: pick(hasBeenShift) }
}

function readCard(sys: string): Board['card'] {
  const name = names(join(sys, 'block')).find((one) => /^mmcblk\d$/.test(one))
  if (name === undefined) return null
  const folder = join(sys, 'block', name)
  const sectors = Number(text(join(folder, 'stat'))?.trim().split(/\s+/)[6] ?? Number.NaN)
  if (Number.isNaN(sectors)) return null
  // JEDEC 5.1, EXT_CSD 268 and 269: 0x01 = up to 10 % used … 0x0b = beyond its life; the worse of the two areas counts.
  const steps = (text(join(folder, 'device/life_time')) ?? '').trim().split(/\s+/).map(Number)
  const worst = Math.max(0, ...steps.filter((step) => Number.isInteger(step) && step <= 11))
  return { name, writtenBytes: sectors * sectorBytes, lifeUsedRatio: worst === 0 ? null : worst / 10 }
}

function readLinks(sys: string): Board['links'] {
  const folder = join(sys, 'class/net')
  return names(folder).flatMap((name) => {
    // Only what has a device behind it is a socket that a cable goes into.
    if (!existsSync(join(folder, name, 'device'))) return []
    const speedMbit = Number(text(join(folder, name, 'speed')) ?? Number.NaN)
    if (!(speedMbit > 0)) return []
    return [{ name, speedMbit, isFullDuplex: text(join(folder, name, 'duplex'))?.trim() !== 'half' }]
  })
}

function scaled(value: string | undefined, by: number): number | null {
  const number = Number(value ?? Number.NaN)
  return Number.isNaN(number) ? null : number / by
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

function text(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
