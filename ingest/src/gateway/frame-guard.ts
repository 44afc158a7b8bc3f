/** Why a connection is cut before its bytes reach the broker; the `reason` label of the counter. */
export type FrameViolation =
  | 'first-packet'
  | 'length-malformed'
  | 'packet-too-large'
  | 'too-much-before-connack'

/** Follows the framing of an MQTT 3.1.1 byte stream (§2.2) without buffering or copying anything. */
export interface FrameGuard {
  /** Looks at the next bytes; a violation means that the connection must be cut and these bytes must go nowhere. */
  accept(chunk: Uint8Array): FrameViolation | undefined
  /** CONNACK was sent: the small budget of strangers no longer applies. */
  admit(): void
  /** Whether a DISCONNECT packet went by: the client said goodbye. */
  readonly hasSaidGoodbye: boolean
}

/** Bytes that may come before the sender is admitted, and in one packet later. */
export interface FrameLimits {
  readonly maxBytesBeforeConnack: number
  /** Remaining length of one packet at most. */
  readonly maxPacketBytes: number
}

const connectType = 1
const disconnectType = 14
const maxLengthBytes = 4

/** The broker has no limit of its own and would buffer 256 MB for anybody (aedes 1.2). */
export function createFrameGuard({ maxBytesBeforeConnack, maxPacketBytes }: FrameLimits): FrameGuard {
  let seen = 0
  let isAdmitted = false
  let isFirst = true
  let hasSaidGoodbye = false
  /** Bytes of the present packet's body still to come. */
  let bodyLeft = 0
  /** Bytes of the remaining-length field read so far; undefined = the next byte is a packet's first. */
  let lengthBytes: number | undefined
  let length = 0

  function endOfHeader(): FrameViolation | undefined {
    lengthBytes = undefined
    if (length > maxPacketBytes) return 'packet-too-large'
    bodyLeft = length
    return undefined
  }

  function headerByte(byte: number): FrameViolation | undefined {
    if (lengthBytes === undefined) {
      const type = byte >> 4
      if (isFirst && type !== connectType) return 'first-packet'
      isFirst = false
      if (type === disconnectType) hasSaidGoodbye = true
      lengthBytes = 0
      length = 0
      return undefined
    }
    length += (byte & 0x7f) * 2 ** (7 * lengthBytes)
    lengthBytes++
    if (byte < 0x80) return endOfHeader()
    return lengthBytes === maxLengthBytes ? 'length-malformed' : undefined
  }

  return {
    accept(chunk) {
      seen += chunk.length
      if (!isAdmitted && seen > maxBytesBeforeConnack) return 'too-much-before-connack'
      let at = 0
      while (at < chunk.length) {
        if (bodyLeft > 0) {
          const skipped = Math.min(bodyLeft, chunk.length - at)
          bodyLeft -= skipped
          at += skipped
          continue
        }
        const violation = headerByte(chunk[at] ?? 0)
        if (violation !== undefined) return violation
        at++
      }
      return undefined
    },
    admit() {
      isAdmitted = true
    },
    get hasSaidGoodbye() {
      return hasSaidGoodbye
    },
  }
}
