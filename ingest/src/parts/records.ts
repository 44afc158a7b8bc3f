import { type Changes, createChanges, createViewFollower, type ViewFollower } from '../history/index.ts'
import { createInterfaces, type Interfaces } from '../interfaces/interfaces.ts'
import type { ProjectedEffect } from '../pipeline/ports.ts'
import { createUsual, type Usual } from '../usual/usual.ts'
import type { Runtime } from './runtime.ts'
import type { Stores } from './stores.ts'

/** What is kept of Locations beside how they stand: how they became so, what their devices tell of themselves, what is usual. */
export interface Records {
  readonly changes: Changes
  readonly interfaces: Interfaces
  readonly usual: Usual
  readonly followView: ViewFollower
  /** Resolves when it is kept; a repeat changes nothing. */
  keep(told: Exclude<ProjectedEffect, { readonly type: 'incident' | 'view' }>): Promise<void>
}

/** Builds the records over the database; nothing runs by itself. */
export function createRecords({ nowMs, warn }: Runtime, { database, backend }: Stores): Records {
  const { db } = database
  const changes = createChanges({ db })
  const interfaces = createInterfaces({
    db,
    latest: backend.latest,
    onReadFailure: warn('web', 'readings of interfaces could not be read'),
  })
  const usual = createUsual({ db })
  return {
    changes,
    interfaces,
    usual,
    followView: createViewFollower({ changes, nowMs }),
    keep: async (told) => {
      if (told.type === 'usual') await usual.keep(told.usual)
      else if (told.type === 'site-change') await changes.keep(told.locationId, told.change)
      else await interfaces.keep(told.locationId, told.interfaces, told.atMs)
    },
  }
}
