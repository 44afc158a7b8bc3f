import { ProactiveError } from '@proactive/shared'

/** This machine cannot ask this kind of question at all (missing tool or right); the message says what to do about it. */
export class ProbeUnavailableError extends ProactiveError {
  readonly code = 'probe-unavailable'
}

/** The spool could not keep what it was given (disk full, disk gone). What was given is lost and counted. */
export class SpoolError extends ProactiveError {
  readonly code = 'spool'
  override readonly retryable = true
}

/** No connection to the cloud, or the one there was is gone. */
export class CloudLinkError extends ProactiveError {
  readonly code = 'cloud-link'
  override readonly retryable = true
}
