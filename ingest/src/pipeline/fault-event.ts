import type { EvidenceOrigin, LaneStamp } from '@proactive/shared'
import type { FaultEvent } from '../faults/model.ts'
import { decodeOnce } from '../log/decoded-messages.ts'
import type { LogRecord } from '../log/ingest-log.ts'

/** A record as the fault core takes it. */
export interface LoggedFact {
  readonly event: FaultEvent
  readonly origin: EvidenceOrigin
  /** Present where repeats must be told apart. */
  readonly stamp?: { readonly applianceId: string; readonly laneStamp: LaneStamp }
}

/** What the record tells the fault core; undefined = nothing (status, results, twin). @throws ContractError where the payload does not decode. */
export function toLoggedFact({ partition, offset, entry }: LogRecord): LoggedFact | undefined {
  const ownOrigin: EvidenceOrigin = { from: 'ingest', partition, offset }
  if (entry.from === 'ingest') {
    const { event } = entry
    // Words for the reducer over all Locations lie in its own partition.
    return event.type === 'location-signalled'
      ? undefined
      : { event: { from: 'ingest', event }, origin: ownOrigin }
  }
  const { applianceId, kind, payload } = entry
  switch (kind) {
    case 'birth':
      // A birth has no place in a lane: taking it again tells the same inventory.
      return {
        event: { from: 'appliance', applianceId, kind, message: decodeOnce(kind, payload) },
        origin: ownOrigin,
      }
    case 'telemetry':
    case 'observation': {
      const message = decodeOnce(kind, payload)
      const { bootEpoch, lane, seq } = message
      const event = { from: 'appliance', applianceId, kind, message } as FaultEvent
      return {
        event,
        origin: { from: 'appliance', applianceId, bootEpoch, lane, seq },
        stamp: { applianceId, laneStamp: { bootEpoch, lane, seq } },
      }
    }
    default:
      return undefined
  }
}
