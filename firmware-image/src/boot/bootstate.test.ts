import { execFile } from 'node:child_process'
import {
  closeSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MIB, STATE_BYTES, STATE_OFFSETS } from '../disk/layout.ts'
import { type BootState, encodeState, initialState, readState, type StateCopies } from './state.ts'

const script = join(import.meta.dirname, '../../overlay/common/usr/lib/proactive/bootstate')
const run = promisify(execFile)

describe('bootstate, RAUC’s hand on the boot state', () => {
  let folder: string
  let disk: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'proactive-bootstate-'))
    disk = join(folder, 'disk')
    writeFileSync(disk, '')
    truncateSync(disk, 4 * MIB)
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const bootstate = async (...args: string[]) => {
    const env = { ...process.env, PROACTIVE_DISK: disk, TMPDIR: folder }
    return (await run('sh', [script, ...args], { env })).stdout.trim()
  }
  const put = (copy: 0 | 1, bytes: Buffer) => {
    const file = openSync(disk, 'r+')
    writeSync(file, bytes, 0, bytes.length, STATE_OFFSETS[copy])
    closeSync(file)
  }
  const copies = (): StateCopies => {
    const file = openSync(disk, 'r')
    const [first, second] = [Buffer.alloc(STATE_BYTES), Buffer.alloc(STATE_BYTES)]
    readSync(file, first, 0, STATE_BYTES, STATE_OFFSETS[0])
    readSync(file, second, 0, STATE_BYTES, STATE_OFFSETS[1])
    closeSync(file)
    return [first, second]
  }
  const state = (): BootState => readState(copies()).state

  it('makes an update boot next, and marks it bad and good, in the form U-Boot reads', async () => {
    put(0, encodeState(initialState))
    expect(await bootstate('get-primary')).toBe('A')
    await bootstate('set-state', 'B', 'bad')
    expect(state()).toEqual({ sequence: 2, order: ['A', 'B'], left: { A: 3, B: 0 } })
    expect(await bootstate('get-state', 'B')).toBe('bad')
    await bootstate('set-primary', 'B')
    expect(state()).toEqual({ sequence: 3, order: ['B', 'A'], left: { A: 3, B: 3 } })
    expect(await bootstate('get-primary')).toBe('B')
    put(1, encodeState({ sequence: 9, order: ['B', 'A'], left: { A: 3, B: 1 } }))
    await bootstate('set-state', 'B', 'good')
    expect(state()).toEqual({ sequence: 10, order: ['B', 'A'], left: { A: 3, B: 3 } })
  })

  it('writes over the older copy only, and nothing at all when nothing changes', async () => {
    put(0, encodeState({ ...initialState, sequence: 0x1f }))
    put(1, encodeState({ ...initialState, sequence: 0x1e }))
    const [first] = copies()
    await bootstate('set-state', 'A', 'bad')
    expect(copies()[0]).toEqual(first)
    expect(state().sequence).toBe(0x20)
    const before = copies()
    await bootstate('set-state', 'A', 'bad')
    expect(copies()).toEqual(before)
  })

  it('goes on with the other copy when one is torn, and from the factory state when both are', async () => {
    put(0, encodeState({ sequence: 4, order: ['B', 'A'], left: { A: 2, B: 3 } }))
    put(1, encodeState({ sequence: 5, order: ['A', 'B'], left: { A: 0, B: 0 } }).fill(1, 100, 600))
    expect(await bootstate('get-primary')).toBe('B')
    put(0, Buffer.alloc(STATE_BYTES, 7))
    expect(await bootstate('show')).toBe('order A B, boots left A=3 B=3, sequence 1, copy none')
    await bootstate('set-primary', 'B')
    expect(state()).toEqual({ sequence: 2, order: ['B', 'A'], left: { A: 3, B: 3 } })
  })

  it.each([
    [['set-primary', 'C'], 'there is no slot'],
    [['set-state', 'A', 'fine'], 'good or bad'],
    [['halt'], 'unknown command'],
  ])('refuses %j in one sentence', async (args, sentence) => {
    await expect(bootstate(...args)).rejects.toThrow(sentence)
    expect(state()).toEqual(initialState)
  })
})
