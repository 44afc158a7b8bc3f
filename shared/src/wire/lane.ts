import { z } from 'zod'
import { clockStates } from '../clock.ts'
import { counter } from '../domain/text.ts'

/**
 * The two streams of an appliance: `live` goes first, `backlog` is throttled behind it.
 * Each has its own sequence per boot epoch; (appliance, bootEpoch, lane, seq) names a message for ever.
 */
export const lanes = ['live', 'backlog'] as const
export const laneSchema = z.enum(lanes)
export type Lane = z.infer<typeof laneSchema>

/** Grows with every start of the agent (seconds since 1970 where the clock is sane, else last + 1); names a start for ever. */
export const bootEpochSchema = counter

/** Which start of the agent, which lane, which place in it: the identity that repeats are dropped by. */
export const laneStamp = {
  bootEpoch: bootEpochSchema,
  lane: laneSchema,
  /** 1, 2, 3 … without holes per (bootEpoch, lane). */
  seq: z.int().min(1).max(Number.MAX_SAFE_INTEGER),
}
export const laneStampSchema = z.strictObject(laneStamp)
export type LaneStamp = z.infer<typeof laneStampSchema>

/**
 * When something was seen. With clock `synced` it is epoch milliseconds. `unsynced` marks a stamp made by a clock nobody vouched for:
 * it orders this start's messages among themselves and must not be compared with any other time.
 */
export const timeStamp = {
  atMs: counter,
  clock: z.enum(clockStates),
}
