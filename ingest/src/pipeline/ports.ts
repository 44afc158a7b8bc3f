import type { Effect, LocationConfig } from '../faults/model.ts'

/** What a projector gets: everything the core put out except probes, which the pipeline runs itself. */
export type ProjectedEffect = Exclude<Effect, { readonly type: 'probe' }>

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
