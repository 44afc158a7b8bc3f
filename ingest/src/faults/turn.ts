import type { Device, EpochMs, EvidenceOrigin } from '@proactive/shared'
import type { Effect } from './model.ts'
import type { Cue, LocationState } from './state.ts'
import type { Timing } from './timing.ts'

/** One event being reduced: the owned state, where and when the log took the event, and what came of it so far. */
export interface Turn {
  readonly env: string
  readonly timing: Timing
  readonly state: LocationState
  /** The log's stamp, never running backwards within a Location. */
  readonly nowMs: EpochMs
  readonly origin: EvidenceOrigin
  readonly effects: Effect[]
  /** A fact changed: judge again, and tell the Location's view. */
  isChanged: boolean
  /** The devices of a birth with what they were recognised by, for the one view that carries it. */
  inventory: readonly Device[] | null
}

/** The event at hand as the cue of a condition. */
export function cueOf(turn: Turn): Cue {
  return { origin: turn.origin, order: turn.state.order, loggedAtMs: turn.nowMs, isSpent: false }
}
