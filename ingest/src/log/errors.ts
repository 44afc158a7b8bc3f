import { ProactiveError } from '@proactive/shared'

/** The log holds as many bytes as it may: its slowest consumer is behind. Appliances keep their spool and try again. */
export class LogFullError extends ProactiveError {
  readonly code = 'log-full'
  override readonly retryable = true
}

/** The log cannot take or give anything now: disk error, too much waiting, or it is stopping. */
export class LogUnavailableError extends ProactiveError {
  readonly code = 'log-unavailable'
  override readonly retryable = true
}

/** A commit came from someone who does not own the partition any more; nothing of it was taken. */
export class StaleOwnerError extends ProactiveError {
  readonly code = 'stale-owner'
}
