import type { DeviceEvidence, DeviceRole } from '@proactive/shared'

/** What a device lets others see without being asked by SNMP: names, announcements, banners, open ports. */
export interface EvidenceRule {
  /** Where the words stand: `source key`, or `source *` for all of a source's keys. */
  readonly from: readonly `${DeviceEvidence['source']} ${string}`[]
  readonly match: RegExp
  readonly vendor?: string
  readonly role?: DeviceRole
  /** The pattern's groups, joined by a blank, are the model. */
  readonly hasModel?: true
  /** Holds only where the address block belongs to this maker: for model numbers that others use too. */
  readonly makerIs?: string
  /** 0..1, how far these words alone carry role and vendor. */
  readonly confidence: number
}

/** Names that a device gives itself. */
export const names = [
  'dhcp hostname',
  'mdns name',
  'mdns hostname',
  'ssdp friendlyName',
  'snmp sysName',
  'lldp sysName',
] as const
/** Texts in which makers write who they are. */
export const texts = [
  'banner *',
  'ssdp *',
  'mdns txt',
  'mdns name',
  'lldp sysDescr',
  'dhcp vendorClass',
] as const
