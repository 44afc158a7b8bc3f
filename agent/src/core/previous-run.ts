import type { Change, EpochMs } from '@proactive/shared'
import type { RunEntry } from '../ports/index.ts'

export type PreviousEnd = Extract<Change, { type: 'agent-started' }>['previousEnd']

/** How the run before ended, as far as its journal and the kernel's boot id tell. */
export function judgePreviousEnd(previous: RunEntry | undefined, bootId: string): PreviousEnd {
  if (previous === undefined) return 'first-start'
  const isSameBoot = previous.bootId === bootId
  if (bootId === 'unknown' || previous.bootId === 'unknown') return previous.isClean ? 'clean' : 'unknown'
  if (previous.isClean) return isSameBoot ? 'clean' : 'reboot'
  return isSameBoot ? 'killed' : 'power-loss'
}

/** From the last sign of life of the run before to this start; null where the clocks cannot be compared. */
export function downTimeMs(
  alive: { readonly atMs: EpochMs; readonly clock: 'synced' | 'unsynced' } | undefined,
  now: { readonly atMs: EpochMs; readonly clock: 'synced' | 'unsynced' },
): number | null {
  if (alive === undefined || alive.clock !== 'synced' || now.clock !== 'synced') return null
  return Math.max(0, now.atMs - alive.atMs)
}
