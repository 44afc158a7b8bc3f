import type { UpKind } from '@proactive/shared'
import { decode, type MessageOf } from '@proactive/shared/codec'

const decoded = new WeakMap<Uint8Array, MessageOf[UpKind]>()

/**
 * The message behind a payload, decoded and checked once: gateway and consumers meet the same array while it is in the log's tail.
 * The array must not change. @throws ContractError.
 */
export function decodeOnce<K extends UpKind>(kind: K, payload: Uint8Array): MessageOf[K] {
  const known = decoded.get(payload)
  if (known !== undefined) return known as MessageOf[K]
  const message = decode(kind, payload)
  decoded.set(payload, message)
  return message
}
