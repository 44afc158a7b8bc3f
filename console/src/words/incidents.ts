import type { Incident } from '@proactive/shared/http'
import { t } from '../i18n/language.ts'

/** How an incident stands. */
export const incidentWords: Record<Incident['state'], string> = {
  open: t('incident|Open'),
  recovering: t('incident|Recovering'),
  closed: t('incident|Closed'),
}
