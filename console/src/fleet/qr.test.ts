import { describe, expect, it } from 'vitest'
import { encodeQr, formatBits, multiply, versionBits } from './qr.ts'

/** Data and error correction of a one-block code, read back from the modules as a scanner does. */
function readCodewords(modules: boolean[][]): number[] {
  const size = modules.length
  const dark = (x: number, y: number) => modules[y]?.[x] === true
  // Format next to the upper left finder: 15 bits, then mask number in bits 10–12 after the fixed mask is taken off.
  let format = 0
  for (let i = 0; i < 15; i++) {
    const [x, y] = i < 6 ? [8, i] : i < 8 ? [8, i + 1] : i === 8 ? [7, 8] : [14 - i, 8]
    if (dark(x ?? 0, y ?? 0)) format |= 1 << i
  }
  const mask = ((format ^ 0x5412) >>> 10) & 7
  expect(formatBits(mask)).toBe(format)
  const masked = [
    (x: number, y: number) => (x + y) % 2 === 0,
    (_x: number, y: number) => y % 2 === 0,
    (x: number) => x % 3 === 0,
    (x: number, y: number) => (x + y) % 3 === 0,
    (x: number, y: number) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
    (x: number, y: number) => ((x * y) % 2) + ((x * y) % 3) === 0,
    (x: number, y: number) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
    (x: number, y: number) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
  ][mask]
  const isFixed = (x: number, y: number) =>
    x === 6 ||
    y === 6 ||
    (x < 9 && y < 9) ||
    (x >= size - 8 && y < 9) ||
    (x < 9 && y >= size - 8) ||
    (size > 21 && x >= size - 9 && x <= size - 5 && y >= size - 9 && y <= size - 5)
  const bits: number[] = []
  let isUpward = true
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right -= 1
    for (let step = 0; step < size; step++) {
      const y = isUpward ? size - 1 - step : step
      for (const x of [right, right - 1]) if (!isFixed(x, y)) bits.push(Number(dark(x, y) !== masked?.(x, y)))
    }
    isUpward = !isUpward
  }
  const words: number[] = []
  for (let i = 0; i + 8 <= bits.length; i += 8)
    words.push(bits.slice(i, i + 8).reduce((v, b) => v * 2 + b, 0))
  return words
}

describe('QR codes', () => {
  it('carry the published format and version words', () => {
    expect(formatBits(0).toString(2)).toBe('111011111000100')
    expect(versionBits(7)).toBe(0x07c94)
  })

  it.each([
    ['proactive', 21, 26],
    ['a claim token with more in it', 25, 44],
  ])('of %j read back as written, with error correction that fits', (text, size, total) => {
    const modules = encodeQr(text)
    expect(modules).toHaveLength(size)
    const words = readCodewords(modules).slice(0, total)
    const bits = words.map((word) => word.toString(2).padStart(8, '0')).join('')
    expect(bits.slice(0, 4)).toBe('0100')
    const length = Number.parseInt(bits.slice(4, 12), 2)
    const bytes = Array.from({ length }, (_, i) => Number.parseInt(bits.slice(12 + i * 8, 20 + i * 8), 2))
    expect(new TextDecoder().decode(new Uint8Array(bytes))).toBe(text)
    // A code word of Reed–Solomon vanishes at the generator's roots.
    let root = 1
    for (let i = 0; i < (size === 21 ? 7 : 10); i++) {
      expect(words.reduce((sum, word) => multiply(sum, root) ^ word, 0)).toBe(0)
      root = multiply(root, 2)
    }
  })

  it('grow with the text, up to version 20', () => {
    expect(encodeQr('x'.repeat(300))).toHaveLength(61)
    expect(encodeQr('x'.repeat(858))).toHaveLength(97)
    expect(() => encodeQr('x'.repeat(859))).toThrow(RangeError)
  })
})
