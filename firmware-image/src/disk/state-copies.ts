import { open } from 'node:fs/promises'
import type { BootState, StateCopies } from '../boot/state.ts'
import { planWrite } from '../boot/state.ts'
import { STATE_BYTES, STATE_OFFSETS } from './layout.ts'

/** Reads both copies of the boot state from a disk or its image. */
export async function readStateCopies(disk: string): Promise<StateCopies> {
  const file = await open(disk, 'r')
  try {
    const read = async (offset: number) => {
      const copy = Buffer.alloc(STATE_BYTES)
      await file.read(copy, 0, STATE_BYTES, offset)
      return copy
    }
    return [await read(STATE_OFFSETS[0]), await read(STATE_OFFSETS[1])]
  } finally {
    await file.close()
  }
}

/** Changes the boot state the way boot script and appliance do: over the older copy. */
export async function changeState(disk: string, change: (state: BootState) => BootState): Promise<void> {
  const { copy, bytes } = planWrite(await readStateCopies(disk), change)
  const file = await open(disk, 'r+')
  try {
    await file.write(bytes, 0, bytes.length, STATE_OFFSETS[copy])
    await file.sync()
  } finally {
    await file.close()
  }
}
