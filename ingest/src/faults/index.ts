/** The fault core: pure, deterministic; see `model.ts` for what goes in and out, `rules.ts` for the table of causes. */
export { createFaultCore, type FaultCoreOptions } from './core.ts'
export type * from './model.ts'
export { type Rule, rules } from './rules.ts'
export type { LocationState } from './state.ts'
export { type Profile, type Timing, timings } from './timing.ts'
export type * from './vocabulary.ts'
