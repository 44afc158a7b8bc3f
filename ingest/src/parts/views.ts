import {
  createHeard,
  createLiveFeed,
  createLocationReader,
  createProjections,
  type LiveFeed,
  type LocationReader,
  type Projections,
} from '../api/index.ts'
import type { Records } from './records.ts'
import type { Runtime } from './runtime.ts'
import type { Stores } from './stores.ts'

/** What people see of a Location, and how they hear of changes. */
export interface Views {
  readonly feed: LiveFeed
  readonly reader: LocationReader
  readonly projections: Projections
}

/** Builds the views over what is stored; nothing runs by itself. */
export function createViews(
  { nowMs, warn }: Runtime,
  { database, directory, backend }: Stores,
  { followView }: Records,
): Views {
  const feed = createLiveFeed({ nowMs })
  const heard = createHeard()
  const reader = createLocationReader({
    database,
    directory,
    telemetry: backend,
    heard,
    nowMs,
    onTelemetryFailure: warn('web', 'telemetry could not be read'),
  })
  const projections = createProjections({
    database,
    reader,
    feed,
    heard,
    nowMs,
    followView,
    onFailure: warn('web', 'a change could not be announced'),
  })
  return { feed, reader, projections }
}
