import type { EpochMs, FaultClass, Severity } from '@proactive/shared'
import type { Cue, ReasonFacts } from './state.ts'

/** A fault that stands now, as judged from the conditions; it becomes an incident when its rule's waits are over. */
export interface Cause {
  readonly faultClass: FaultClass
  /** Stable name of what is at fault within the Location: one incident per class and root. */
  readonly rootId: string
  readonly rootDeviceId?: string
  readonly rootRole: string
  readonly startedAtMs: EpochMs
  /** First evidence in log order. */
  readonly cue: Cue
  /** Every cue it rests on: spent once an incident was opened. */
  readonly cues: readonly Cue[]
  /** Whether all it needs was told freshly. */
  readonly canRaise: boolean
  /** A device whose own silence must be confirmed by a probe. */
  readonly probedDeviceId?: string
  readonly affected: readonly string[]
  /** Devices whose silence this cause is made of or explains. */
  readonly silent: readonly string[]
  readonly hasLostCarrier: boolean
  /** Where this one is worse or milder than its rule says. */
  readonly severity?: Severity
  /** Where this one must stand for another time than its rule says. */
  readonly holdMs?: number
  readonly reasons: readonly ReasonFacts[]
}

/** The earliest cue by log order. */
export function firstCue(cues: readonly (Cue | null)[]): Cue | null {
  let first: Cue | null = null
  for (const cue of cues) if (cue !== null && (first === null || cue.order < first.order)) first = cue
  return first
}
