import { crc32 } from 'node:zlib'
import { STATE_BYTES } from '../disk/layout.ts'

export type Slot = 'A' | 'B'

/** A slot that never became healthy is tried this often before the other one boots. */
export const ATTEMPTS = 3

/**
 * What decides which slot boots. It lies on the disk twice, in the form U-Boot's `env import -c` reads: CRC-32 (little
 * endian), then `NAME=value` texts, each ended by a zero byte. A change is written over the older copy with the next
 * sequence number, so that a power cut while writing leaves the other copy in force.
 */
export interface BootState {
  /** Grows by one with each write; the valid copy with the larger one is in force. */
  readonly sequence: number
  /** Preferred slot first. */
  readonly order: readonly [Slot, Slot]
  /** Boots left before the slot counts as broken; marking it good fills it up again. */
  readonly left: Readonly<Record<Slot, number>>
}

export const initialState: BootState = { sequence: 1, order: ['A', 'B'], left: { A: ATTEMPTS, B: ATTEMPTS } }

export function encodeState({ sequence, order, left }: BootState): Buffer {
  const fields = [
    `BOOT_A_LEFT=${left.A}`,
    `BOOT_B_LEFT=${left.B}`,
    `BOOT_ORDER=${order.join(' ')}`,
    `BOOT_SEQ=${sequence.toString(16)}`,
  ]
  const copy = Buffer.alloc(STATE_BYTES)
  copy.write(fields.map((field) => `${field}\0`).join(''), 4, 'latin1')
  copy.writeUInt32LE(crc32(copy.subarray(4)))
  return copy
}

/** Reads one copy; undefined when it is torn, foreign or says something that cannot be. */
export function decodeState(copy: Buffer): BootState | undefined {
  if (copy.length !== STATE_BYTES || copy.readUInt32LE() !== crc32(copy.subarray(4))) return undefined
  const end = copy.indexOf('\0\0', 4, 'latin1')
  const valueByName = new Map(
    copy
      .toString('latin1', 4, end === -1 ? STATE_BYTES : end)
      .split('\0')
      .map((field) => {
        const at = field.indexOf('=')
        return [field.slice(0, at), field.slice(at + 1)] as const
      }),
  )
  const order = readOrder(valueByName.get('BOOT_ORDER'))
  const [a, b] = [readLeft(valueByName.get('BOOT_A_LEFT')), readLeft(valueByName.get('BOOT_B_LEFT'))]
  const sequence = valueByName.get('BOOT_SEQ') ?? ''
  if (order === undefined || a === undefined || b === undefined) return undefined
  if (!/^[0-9a-f]{1,8}$/.test(sequence)) return undefined
  return { sequence: Number.parseInt(sequence, 16), order, left: { A: a, B: b } }
}

function readOrder(text: string | undefined): readonly [Slot, Slot] | undefined {
  if (text === 'A B') return ['A', 'B']
  return text === 'B A' ? ['B', 'A'] : undefined
}

function readLeft(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9]$/.test(text) ? Number(text) : undefined
}

/** Both copies as they lie on the disk. */
export type StateCopies = readonly [Buffer, Buffer]

/** The copy in force, and which one it is; with two broken copies the factory's state. */
export function readState(copies: StateCopies): {
  readonly state: BootState
  readonly copy: 0 | 1 | undefined
} {
  const [first, second] = [decodeState(copies[0]), decodeState(copies[1])]
  if (first === undefined && second === undefined) return { state: initialState, copy: undefined }
  if (second === undefined || (first !== undefined && first.sequence >= second.sequence))
    return { state: first ?? initialState, copy: 0 }
  return { state: second, copy: 1 }
}

/** What a change writes, and over which copy: never over the one in force. */
export function planWrite(
  copies: StateCopies,
  change: (state: BootState) => BootState,
): { readonly copy: 0 | 1; readonly bytes: Buffer } {
  const { state, copy } = readState(copies)
  return { copy: copy === 0 ? 1 : 0, bytes: encodeState({ ...change(state), sequence: state.sequence + 1 }) }
}

export interface BootChoice {
  readonly slot: Slot
  readonly state: BootState
}

/**
 * What `boot.cmd` does at each start: the first slot in order with boots left, one less for it. When none has any left both
 * are filled up again, because trying for ever beats standing still.
 */
export function chooseSlot(state: BootState): BootChoice {
  const usable = state.order.find((slot) => state.left[slot] > 0)
  const left = usable === undefined ? { A: ATTEMPTS, B: ATTEMPTS } : state.left
  const slot = usable ?? state.order[0]
  return { slot, state: { ...state, left: { ...left, [slot]: left[slot] - 1 } } }
}

/** The slot confirmed itself: it has all its attempts again. */
export const markGood = (state: BootState, slot: Slot): BootState => ({
  ...state,
  left: { ...state.left, [slot]: ATTEMPTS },
})

/** The slot is being written or does not work: it is passed over. */
export const markBad = (state: BootState, slot: Slot): BootState => ({
  ...state,
  left: { ...state.left, [slot]: 0 },
})

/** The slot boots next, with all its attempts; the other one is what it falls back to. */
export const makePrimary = (state: BootState, slot: Slot): BootState =>
  markGood({ ...state, order: slot === 'A' ? ['A', 'B'] : ['B', 'A'] }, slot)
