import type { CommandAction } from '@proactive/shared'
import type { Series, SeriesQuery } from '@proactive/shared/http'
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

/** One thing that must work before the program can. */
export interface ReadinessCheck {
  readonly name: string
  readonly isReady: boolean
  /** One sentence where it is not. */
  readonly detail?: string
}
