import { describe, expect, it } from 'vitest'
import { createLayout, DISK_ID, MIB, partUuid, SECTOR_BYTES, STATE_BYTES, STATE_OFFSETS } from './layout.ts'
import { decodeMbr, encodeMbr } from './mbr.ts'

const layout = createLayout({ bootMib: 128, slotMib: 640, dataMib: 64 })

describe('the partition table', () => {
  it('names boot, root A, root B and data, and its disk by our id', () => {
    const { diskId, entries } = decodeMbr(encodeMbr(layout))
    expect(diskId).toBe(DISK_ID)
    expect(entries.map((entry) => [entry.isBootable, entry.type])).toEqual([
      [true, 0x0c],
      [false, 0x83],
      [false, 0x83],
      [false, 0x83],
    ])
    expect(entries.map((entry) => entry.startSector * SECTOR_BYTES)).toEqual(
      layout.partitions.map((p) => p.start),
    )
    expect(entries.map((entry) => entry.sectors * SECTOR_BYTES)).toEqual(layout.partitions.map((p) => p.size))
  })

  it('leaves no byte to two owners', () => {
    const areas = [
      { start: 0, size: SECTOR_BYTES },
      ...STATE_OFFSETS.map((start) => ({ start, size: STATE_BYTES })),
      ...layout.partitions,
    ]
    const ends = areas.map(({ start, size }) => start + size)
    areas.slice(1).forEach(({ start }, index) => {
      expect(start).toBeGreaterThanOrEqual(ends[index] ?? 0)
    })
    expect(ends.at(-1)).toBe(layout.size)
    expect(layout.partitions.every(({ start }) => start % MIB === 0)).toBe(true)
  })

  it('gives partitions the name Linux derives from disk id and number', () => {
    expect(layout.partitions.map(partUuid)).toEqual([
      '50524f41-01',
      '50524f41-02',
      '50524f41-03',
      '50524f41-04',
    ])
  })

  it('refuses a sector without the mark of a partition table', () => {
    expect(() => decodeMbr(Buffer.alloc(SECTOR_BYTES))).toThrow('no partition table')
  })
})
