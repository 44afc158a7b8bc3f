import type { Clock, EpochMs } from '@proactive/shared'

/** Ends what was started; safe to call twice. */
export type Stop = () => void

/** Port: time and alarms. Programs pass the real one; the simulation passes a virtual one, and nothing else in the agent waits. */
export interface Scheduler extends Clock {
  /** Runs `task` once, `delayMs` from now (monotonic). */
  after(delayMs: number, task: () => void): Stop
  /** Runs `task` each `periodMs`, first after one period. */
  every(periodMs: number, task: () => void): Stop
}

/** Port: does somebody vouch for the wall clock? An appliance has no battery clock. */
export interface ClockTrust {
  isTrusted(): boolean
  /** When the source set or confirmed the wall clock last, as that clock showed it; absent or undefined where nobody keeps that. */
  lastSyncMs?(): EpochMs | undefined
}

/** Port: the only source of chance; 0 ≤ value < 1. */
export type Random = () => number
