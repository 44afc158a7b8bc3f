import type { Device } from '@proactive/shared'
import type { DeviceState } from '@proactive/shared/http'
import { t } from '../i18n/language.ts'

/** What people call it: its name, else its address. */
export const deviceName = (device: Device): string => device.name ?? device.ips[0] ?? device.id

/** Making one takes longer than a hundred comparisons. */
const names = new Intl.Collator()
/** Order of names for people. */
export const byName = (a: string, b: string): number => names.compare(a, b)

/** The product it is, or what its evidence says, or that nobody knows. */
export function productWords({ device, productName }: DeviceState): string {
  const said = [device.vendor, device.model].filter((word) => word !== undefined).join(' ')
  return productName ?? (said || t('Not listed'))
}
