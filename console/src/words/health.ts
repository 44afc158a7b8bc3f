import type { HealthState } from '@proactive/shared/http'
import type { Payability, Severity } from '@proactive/shared'

/** State by word and sign, never by colour alone (WCAG 2.2, 1.4.1). */
export const healthWords: Record<HealthState, { readonly word: string; readonly sign: string }> = {
  down: { word: 'Down', sign: '✕' },
  dark: { word: 'Dark', sign: '◼' },
  degraded: { word: 'Degraded', sign: '▲' },
  unknown: { word: 'Unknown', sign: '?' },
  asleep: { word: 'Asleep', sign: '☾' },
  ok: { word: 'OK', sign: '✓' },
}

export const payabilityWords: Record<Payability, string> = {
  payable: 'Can take cards',
  degraded: 'Cards with trouble',
  'not-payable': 'Cannot take cards',
  unknown: 'Cards: unknown',
}

export const severityWords: Record<Severity, string> = {
  low: 'Low',
  medium: 'Medium',
  high: 'High',
  critical: 'Critical',
}
