import { ContractError, isUpKind, safeParseTopic, type UpKind } from '@proactive/shared'
import type { MessageOf } from '@proactive/shared/codec'
import { decodeOnce } from '../log/decoded-messages.ts'

/** Who published, as the certificate and the registry say. */
export interface Publisher {
  readonly applianceId: string
  readonly locationId: string
}

/** What becomes of a published packet. */
export type PublishVerdict =
  | { readonly kind: 'store'; readonly upKind: UpKind; readonly message: MessageOf[UpKind] }
  /** Well-addressed but broken: it can never become valid, so it is acknowledged, counted and forgotten; a resend would come for ever. */
  | { readonly kind: 'drop'; readonly reason: string; readonly error: ContractError; readonly upKind: UpKind }
  /** Not the publisher's to send: the connection is cut. */
  | { readonly kind: 'violation'; readonly reason: 'foreign-topic' | 'qos-2' }

/** Holds a packet against its publisher's topics and the contract. */
export function checkPublish(
  publisher: Publisher,
  packet: { readonly topic: string; readonly qos: number; readonly payload: Uint8Array },
): PublishVerdict {
  const topic = safeParseTopic(packet.topic)
  if (
    topic === undefined ||
    topic.applianceId !== publisher.applianceId ||
    topic.locationId !== publisher.locationId ||
    !isUpKind(topic.kind)
  ) {
    return { kind: 'violation', reason: 'foreign-topic' }
  }
  if (packet.qos > 1) return { kind: 'violation', reason: 'qos-2' }
  try {
    return { kind: 'store', upKind: topic.kind, message: decodeOnce(topic.kind, packet.payload) }
  } catch (error) {
    if (!(error instanceof ContractError)) throw error
    return { kind: 'drop', reason: error.code, error, upKind: topic.kind }
  }
}
