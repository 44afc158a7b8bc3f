/**
 * Base of every error we throw on purpose.
 * `code` is stable and greppable (kebab-case); `retryable` drives retry loops: true means the same call may succeed later unchanged.
 */
export abstract class ProactiveError extends Error {
  abstract readonly code: string
  readonly retryable: boolean = false

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
  }
}

/** A payload, topic or document that breaks the contract; never retryable, always counted by whoever catches it. */
export class ContractError extends ProactiveError {
  readonly code: ContractErrorCode

  constructor(code: ContractErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Why a payload was refused; also the `reason` label of rejection counters. */
export type ContractErrorCode =
  | 'payload-too-large'
  | 'payload-empty'
  | 'codec-unknown'
  | 'inflate-failed'
  | 'json-invalid'
  | 'schema-invalid'
  | 'version-unsupported'
  | 'topic-invalid'

/** A person's mistake in configuration or arguments: `message` is one sentence that says what is wrong and how to mend it. */
export class UsageError extends ProactiveError {
  readonly code = 'usage'
}

/** The exit codes of every program and script (design: 0 ok, 1 failed, 2 usage, 3 degraded). */
export const exitCodes = { ok: 0, failed: 1, usage: 2, degraded: 3 } as const
