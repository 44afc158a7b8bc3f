import { t } from '../i18n/language.ts'
import { told } from '../i18n/told.ts'
import { ApiError } from './client.ts'

/** What to tell a person about a failure: the server's sentence where it gave one. */
export function sentenceOf(error: unknown): string {
  return error instanceof ApiError ? told(error.message) : t('Something went wrong; reload the page.')
}
