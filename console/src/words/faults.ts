import type { FaultClass } from '@proactive/shared'
import { t } from '../i18n/language.ts'

const words = new Map<string, string>([
  ['router-down', t('Router down')],
  ['wan-link-down', t('WAN line down')],
  ['provider-down', t('Provider down')],
  ['dns-failing', t('DNS failing')],
  ['dhcp-failing', t('DHCP failing')],
  ['switch-down', t('Switch down')],
  ['pos-down', t('Terminal down')],
  ['device-down', t('Device down')],
  ['payment-path-failing', t('Payments failing')],
  ['wan-degraded', t('Internet degraded')],
  ['power-cut', t('Power cut')],
  ['appliance-cable', t('Appliance’s cable')],
  ['appliance-down', t('Appliance down')],
  ['ip-conflict', t('Address conflict')],
  ['location-dark', t('Location dark')],
  ['cloud-unreachable', t('Way to the cloud')],
  ['provider-outage', t('Provider outage')],
  ['processor-outage', t('Processor outage')],
  ['region-outage', t('Region without power')],
])

/** A fault in two or three words, where there is no room for its sentence. */
export const faultWords = (faultClass: FaultClass): string => words.get(faultClass) ?? faultClass
