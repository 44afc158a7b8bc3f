import type { MonotonicMs, Telemetry } from '@proactive/shared'
import type { Scheduler, Spool } from '../../agent/src/ports/index.ts'

/**
 * When the appliance really closed each window. What the cloud hears over a bad way may be minutes old by then, and the appliance's own clock may
 * be wrong, so neither tells what a window holds.
 */
export interface WindowEnds {
  /** The same spool; what is closed into it is noted. */
  noting(spool: Spool): Spool
  /** In the Location's own time; undefined where nobody saw it being closed, or too long ago. */
  of(batch: Pick<Telemetry, 'bootEpoch' | 'atMs'>): MonotonicMs | undefined
}

/** Windows of half a minute that a way may hold back before its connection ends. */
const mostRemembered = 64

export function createWindowEnds(scheduler: Pick<Scheduler, 'monotonicMs'>): WindowEnds {
  const endMonoByWindow = new Map<string, MonotonicMs>()
  return {
    noting: (spool) => ({
      ...spool,
      commit(change) {
        for (const { entry } of change.add ?? []) {
          if (entry.kind !== 'telemetry') continue
          endMonoByWindow.set(`${entry.bootEpoch} ${entry.atMs}`, scheduler.monotonicMs())
          const [oldest = ''] = endMonoByWindow.keys()
          if (endMonoByWindow.size > mostRemembered) endMonoByWindow.delete(oldest)
        }
        return spool.commit(change)
      },
    }),
    of: ({ bootEpoch, atMs }) => endMonoByWindow.get(`${bootEpoch} ${atMs}`),
  }
}
