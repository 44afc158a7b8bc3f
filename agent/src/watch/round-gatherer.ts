import type { Scheduler, Stop } from '../ports/index.ts'

/**
 * Puts the outcomes of one round together: they come in one by one, the silent ones a timeout later.
 * A round is over when all `expected` targets are told, when `waitMs` passed since its first outcome, or when a target comes up again.
 */
export function createRoundGatherer(
  scheduler: Scheduler,
  expected: number,
  waitMs: number,
  onRound: (outcomes: ReadonlyMap<string, number | null>) => void,
): { add(ip: string, rttMs: number | null): void } {
  let outcomes = new Map<string, number | null>()
  let stopWait: Stop | undefined

  function close(): void {
    stopWait?.()
    stopWait = undefined
    const round = outcomes
    outcomes = new Map()
    if (round.size > 0) onRound(round)
  }

  return {
    add(ip, rttMs) {
      if (outcomes.has(ip)) close()
      outcomes.set(ip, rttMs)
      if (outcomes.size >= expected) close()
      else stopWait ??= scheduler.after(waitMs, close)
    },
  }
}
