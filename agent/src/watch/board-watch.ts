import type { ClockState, MonotonicMs } from '@proactive/shared'
import { boardKey, boardRow } from '../core/board-row.ts'
import type { HealthReader, Stop } from '../ports/index.ts'
import type { WatchContext } from './context.ts'

/** Looks at the board each minute and puts it on the wire when something changed, else every ten minutes: most of it is constant. */
export function startBoardWatch(
  { scheduler, sample }: Pick<WatchContext, 'scheduler' | 'sample'>,
  deps: { readonly health: HealthReader; readonly clock: () => ClockState },
): Stop {
  let told = ''
  let toldAtMono: MonotonicMs = 0
  function look(): void {
    const board = deps.health.readBoard?.()
    if (board === undefined) return
    const row = boardRow(board, deps.clock() === 'synced')
    const nowMono = scheduler.monotonicMs()
    const key = boardKey(row)
    if (key === told && nowMono - toldAtMono < againMs) return
    told = key
    toldAtMono = nowMono
    sample(['b', 0, ...row])
  }
  look()
  return scheduler.every(lookMs, look)
}

const lookMs = 60_000
/** A little less than ten looks, so that no alarm that comes early skips one. */
const againMs = 10 * lookMs - 1_000
