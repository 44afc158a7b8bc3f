import type { ClosingCode, Issue, LocationDetail } from '@proactive/shared/http'
import { t } from '../i18n/language.ts'

export const statusWords: Record<Issue['status'], string> = {
  Unclaimed: t('Unclaimed'),
  Remote: t('Remote'),
  Resolved: t('Resolved'),
  Cancelled: t('Cancelled'),
}

/** What an Issue turned out to be. */
export const closingWords: Record<ClosingCode, string> = {
  true: t('A fault, and it was ours'),
  'self-recovered': t('A fault that passed by itself'),
  false: t('Nothing was wrong'),
  'wrong-owner': t('A fault, but not ours'),
}

/** How a Team shares the responsibility for what it answers for. */
export const modeWords: Record<LocationDetail['responsibilities'][number]['mode'], string> = {
  collaborative: t('collaborative'),
  solution: t('solution'),
  oem: t('OEM'),
}

/** How an Issue came. */
export const sourceWords: Record<Issue['source'], string> = {
  proactive: t('proactive'),
  email: t('e-mail'),
  chat: t('chat'),
  sms: t('SMS'),
  phone: t('call'),
  web: t('web form'),
  partner: t('partner'),
}

/** Nobody works on it any more. */
export const isOver = (status: Issue['status']): boolean => status === 'Resolved' || status === 'Cancelled'
