import { type FileHandle, open } from 'node:fs/promises'
import { encodeState, initialState } from '../boot/state.ts'
import { type DiskLayout, MIB, type PartitionName, partitionOf, STATE_OFFSETS } from './layout.ts'
import { encodeMbr } from './mbr.ts'

/**
 * Writes a disk image: partition table, boot state, and the partitions' images where there are any. Areas of zeros stay
 * holes, so the file takes little more room than its content.
 */
export async function assembleDisk(
  path: string,
  layout: DiskLayout,
  imageByPartition: Readonly<Partial<Record<PartitionName, string>>>,
): Promise<void> {
  const disk = await open(path, 'w')
  try {
    await disk.truncate(layout.size)
    await disk.write(encodeMbr(layout), 0, undefined, 0)
    for (const [index, offset] of STATE_OFFSETS.entries()) {
      const copy = encodeState({ ...initialState, sequence: initialState.sequence - index })
      await disk.write(copy, 0, copy.length, offset)
    }
    for (const name of ['boot', 'rootA', 'rootB', 'data'] as const) {
      const image = imageByPartition[name]
      if (image === undefined) continue
      const partition = partitionOf(layout, name)
      await copyInto(disk, partition.start, partition.size, image)
    }
  } finally {
    await disk.close()
  }
}

async function copyInto(disk: FileHandle, start: number, size: number, image: string): Promise<void> {
  const source = await open(image, 'r')
  try {
    const { size: bytes } = await source.stat()
    if (bytes > size) throw new Error(`${image} has ${bytes} bytes; its partition has ${size}`)
    const chunk = Buffer.alloc(MIB)
    const zeros = Buffer.alloc(MIB)
    for (let at = 0; at < bytes; ) {
      const { bytesRead } = await source.read(chunk, 0, MIB, at)
      if (bytesRead === 0) break
      const part = chunk.subarray(0, bytesRead)
      if (!part.equals(zeros.subarray(0, bytesRead))) await disk.write(part, 0, bytesRead, start + at)
      at += bytesRead
    }
  } finally {
    await source.close()
  }
}
