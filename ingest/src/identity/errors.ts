import { ProactiveError } from '@proactive/shared'

/** Why an enrolment or renewal was refused; also the `reason` label of the counter and the `code` of the answer. */
export type RefusalCode =
  | 'csr-invalid'
  | 'token-invalid'
  | 'too-many-tries'
  | 'certificate-required'
  | 'certificate-revoked'
  | 'appliance-unknown'

/** An enrolment that must not happen; the message is one sentence for the person at the appliance. */
export class EnrollmentRefusedError extends ProactiveError {
  readonly code: RefusalCode

  constructor(code: RefusalCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
