import type { TLSSocket } from 'node:tls'
import type { Client, ConnectPacket } from 'aedes'
import { ContractError, type EpochMs, safeParseTopic } from '@proactive/shared'
import { decode } from '@proactive/shared/codec'
import type { ApplianceRegistry } from '../identity/ports.ts'
import { withDeadline } from '../net/with-deadline.ts'

/** Who may come in, as certificate and registry say. */
export interface Admission {
  readonly applianceId: string
  readonly locationId: string
  readonly remoteAddress: string
}

/** A CONNECT that is answered with a refusal: `returnCode` as MQTT 3.1.1 §3.2.2.3, `reason` for the counter. */
export class RefusedError extends Error {
  readonly reason: string
  readonly returnCode: 2 | 3 | 5

  constructor(reason: string, returnCode: 2 | 3 | 5, options?: ErrorOptions) {
    super(reason, options)
    this.reason = reason
    this.returnCode = returnCode
  }
}

type Will = ConnectPacket['will']
const willByClient = new WeakMap<Client, Will>()
const registryTimeoutMs = 5_000

/** Keeps what the admission needs of the CONNECT packet. */
export function rememberConnect(client: Client, packet: ConnectPacket): void {
  willByClient.set(client, packet.will)
}

/** Holds the client against its certificate and the registry. @throws RefusedError. */
export async function admit(
  client: Client,
  { registry, nowMs }: { readonly registry: ApplianceRegistry; readonly nowMs: () => EpochMs },
): Promise<Admission> {
  const socket = client.conn as TLSSocket
  const certificate = socket.getPeerCertificate()
  const applianceId = certificate.subject?.CN
  if (!socket.authorized || typeof applianceId !== 'string') throw new RefusedError('certificate-missing', 5)
  // A resumed TLS session shows the certificate without checking it again.
  if (nowMs() > Date.parse(certificate.valid_to)) throw new RefusedError('certificate-expired', 5)
  if (client.id !== applianceId) throw new RefusedError('client-id-not-certificate', 2)
  const known = await withDeadline(registry.find(applianceId), registryTimeoutMs).catch((cause) => {
    throw new RefusedError('registry-unavailable', 3, { cause })
  })
  if (known === undefined) throw new RefusedError('appliance-unknown', 5)
  if (known.revokedAtMs !== undefined) throw new RefusedError('revoked', 5)
  checkWill(willByClient.get(client), applianceId, known.locationId)
  return { applianceId, locationId: known.locationId, remoteAddress: socket.remoteAddress ?? '' }
}

/** A will may only say "offline" on the client's own status; the gateway tells the end of a session itself, so it is checked and put away. */
function checkWill(will: Will, applianceId: string, locationId: string): void {
  if (will === undefined || will === null) return
  const topic = safeParseTopic(will.topic)
  if (topic?.kind !== 'status' || topic.applianceId !== applianceId || topic.locationId !== locationId) {
    throw new RefusedError('foreign-will', 5)
  }
  try {
    decode('status', Buffer.from(will.payload))
  } catch (cause) {
    if (cause instanceof ContractError) throw new RefusedError('will-invalid', 5, { cause })
    throw cause
  }
}
