import type { Birth } from '@proactive/shared'
import type { LocationChange } from '@proactive/shared/http'
import type { FleetEffect, FleetProvider, FleetSignal, FleetStake } from '../faults/index.ts'
import type { Effect, LocationConfig } from '../faults/model.ts'

/** What records tell people beside what the core makes of them. */
export type Told =
  | { readonly type: 'site-change'; readonly locationId: string; readonly change: LocationChange }
  | {
      readonly type: 'interfaces'
      readonly locationId: string
      /** When the log took it. */
      readonly atMs: number
      readonly interfaces: NonNullable<Birth['interfaces']>
    }

/** What lies in the log's outputs: everything the cores put out except probes, which the pipeline runs itself, and what records tell. */
export type PipelineOutput = Exclude<Effect, { readonly type: 'probe' }> | FleetEffect | Told

/** What a projector gets; words between the cores go through the log. */
export type ProjectedEffect = Exclude<PipelineOutput, { readonly type: 'fleet-signal' | 'fleet-judged' }>

/** Port: turns effects into rows: Issues' outbox, incidents, Locations' views, their history. */
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
