import type { ChannelEvent, ChannelKind, Notification } from '@proactive/shared/http'
import { t } from '../i18n/language.ts'

/** How people are told. */
export const channelKindWords: Record<ChannelKind, string> = {
  email: t('E-mail'),
  webhook: t('Signed webhook'),
  slack: t('Slack'),
  teams: t('Microsoft Teams'),
}

export const channelEventWords: Record<ChannelEvent, string> = {
  opened: t('told|new'),
  moved: t('told|cause found'),
  recovered: t('told|recovered'),
  test: t('told|test'),
}

/** How a message or a webhook's delivery stands. */
export const deliveryWords: Record<Notification['state'], string> = {
  waiting: `… ${t('delivery|waits')}`,
  delivered: `✓ ${t('delivery|delivered')}`,
  dead: `✕ ${t('delivery|given up')}`,
}
