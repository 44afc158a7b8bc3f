import type { Lane, LaneStamp } from '@proactive/shared'

/** Of one start of the agent, the newest seq of each lane that was taken. */
type Marks = Record<Lane, number>

/** What was taken of one appliance, by boot epoch. */
export type HighWater = Map<number, Marks>

/** As it lies in a state snapshot: `[bootEpoch, live, backlog]`, oldest epoch first. */
export type StoredHighWater = readonly (readonly [bootEpoch: number, live: number, backlog: number])[]

/** Starts of an agent remembered; a spool of 72 h holds fewer even of an agent that restarts every 20 minutes. */
const maxEpochs = 256

/**
 * Whether the message is new; a repeat was taken before (at least once on the wire, once in effect: ADR 004). Seqs of a lane come in order,
 * so one number per lane and start tells. Messages of starts older than all remembered count as repeats.
 */
export function takeNew(marks: HighWater, { bootEpoch, lane, seq }: LaneStamp): boolean {
  const known = marks.get(bootEpoch)
  if (known !== undefined) {
    if (seq <= known[lane]) return false
    known[lane] = seq
    return true
  }
  if (marks.size >= maxEpochs) {
    const oldest = Math.min(...marks.keys())
    if (bootEpoch < oldest) return false
    marks.delete(oldest)
  }
  marks.set(bootEpoch, { live: 0, backlog: 0, [lane]: seq })
  return true
}

/** The marks as they lie in a snapshot. */
export function storeHighWater(marks: HighWater): StoredHighWater {
  return [...marks]
    .sort(([a], [b]) => a - b)
    .map(([epoch, { live, backlog }]) => [epoch, live, backlog] as const)
}

/** The marks behind {@link storeHighWater}. */
export function restoreHighWater(stored: StoredHighWater): HighWater {
  return new Map(stored.map(([epoch, live, backlog]) => [epoch, { live, backlog }]))
}
