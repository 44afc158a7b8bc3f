import type { Deed } from './deeds.ts'
import type { PlannedAct } from './plan.ts'

/**
 * How much of the time until the next act may be leapt over. The agent remembers losses of the line for a while of its own time: before an act that
 * is felt on the line, be it the next one or one soon after, it has to live through that while, or two blips a quarter of an hour apart would be one.
 */
export function restOf(
  acts: readonly PlannedAct[],
  nextAct: number,
  untilNextMs: number,
  memoryMs: number,
): number {
  if (memoryMs === 0) return untilNextMs
  const nextAtMs = acts[nextAct]?.atMs ?? 0
  for (let place = nextAct; place < acts.length; place++) {
    const { atMs, deed } = acts[place] as PlannedAct
    const laterMs = atMs - nextAtMs
    if (laterMs >= memoryMs) break
    if (isFeltOnLine(deed)) return untilNextMs + laterMs - memoryMs
  }
  return untilNextMs
}

function isFeltOnLine(deed: Deed): boolean {
  if (deed.kind === 'loss') return deed.ratio > 0
  return deed.kind === 'inject' && /^(wan|dns|processor|router|power|appliance)/.test(deed.fault.name)
}
