import { healthStates, type LocationSummary } from '@proactive/shared/http'
import { t } from '../i18n/language.ts'

/** What the overview shows. */
export interface Filter {
  readonly text: string
  readonly only: 'all' | 'down' | 'degraded' | 'ok' | 'no-cards' | 'silent'
}
export const everything: Filter = { text: '', only: 'all' }

/** Which Locations a number of the overview counts. */
export const kinds = [
  { id: 'all', label: t('Locations'), fits: () => true },
  {
    id: 'down',
    label: t('Down or dark'),
    fits: ({ verdict }) => verdict.health === 'down' || verdict.health === 'dark',
  },
  { id: 'degraded', label: t('Degraded'), fits: ({ verdict }) => verdict.health === 'degraded' },
  { id: 'no-cards', label: t('Cannot take cards'), fits: ({ payability }) => payability === 'not-payable' },
  { id: 'silent', label: t('Appliance offline'), fits: ({ isOnline }) => !isOnline },
  { id: 'ok', label: t('All well'), fits: ({ verdict }) => verdict.health === 'ok' },
] as const satisfies readonly {
  id: Filter['only']
  label: string
  fits: (summary: LocationSummary) => boolean
}[]

export function applyFilter(
  summaries: readonly LocationSummary[],
  { text, only }: Filter,
): LocationSummary[] {
  const wanted = text.trim().toLowerCase()
  const fits = kinds.find(({ id }) => id === only)?.fits ?? (() => true)
  return summaries
    .filter((summary) => fits(summary))
    .filter(({ name, customerName }) => `${name} ${customerName}`.toLowerCase().includes(wanted))
    .toSorted(byUrgency)
}

/** Making one takes longer than a hundred comparisons. */
const names = new Intl.Collator()
const rankOf = ({ verdict }: LocationSummary) => healthStates.indexOf(verdict.health)
const compareTimes = (a: number | null, b: number | null) => (a === b ? 0 : (a ?? Infinity) - (b ?? Infinity))

/** Worst first; among equals, the one that is so for longest. */
export function byUrgency(a: LocationSummary, b: LocationSummary): number {
  return (
    rankOf(a) - rankOf(b) ||
    compareTimes(a.verdict.sinceMs, b.verdict.sinceMs) ||
    names.compare(a.name, b.name)
  )
}

/** A filter in the address, so that a view is a link: `?show=down&q=lindau`. */
export function parseFilter(query: URLSearchParams): Filter {
  const only = kinds.find(({ id }) => id === query.get('show'))?.id ?? 'all'
  return { text: (query.get('q') ?? '').slice(0, 100), only }
}
