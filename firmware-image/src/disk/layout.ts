/** Where everything lies on the card. Sizes are bytes; every start is a whole number of MiB, so that cards need no read-modify-write. */

export const SECTOR_BYTES = 512
export const MIB = 1024 * 1024

/**
 * The MBR's disk id. Partitions are named by it and their number (`PARTUUID=50524f41-02`): the UUIDs of the file systems
 * of slot A and slot B are equal, because both are written from the same image.
 */
export const DISK_ID = 0x50524f41

/** The two copies of the boot state, before the first partition: see `boot/state.ts`. */
export const STATE_BYTES = 4096
export const STATE_OFFSETS = [1 * MIB, 2 * MIB] as const

export type PartitionName = 'boot' | 'rootA' | 'rootB' | 'data'

export interface Partition {
  readonly name: PartitionName
  /** As Linux and U-Boot count them. */
  readonly number: 1 | 2 | 3 | 4
  readonly start: number
  readonly size: number
  /** MBR type byte: 0x0c FAT32 with LBA (all that a Pi 3's boot ROM reads), 0x83 Linux. */
  readonly type: 0x0c | 0x83
}

export interface DiskSizes {
  readonly bootMib: number
  readonly slotMib: number
  readonly dataMib: number
}

export interface DiskLayout {
  readonly partitions: readonly [Partition, Partition, Partition, Partition]
  /** Size of the image; on a larger card the data partition grows at the first boot. */
  readonly size: number
}

const FIRST_PARTITION_MIB = 8

/** MBR with four primary partitions: boot, root A, root B, data. */
export function createLayout({ bootMib, slotMib, dataMib }: DiskSizes): DiskLayout {
  const at = (startMib: number, sizeMib: number) => ({ start: startMib * MIB, size: sizeMib * MIB })
  const aMib = FIRST_PARTITION_MIB + bootMib
  const bMib = aMib + slotMib
  const dataStartMib = bMib + slotMib
  return {
    partitions: [
      { name: 'boot', number: 1, type: 0x0c, ...at(FIRST_PARTITION_MIB, bootMib) },
      { name: 'rootA', number: 2, type: 0x83, ...at(aMib, slotMib) },
      { name: 'rootB', number: 3, type: 0x83, ...at(bMib, slotMib) },
      { name: 'data', number: 4, type: 0x83, ...at(dataStartMib, dataMib) },
    ],
    size: (dataStartMib + dataMib) * MIB,
  }
}

export function partitionOf(layout: DiskLayout, name: PartitionName): Partition {
  const found = layout.partitions.find((partition) => partition.name === name)
  if (found === undefined) throw new Error(`the layout has no partition ${name}`)
  return found
}

/** The name Linux knows a partition by, whatever disk it is on. */
export const partUuid = (partition: Partition): string =>
  `${DISK_ID.toString(16)}-${String(partition.number).padStart(2, '0')}`
