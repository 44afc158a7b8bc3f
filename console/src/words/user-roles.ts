import type { UserRole } from '@proactive/shared/http'
import { t } from '../i18n/language.ts'

/** What a User may do, from least to most. */
export const userRoleWords: Record<UserRole, string> = {
  viewer: t('User|viewer'),
  agent: t('User|agent'),
  technician: t('User|technician'),
  admin: t('User|admin'),
}
