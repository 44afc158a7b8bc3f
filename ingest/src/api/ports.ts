import type { CommandAction } from '@proactive/shared'
import type { DeadLetter, HelpdeskState, Series, SeriesQuery } from '@proactive/shared/http'
import type { CommandOutcome } from '../commands/dispatcher.ts'
import type { Point } from '../metrics/metric-store.ts'

/** Port: what the metric store knows, for charts and device lists. */
export interface TelemetryReader {
  /** The newest point of each (family, subject) of the Location within a day. */
  latest(locationId: string): Promise<readonly Point[]>
  series(locationId: string, query: SeriesQuery): Promise<Series>
}

/** Port: runs a command on an appliance that is connected now. */
export interface CommandRunner {
  run(command: {
    readonly applianceId: string
    readonly request: CommandAction
    readonly budgetMs: number
    readonly auditId: string
  }): Promise<CommandOutcome>
}

/** Port: the way of Issues to the helpdesk, for those who look at a Location and those who run the installation. */
export interface HelpdeskWatch {
  state(): Promise<HelpdeskState>
  /** What waits and what was refused at one Location. */
  depthAt(locationId: string): Promise<{ readonly waiting: number; readonly dead: number }>
  health(): { readonly isReachable: boolean; readonly sinceMs: number }
  /** Looks at the set-up now; rejects only where `signal` aborts. */
  look(signal: AbortSignal): Promise<readonly string[]>
  deadLetters(limit: number): Promise<DeadLetter[]>
  revive(key: string): Promise<number>
}

/** One thing that must work before the program can. */
export interface ReadinessCheck {
  readonly name: string
  readonly isReady: boolean
  /** One sentence where it is not. */
  readonly detail?: string
}
