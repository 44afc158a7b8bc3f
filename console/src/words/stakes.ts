import type { Stake } from '@proactive/shared/http'
import { t } from '../i18n/language.ts'

/** Why an Organization has a stake in a Location. */
export const stakeWords: Record<Stake['kind'], string> = {
  pos: t('stake|POS'),
  network: t('stake|network'),
  software: t('stake|software'),
  seller: t('stake|seller'),
  support: t('stake|support'),
  payments: t('stake|payments'),
}
