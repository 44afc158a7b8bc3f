import type { DeviceRole } from '@proactive/shared'
import type { RoutingRule } from '@proactive/shared/http'
import { t } from '../i18n/language.ts'

export const roleWords: Record<DeviceRole, string> = {
  router: t('Router'),
  firewall: t('Firewall'),
  switch: t('Switch'),
  'access-point': t('Access point'),
  modem: t('Modem'),
  'pos-terminal': t('POS terminal'),
  'pos-workstation': t('POS workstation'),
  printer: t('Printer'),
  ups: t('UPS'),
  pdu: t('Power strip (PDU)'),
  environment: t('Environment sensor'),
  camera: t('Camera'),
  phone: t('Phone'),
  server: t('Server'),
  storage: t('Storage'),
  workstation: t('Workstation'),
  mobile: t('Mobile device'),
  iot: t('Thing (IoT)'),
  unknown: t('role|Unknown'),
}

/** What a rule of responsibility may be about: a device's role, or what is no device. */
export function ruleRoleWord(role: NonNullable<RoutingRule['role']>): string {
  switch (role) {
    case 'internet':
      return t('Internet')
    case 'payment-processor':
      return t('Payment processor')
    case 'appliance':
      return t('Appliance')
    default:
      return roleWords[role]
  }
}
