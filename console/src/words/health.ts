import type { Payability, Severity } from '@proactive/shared'
import type { HealthState } from '@proactive/shared/http'
import { t } from '../i18n/language.ts'

/** State by word and sign, never by colour alone (WCAG 2.2, 1.4.1). */
export const healthWords: Record<HealthState, { readonly word: string; readonly sign: string }> = {
  down: { word: t('Down'), sign: '✕' },
  dark: { word: t('Dark'), sign: '◼' },
  degraded: { word: t('Degraded'), sign: '▲' },
  unknown: { word: t('Unknown'), sign: '?' },
  asleep: { word: t('Asleep'), sign: '☾' },
  ok: { word: t('OK'), sign: '✓' },
}

export const payabilityWords: Record<Payability, string> = {
  payable: t('Can take cards'),
  degraded: t('Cards may fail'),
  'not-payable': t('Cannot take cards'),
  unknown: t('Cards: unknown'),
}

export const severityWords: Record<Severity, string> = {
  low: t('severity|Low'),
  medium: t('severity|Medium'),
  high: t('severity|High'),
  critical: t('severity|Critical'),
}
