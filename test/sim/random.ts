/** Chance that can be repeated: the same seed gives the same world, whatever the machine. */
export interface SeededRandom {
  /** 0 ≤ value < 1. */
  next(): number
  /** Whether something of this probability (0..1) happens now. */
  happens(probability: number): boolean
  /** A number between the two, evenly spread. */
  between(from: number, to: number): number
  /** A whole number below `count`. */
  below(count: number): number
  /** @throws RangeError where there is nothing to pick from. */
  pick<T>(items: readonly T[]): T
  /** Log-normal value: half of them lie below the median; `sigma` is the spread of its logarithm. */
  logNormal(median: number, sigma: number): number
}

/** Makes a source of chance from text. Generator: sfc32 by Chris Doty-Humphrey (PractRand), 128 bits of state. */
export function createRandom(seed: string): SeededRandom {
  let [a, b, c, counter] = fourWords(seed)

  function next(): number {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return (sum >>> 0) / 4_294_967_296
  }
  // The first values still show the seed's own pattern.
  for (let round = 0; round < 12; round++) next()

  /** Box–Muller; its second value serves the next call. */
  let spare: number | undefined
  function gauss(): number {
    if (spare !== undefined) {
      const value = spare
      spare = undefined
      return value
    }
    const radius = Math.sqrt(-2 * Math.log(1 - next()))
    const angle = 2 * Math.PI * next()
    spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }

  return {
    next,
    happens: (probability) => probability > 0 && next() < probability,
    between: (from, to) => from + (to - from) * next(),
    below: (count) => Math.floor(next() * count),
    pick<T>(items: readonly T[]): T {
      if (items.length === 0) throw new RangeError('nothing to pick from')
      return items[Math.floor(next() * items.length)] as T
    },
    logNormal: (median, sigma) => median * Math.exp(sigma * gauss()),
  }
}

/** Four well-mixed 32-bit words of a text (FNV-1a with four starts, finished as in MurmurHash3). */
function fourWords(text: string): [number, number, number, number] {
  const word = (start: number): number => {
    let hash = start
    for (let index = 0; index < text.length; index++) {
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
    }
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    return (hash ^ (hash >>> 16)) | 0
  }
  return [word(0x811c9dc5 | 0), word(0x9e3779b9 | 0), word(0x7f4a7c15), word(0x51ed270b)]
}
