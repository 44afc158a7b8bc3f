/**
 * QR codes (ISO/IEC 18004) for texts of up to 858 bytes: byte mode, error correction level L, versions 1 to 20.
 * Own code because a claim token must never leave the page for an image service, and 150 lines weigh less than a library.
 */
const eccPerBlock = [7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28]
const blockCounts = [1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8]

/** Rows of modules, true = dark. @throws RangeError for a text that is too long. */
export function encodeQr(text: string): boolean[][] {
  const bytes = new TextEncoder().encode(text)
  for (let version = 1; version <= eccPerBlock.length; version++) {
    const ecc = eccPerBlock[version - 1] ?? 0
    const blocks = blockCounts[version - 1] ?? 1
    const capacity = Math.floor(rawModules(version) / 8) - ecc * blocks
    const lengthBits = version < 10 ? 8 : 16
    if (4 + lengthBits + bytes.length * 8 > capacity * 8) continue
    const data = toDataCodewords(bytes, lengthBits, capacity)
    return draw(version, interleave(data, version, ecc, blocks))
  }
  throw new RangeError('the text is too long for a QR code')
}

/** Modules that carry data or error correction, before they are cut into bytes. */
function rawModules(version: number): number {
  let modules = (16 * version + 128) * version + 64
  if (version >= 2) {
    const aligned = Math.floor(version / 7) + 2
    modules -= (25 * aligned - 10) * aligned - 55
    if (version >= 7) modules -= 36
  }
  return modules
}

function toDataCodewords(bytes: Uint8Array, lengthBits: number, capacity: number): number[] {
  const bits: number[] = []
  const push = (value: number, count: number) => {
    for (let index = count - 1; index >= 0; index--) bits.push((value >>> index) & 1)
  }
  push(0b0100, 4)
  push(bytes.length, lengthBits)
  for (const byte of bytes) push(byte, 8)
  push(0, Math.min(4, capacity * 8 - bits.length))
  while (bits.length % 8 !== 0) bits.push(0)
  const codewords: number[] = []
  for (let index = 0; index < bits.length; index += 8)
    codewords.push(bits.slice(index, index + 8).reduce((value, bit) => (value << 1) | bit, 0))
  for (let pad = 0xec; codewords.length < capacity; pad ^= 0xec ^ 0x11) codewords.push(pad)
  return codewords
}

/** Cuts the data into blocks, adds each block's error correction, and weaves them (§7.6). */
function interleave(data: readonly number[], version: number, ecc: number, blocks: number): number[] {
  const total = Math.floor(rawModules(version) / 8)
  const shortBlocks = blocks - (total % blocks)
  const shortData = Math.floor(total / blocks) - ecc
  const divisor = rsDivisor(ecc)
  const parts: { data: number[]; ecc: number[] }[] = []
  let at = 0
  for (let index = 0; index < blocks; index++) {
    const part = data.slice(at, at + shortData + (index < shortBlocks ? 0 : 1))
    at += part.length
    parts.push({ data: part, ecc: rsRemainder(part, divisor) })
  }
  const woven: number[] = []
  const weave = (lists: readonly (readonly number[])[]) => {
    const longest = Math.max(...lists.map((list) => list.length))
    for (let index = 0; index < longest; index++)
      for (const list of lists) {
        const value = list[index]
        if (value !== undefined) woven.push(value)
      }
  }
  weave(parts.map((part) => part.data))
  weave(parts.map((part) => part.ecc))
  return woven
}

/** Product in GF(2^8) modulo 0x11d. */
export function multiply(a: number, b: number): number {
  let product = 0
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d)
    product ^= ((b >>> bit) & 1) * a
  }
  return product
}

function rsDivisor(degree: number): number[] {
  const result: number[] = Array.from({ length: degree }, (_, index) => (index === degree - 1 ? 1 : 0))
  let root = 1
  for (let round = 0; round < degree; round++) {
    for (let index = 0; index < degree; index++)
      result[index] = multiply(result[index] ?? 0, root) ^ (result[index + 1] ?? 0)
    root = multiply(root, 2)
  }
  return result
}

function rsRemainder(data: readonly number[], divisor: readonly number[]): number[] {
  const result: number[] = divisor.map(() => 0)
  for (const byte of data) {
    const factor = byte ^ (result.shift() ?? 0)
    result.push(0)
    divisor.forEach((coefficient, index) => {
      result[index] = (result[index] ?? 0) ^ multiply(coefficient, factor)
    })
  }
  return result
}

const masks: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_x, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
]

function draw(version: number, codewords: readonly number[]): boolean[][] {
  const size = version * 4 + 17
  const candidates = masks.map((mask, number) => {
    const { modules, isFixed } = drawPatterns(version, size, number)
    placeData(modules, isFixed, codewords, mask)
    return modules
  })
  return candidates.reduce((best, next) => (penalty(next) < penalty(best) ? next : best))
}

/** Finders, timing, alignment, format and version; what is fixed takes no data. */
function drawPatterns(version: number, size: number, mask: number) {
  const modules = Array.from({ length: size }, () => new Array<boolean>(size).fill(false))
  const isFixed = Array.from({ length: size }, () => new Array<boolean>(size).fill(false))
  const set = (x: number, y: number, isDark: boolean) => {
    const row = modules[y]
    const fixedRow = isFixed[y]
    if (row === undefined || fixedRow === undefined || x < 0 || x >= size) return
    row[x] = isDark
    fixedRow[x] = true
  }
  for (let index = 0; index < size; index++) {
    set(6, index, index % 2 === 0)
    set(index, 6, index % 2 === 0)
  }
  for (const [middleX, middleY] of [
    [3, 3],
    [size - 4, 3],
    [3, size - 4],
  ] as const)
    for (let dy = -4; dy <= 4; dy++)
      for (let dx = -4; dx <= 4; dx++) {
        const ring = Math.max(Math.abs(dx), Math.abs(dy))
        set(middleX + dx, middleY + dy, ring !== 2 && ring !== 4)
      }
  const positions = alignmentPositions(version, size)
  const last = positions.length - 1
  positions.forEach((x, column) => {
    positions.forEach((y, row) => {
      const isFinder = (column === 0 && (row === 0 || row === last)) || (column === last && row === 0)
      if (isFinder) return
      for (let dy = -2; dy <= 2; dy++)
        for (let dx = -2; dx <= 2; dx++) set(x + dx, y + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1)
    })
  })
  const format = formatBits(mask)
  const bit = (value: number, index: number) => ((value >>> index) & 1) === 1
  for (let index = 0; index < 15; index++) {
    const isDark = bit(format, index)
    if (index < 6) set(8, index, isDark)
    else if (index < 8) set(8, index + 1, isDark)
    else if (index === 8) set(7, 8, isDark)
    else set(14 - index, 8, isDark)
    if (index < 8) set(size - 1 - index, 8, isDark)
    else set(8, size - 15 + index, isDark)
  }
  set(8, size - 8, true)
  if (version >= 7) {
    const bits = versionBits(version)
    for (let index = 0; index < 18; index++) {
      const a = size - 11 + (index % 3)
      const b = Math.floor(index / 3)
      set(a, b, bit(bits, index))
      set(b, a, bit(bits, index))
    }
  }
  return { modules, isFixed }
}

function alignmentPositions(version: number, size: number): number[] {
  if (version === 1) return []
  const count = Math.floor(version / 7) + 2
  const step = Math.floor((version * 8 + count * 3 + 5) / (count * 4 - 4)) * 2
  return [6, ...Array.from({ length: count - 1 }, (_, index) => size - 7 - (count - 2 - index) * step)]
}

/** Level L and the mask, guarded by a BCH code (§7.9). */
export function formatBits(mask: number): number {
  const data = (1 << 3) | mask
  let rest = data
  for (let round = 0; round < 10; round++) rest = (rest << 1) ^ ((rest >>> 9) * 0x537)
  return ((data << 10) | rest) ^ 0x5412
}

/** The version, guarded by a Golay code (§7.10). */
export function versionBits(version: number): number {
  let rest = version
  for (let round = 0; round < 12; round++) rest = (rest << 1) ^ ((rest >>> 11) * 0x1f25)
  return (version << 12) | rest
}

/** Zigzag from the lower right, two columns at a time, around what is fixed (§7.7.3). */
function placeData(
  modules: boolean[][],
  isFixed: readonly (readonly boolean[])[],
  codewords: readonly number[],
  mask: (x: number, y: number) => boolean,
): void {
  const size = modules.length
  let next = 0
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5
    for (let step = 0; step < size; step++)
      for (const x of [right, right - 1]) {
        const isUpward = ((right + 1) & 2) === 0
        const y = isUpward ? size - 1 - step : step
        const row = modules[y]
        if (row === undefined || isFixed[y]?.[x]) continue
        const isDark = (((codewords[next >>> 3] ?? 0) >>> (7 - (next & 7))) & 1) === 1
        row[x] = isDark !== mask(x, y)
        next += 1
      }
  }
}

/** Long runs and solid squares make a code harder to read; the mask with the fewest wins (§7.8.3, two of its rules). */
function penalty(modules: readonly (readonly boolean[])[]): number {
  const size = modules.length
  const at = (x: number, y: number) => modules[y]?.[x]
  let sum = 0
  for (let line = 0; line < size; line++)
    for (const isRow of [true, false]) {
      let run = 0
      for (let index = 0; index < size; index++) {
        const same =
          index > 0 &&
          (isRow ? at(index, line) === at(index - 1, line) : at(line, index) === at(line, index - 1))
        run = same ? run + 1 : 1
        if (run === 5) sum += 3
        else if (run > 5) sum += 1
      }
    }
  for (let y = 1; y < size; y++)
    for (let x = 1; x < size; x++) {
      const colour = at(x, y)
      if (colour === at(x - 1, y) && colour === at(x, y - 1) && colour === at(x - 1, y - 1)) sum += 3
    }
  return sum
}
