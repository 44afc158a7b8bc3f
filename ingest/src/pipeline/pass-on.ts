import type { IngestLog } from '../log/ingest-log.ts'
import { fleetScope } from '../log/partitions.ts'
import type { PipelineOutput, Projector, ProviderOf, StakeOf } from './ports.ts'

/**
 * Carries outputs on: incidents and views to the projector; what one core has to tell another one into the log of that one's partition,
 * where it gets its place and its time. A repeat tells the same again, which changes nothing.
 */
export function createPassOn(options: {
  readonly log: Pick<IngestLog, 'append'>
  readonly projector: Projector
  readonly providerOf: ProviderOf
  /** Absent = all Locations are of one owner. */
  readonly stakeOf?: StakeOf
}): (output: PipelineOutput) => Promise<void> {
  const { log, projector, providerOf, stakeOf } = options
  return async (output) => {
    switch (output.type) {
      case 'fleet-signal': {
        const { signal } = output
        const provider = signal.address === null ? null : providerOf(signal.address)
        const stake = stakeOf === undefined ? {} : { stake: await stakeOf(signal) }
        const event = { type: 'location-signalled', signal, provider, ...stake } as const
        await log.append({ from: 'ingest', locationId: fleetScope, event }, `fleet/${signal.locationId}`)
        return
      }
      case 'fleet-judged': {
        const { locationId, parent } = output
        const event = { type: 'fleet-judged', parent } as const
        await log.append({ from: 'ingest', locationId, event }, `fleet/${locationId}`)
        return
      }
      default:
        await projector.project(output)
    }
  }
}
