/** Milliseconds since the Unix epoch, as a wall clock tells them; on an appliance without a battery clock it may be wrong. */
export type EpochMs = number

/** Milliseconds on a clock that never steps, from an arbitrary origin; only differences mean something. */
export type MonotonicMs = number

/** Time as a dependency: programs pass the real one, tests and the simulation a virtual one. */
export interface Clock {
  nowMs(): EpochMs
  monotonicMs(): MonotonicMs
}

/** Where the appliance's wall clock stands: `unsynced` until a trusted source set it (no battery clock on a Raspberry Pi). */
export const clockStates = ['synced', 'unsynced'] as const
export type ClockState = (typeof clockStates)[number]
