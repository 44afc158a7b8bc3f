import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SECTOR_BYTES, STATE_BYTES } from '../disk/layout.ts'
import {
  type BootState,
  chooseSlot,
  decodeState,
  encodeState,
  initialState,
  makePrimary,
  markBad,
  markGood,
  planWrite,
  readState,
  type StateCopies,
} from './state.ts'

const empty = Buffer.alloc(STATE_BYTES)

const anyState: fc.Arbitrary<BootState> = fc.record({
  sequence: fc.integer({ min: 0, max: 0xfffffff }),
  order: fc.constantFrom(['A', 'B'] as const, ['B', 'A'] as const),
  left: fc.record({ A: fc.integer({ min: 0, max: 9 }), B: fc.integer({ min: 0, max: 9 }) }),
})

describe('the boot state', () => {
  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(anyState, (state) => {
        expect(decodeState(encodeState(state))).toEqual(state)
      }),
    )
  })

  it('takes a copy with any changed byte for broken', () => {
    const at = fc.integer({ min: 0, max: STATE_BYTES - 1 })
    fc.assert(
      fc.property(anyState, at, fc.integer({ min: 1, max: 255 }), (state, index, flip) => {
        const copy = encodeState(state)
        copy[index] = copy.readUInt8(index) ^ flip
        expect(decodeState(copy)).toBeUndefined()
      }),
    )
  })

  it('starts from the factory state when both copies are broken', () => {
    expect(readState([empty, empty])).toEqual({ state: initialState, copy: undefined })
  })

  it('is the old or the new one, whole, wherever a power cut ends a write', () => {
    fc.assert(
      fc.property(anyState, anyState, fc.boolean(), (before, wanted, isSecond) => {
        const old = encodeState(before)
        const copies: StateCopies = isSecond ? [empty, old] : [old, empty]
        const { copy, bytes } = planWrite(copies, () => wanted)
        for (let written = 0; written <= STATE_BYTES; written += SECTOR_BYTES) {
          const torn: [Buffer, Buffer] = [Buffer.from(copies[0]), Buffer.from(copies[1])]
          bytes.copy(torn[copy], 0, 0, written)
          const { state } = readState(torn)
          const after = { ...wanted, sequence: before.sequence + 1 }
          expect([before, after]).toContainEqual(state)
          if (written === STATE_BYTES) expect(state).toEqual(after)
        }
      }),
    )
  })
})

describe('which slot boots', () => {
  const state = (order: 'A B' | 'B A', a: number, b: number): BootState => ({
    sequence: 7,
    order: order === 'A B' ? ['A', 'B'] : ['B', 'A'],
    left: { A: a, B: b },
  })

  it.each([
    ['the preferred one', 'A B', 3, 3, 'A', 2, 3],
    ['the preferred one to its last attempt', 'A B', 1, 3, 'A', 0, 3],
    ['the other one when it has none left', 'A B', 0, 3, 'B', 0, 2],
    ['B after an update', 'B A', 3, 3, 'B', 3, 2],
    ['A again when the update never became healthy', 'B A', 3, 0, 'A', 2, 0],
    ['the preferred one, refilled, when none has any left', 'B A', 0, 0, 'B', 3, 2],
  ] as const)('%s', (_name, order, a, b, slot, aAfter, bAfter) => {
    expect(chooseSlot(state(order, a, b))).toEqual({ slot, state: state(order, aAfter, bAfter) })
  })

  it('is the old slot after three boots of an update that never confirmed itself', () => {
    let current = makePrimary(initialState, 'B')
    const booted = [1, 2, 3, 4].map(() => {
      const choice = chooseSlot(current)
      current = choice.state
      return choice.slot
    })
    expect(booted).toEqual(['B', 'B', 'B', 'A'])
  })

  it('passes over a slot that is being written', () => {
    expect(chooseSlot(markBad(state('B A', 3, 3), 'B')).slot).toBe('A')
    expect(markGood(state('A B', 0, 3), 'A')).toEqual(state('A B', 3, 3))
  })
})
