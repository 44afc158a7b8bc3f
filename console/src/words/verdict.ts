import type { LocationSummary } from '@proactive/shared/http'
import { told } from '../i18n/told.ts'
import { places } from '../session/places.svelte.ts'
import { clockTime } from './time.ts'

/** The verdict in the page's language. The cloud tells its time in the Location's zone; where the viewer's is wanted, it is told anew. */
export function verdictWords({ sentence, sinceMs }: LocationSummary['verdict'], nowMs: number): string {
  const words = told(sentence)
  if (places.isLocationTime || sinceMs === null) return words
  return words.replace(/(?:\d{4}-\d\d-\d\d )?\d\d:\d\d/, clockTime(sinceMs, places.shownZone('UTC'), nowMs))
}
