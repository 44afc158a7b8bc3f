import type { EpochMs } from '@proactive/shared'

/**
 * When each Location was heard last. The fault core's view tells it too, but only as of the last change: where all is well nothing changes, for hours.
 * Kept in memory: after a start an appliance is heard again within one batch, and one that is gone stands in the view.
 */
export interface Heard {
  /** A message of it came then. */
  hear(locationId: string, atMs: EpochMs): void
  /** The later of what the view says and what was heard since; null = never. */
  since(locationId: string, viewMs: EpochMs | null): EpochMs | null
}

export function createHeard(): Heard {
  const lastMs = new Map<string, EpochMs>()
  return {
    hear: (locationId, atMs) => void lastMs.set(locationId, Math.max(atMs, lastMs.get(locationId) ?? 0)),
    since(locationId, viewMs) {
      const heardMs = lastMs.get(locationId)
      return heardMs === undefined || (viewMs !== null && viewMs > heardMs) ? viewMs : heardMs
    },
  }
}
