import { ProactiveError } from '@proactive/shared'

/** `forbidden` = the right hangs on what stands in the directory, beyond what the route asks for. */
export type DirectoryRefusal = 'not-found' | 'conflict' | 'forbidden'

/** A write that does not fit what stands in the directory; `message` is one sentence with the fix. */
export class DirectoryError extends ProactiveError {
  readonly code: DirectoryRefusal

  constructor(code: DirectoryRefusal, message: string) {
    super(message)
    this.code = code
  }
}

/** @throws DirectoryError `not-found`. */
export function found<T>(row: T | undefined, what: string): T {
  if (row === undefined) throw new DirectoryError('not-found', `There is no such ${what}.`)
  return row
}
