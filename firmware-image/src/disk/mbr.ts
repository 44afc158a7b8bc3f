import { DISK_ID, type DiskLayout, SECTOR_BYTES } from './layout.ts'

const ID_AT = 440
const TABLE_AT = 446
const ENTRY_BYTES = 16
const BOOTABLE = 0x80
/** Cylinder, head and sector of a partition too far away for them; everything reads the sector numbers instead. */
const BEYOND_CHS = [0xfe, 0xff, 0xff] as const

/** One row of the partition table. */
export interface MbrEntry {
  readonly isBootable: boolean
  readonly type: number
  readonly startSector: number
  readonly sectors: number
}

export interface Mbr {
  readonly diskId: number
  readonly entries: readonly MbrEntry[]
}

/** The first sector of the disk: disk id and four primary partitions, no boot code (the machines we boot have none). */
export function encodeMbr(layout: DiskLayout): Buffer {
  const sector = Buffer.alloc(SECTOR_BYTES)
  sector.writeUInt32LE(DISK_ID, ID_AT)
  for (const { number, start, size, type } of layout.partitions) {
    const at = TABLE_AT + (number - 1) * ENTRY_BYTES
    sector[at] = number === 1 ? BOOTABLE : 0
    sector.set(BEYOND_CHS, at + 1)
    sector[at + 4] = type
    sector.set(BEYOND_CHS, at + 5)
    sector.writeUInt32LE(start / SECTOR_BYTES, at + 8)
    sector.writeUInt32LE(size / SECTOR_BYTES, at + 12)
  }
  sector.writeUInt16LE(0xaa55, 510)
  return sector
}

/** @throws Error when the sector carries no partition table */
export function decodeMbr(sector: Buffer): Mbr {
  if (sector.length < SECTOR_BYTES || sector.readUInt16LE(510) !== 0xaa55)
    throw new Error('the first sector carries no partition table')
  const entries = [0, 1, 2, 3].map((index) => {
    const at = TABLE_AT + index * ENTRY_BYTES
    return {
      isBootable: sector[at] === BOOTABLE,
      type: sector.readUInt8(at + 4),
      startSector: sector.readUInt32LE(at + 8),
      sectors: sector.readUInt32LE(at + 12),
    }
  })
  return { diskId: sector.readUInt32LE(ID_AT), entries }
}
