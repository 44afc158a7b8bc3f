import type { AuditTrail } from '@proactive/shared/http'
import { t } from '../i18n/language.ts'

const actionWords = new Map([
  ['log-in', t('audit|log-in')],
  ['log-out', t('audit|log-out')],
  ['password', t('audit|password')],
  ['set-up', t('audit|set-up')],
  ['directory', t('audit|directory changed')],
  ['confirm-device', t('audit|device confirmed')],
  ['claim', t('audit|claim token made')],
  ['revoke', t('audit|appliance revoked')],
  ['snmp', t('audit|SNMP access')],
  ['command', t('audit|live tool')],
  ['helpdesk', t('audit|helpdesk')],
  ['fault-rule', t('audit|fault rule')],
  ['merchant-link', t('audit|merchant’s link')],
  ['merchant-page', t('audit|merchant’s page')],
])

/** What was done, as the trail tells it; what this page does not know yet stays as it is. */
export const actionWord = (action: string): string => actionWords.get(action) ?? action

export const outcomeWords: Record<AuditTrail['items'][number]['outcome'], string> = {
  done: t('✓ done'),
  refused: t('⊘ refused'),
  failed: t('✕ failed'),
}
