/** Mutants of known inputs, the same for the same seed: what a fuzzer feeds to a parser. */
export interface Mutations {
  next(): Buffer
}

const interesting = [0x00, 0x01, 0x7f, 0x80, 0xc0, 0xff, 0x22, 0x5b, 0x7b]

export function createMutations(seeds: readonly Uint8Array[], seed: number, maxBytes = 2_048): Mutations {
  let state = seed >>> 0 || 1
  /** xorshift32: quick, and the same everywhere. */
  const below = (limit: number): number => {
    state ^= state << 13
    state >>>= 0
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state % limit
  }
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T

  function mutate(bytes: Buffer): Buffer {
    const at = bytes.length === 0 ? 0 : below(bytes.length)
    switch (below(7)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8))
        return bytes
      case 1:
        bytes[at] = pick(interesting)
        return bytes
      case 2:
        bytes[at] = below(256)
        return bytes
      case 3:
        return bytes.subarray(0, at)
      case 4:
        return Buffer.concat([
          bytes.subarray(0, at),
          bytes.subarray(Math.min(bytes.length, at + 1 + below(8))),
        ])
      case 5: {
        const from = below(bytes.length + 1)
        return Buffer.concat([bytes.subarray(0, at), bytes.subarray(from, from + 64), bytes.subarray(at)])
      }
      default: {
        const other = pick(seeds)
        return Buffer.concat([bytes.subarray(0, at), other.subarray(below(other.length + 1))])
      }
    }
  }

  return {
    next() {
      let bytes: Buffer = Buffer.from(pick(seeds))
      for (let turn = 1 + below(3); turn > 0; turn--) bytes = mutate(bytes)
      return bytes.length > maxBytes ? bytes.subarray(0, maxBytes) : bytes
    },
  }
}
