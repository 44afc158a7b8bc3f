import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'

/** Lower-case RFC 4648 §6 alphabet: survives trackers that fold case, split on punctuation or compare fuzzily. */
const base32Alphabet = 'abcdefghijklmnopqrstuvwxyz234567'

/** Encodes bytes as unpadded lower-case base32 (RFC 4648 §6). */
export function base32(bytes: Uint8Array): string {
  let text = ''
  let buffer = 0
  let bits = 0
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xfff
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += base32Alphabet.charAt((buffer >> bits) & 31)
    }
  }
  return bits > 0 ? text + base32Alphabet.charAt((buffer << (5 - bits)) & 31) : text
}

/** First `length` base32 characters of SHA-256 over the parts; parts are length-prefixed, so `['a','bc']` differs from `['ab','c']`. */
export function fingerprint(parts: readonly (string | number)[], length = 26): string {
  const text = parts.map((part) => `${String(part).length}:${part}`).join('|')
  return base32(sha256(utf8ToBytes(text))).slice(0, length)
}

/** What opened an incident: the first evidence in log order. Ingest-made evidence uses its place in the log instead of a lane. */
export type EvidenceOrigin =
  | {
      readonly from: 'appliance'
      readonly applianceId: string
      readonly bootEpoch: number
      readonly lane: string
      readonly seq: number
    }
  | { readonly from: 'ingest'; readonly partition: string; readonly offset: number }

/** The parts of an incident's identity, all as first opened; later moves of cause or owner keep the key. */
export interface DedupKeyParts {
  /** Deployment name, `[a-z0-9]{1,12}`; keeps keys of test and production apart on one tracker. */
  readonly env: string
  /** Location id, or `fleet`. */
  readonly scope: string
  readonly rootId: string
  readonly faultClass: string
  readonly origin: EvidenceOrigin
}

/**
 * The stable identity of one incident, `px-<env>-<26 base32 characters>`; never reused after a close.
 * A pure function of the evidence, so reprocessing a log after a takeover gives the same keys.
 */
export function dedupKey({ env, scope, rootId, faultClass, origin }: DedupKeyParts): string {
  const place =
    origin.from === 'appliance'
      ? [origin.applianceId, origin.bootEpoch, origin.lane, origin.seq]
      : [origin.partition, origin.offset]
  return `px-${env}-${fingerprint([scope, rootId, faultClass, ...place])}`
}

/** Shape of a dedup key, for boundaries that receive one. */
export const dedupKeyPattern = /^px-[a-z0-9]{1,12}-[a-z2-7]{26}$/
