import { ApiError } from './client.ts'

/** What to tell a person about a failure: the server's sentence where it gave one. */
export function sentenceOf(error: unknown): string {
  return error instanceof ApiError ? error.message : 'Something went wrong; reload the page.'
}
