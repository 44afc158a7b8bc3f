import { ProactiveError } from '@proactive/shared'

/** A write that does not fit what stands in the directory; `message` is one sentence with the fix. */
export class DirectoryError extends ProactiveError {
  readonly code: 'not-found' | 'conflict'

  constructor(code: 'not-found' | 'conflict', message: string) {
    super(message)
    this.code = code
  }
}

/** @throws DirectoryError `not-found`. */
export function found<T>(row: T | undefined, what: string): T {
  if (row === undefined) throw new DirectoryError('not-found', `There is no such ${what}.`)
  return row
}
