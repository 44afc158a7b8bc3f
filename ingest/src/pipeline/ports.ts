import type { FleetEffect, FleetProvider, FleetSignal, FleetStake } from '../faults/index.ts'
import type { Effect, LocationConfig } from '../faults/model.ts'

/** What lies in the log's outputs: everything the cores put out except probes, which the pipeline runs itself. */
export type PipelineOutput = Exclude<Effect, { readonly type: 'probe' }> | FleetEffect

/** What a projector gets; words between the cores go through the log. */
export type ProjectedEffect = Extract<PipelineOutput, { readonly type: 'incident' | 'view' }>

/** Port: turns effects into rows: Issues' outbox, incidents, Locations' views. Implemented by issues and api. */
export interface Projector {
  /**
   * Resolves when the effect is durable; effects of one Location come in order and at least once, so a repeat must change nothing.
   * A rejection is retried with growing pauses, and nothing of the same partition goes on before it.
   */
  project(effect: ProjectedEffect): Promise<void>
}

/** Port: how the directory's facts get into the log: whenever a Location's configuration changes, and once for each at start. */
export interface LocationConfigSink {
  configure(config: LocationConfig): Promise<void>
  remove(locationId: string): Promise<void>
}

/** Port: whose network a public address belongs to; null where the operator's table does not tell. */
export type ProviderOf = (address: string) => FleetProvider | null

/** Port: whose a Location is that tells the fleet of itself. A rejection is retried like a projector's. */
export type StakeOf = (signal: FleetSignal) => Promise<FleetStake>
