import type { DeviceRole } from '@proactive/shared'

/** What a device's own words tell: SNMP sysDescr (RFC 3418), DHCP vendor class, host name. From vendors' documents and field words. */
export interface TextRule {
  readonly pattern: RegExp
  readonly vendor?: string
  readonly role?: DeviceRole
  /** The pattern's first group is the model. */
  readonly hasModel?: true
  readonly confidence: number
}

export const sysDescrRules: readonly TextRule[] = [
  { pattern: /^RouterOS (\S+)/, vendor: 'MikroTik', role: 'router', hasModel: true, confidence: 0.95 },
  { pattern: /^EdgeOS/, vendor: 'Ubiquiti', role: 'router', confidence: 0.9 },
  {
    pattern: /^DrayTek Corporation, Router Model: ([^,]+)/,
    vendor: 'DrayTek',
    role: 'router',
    hasModel: true,
    confidence: 0.95,
  },
  { pattern: /^Meraki (MX\S+)/, vendor: 'Cisco Meraki', role: 'firewall', hasModel: true, confidence: 0.95 },
  { pattern: /^Meraki (MS\S+)/, vendor: 'Cisco Meraki', role: 'switch', hasModel: true, confidence: 0.95 },
  {
    pattern: /^Meraki (MR\S+)/,
    vendor: 'Cisco Meraki',
    role: 'access-point',
    hasModel: true,
    confidence: 0.95,
  },
  {
    pattern: /^SonicWALL (\S+(?: \S+)?)/i,
    vendor: 'SonicWall',
    role: 'firewall',
    hasModel: true,
    confidence: 0.9,
  },
  { pattern: /^pfSense/, vendor: 'Netgate', role: 'firewall', confidence: 0.9 },
  { pattern: /OpenWrt/, role: 'router', confidence: 0.7 },
  { pattern: /^EdgeSwitch (\S+)/, vendor: 'Ubiquiti', role: 'switch', hasModel: true, confidence: 0.95 },
  { pattern: /^JetStream|^TL-S\S+/, vendor: 'TP-Link', role: 'switch', confidence: 0.9 },
  { pattern: /^ProCurve|^HPE? .*Switch/, vendor: 'HPE', role: 'switch', confidence: 0.9 },
  { pattern: /^Cisco IOS Software/, vendor: 'Cisco', confidence: 0.8 },
  { pattern: /^EPSON/i, vendor: 'Epson', role: 'printer', confidence: 0.9 },
  { pattern: /^Brother NC-/, vendor: 'Brother', role: 'printer', confidence: 0.9 },
  { pattern: /^HP ETHERNET MULTI-ENVIRONMENT/, vendor: 'HP', role: 'printer', confidence: 0.9 },
  { pattern: /^Lexmark (\S+)/, vendor: 'Lexmark', role: 'printer', hasModel: true, confidence: 0.95 },
  { pattern: /^APC /, vendor: 'APC', role: 'ups', confidence: 0.8 },
]

export const vendorClassRules: readonly TextRule[] = [
  { pattern: /^MSFT \d/, role: 'workstation', confidence: 0.6 },
  { pattern: /^android-dhcp/, role: 'mobile', confidence: 0.5 },
  { pattern: /^Hewlett-Packard JetDirect/i, vendor: 'HP', role: 'printer', confidence: 0.9 },
  { pattern: /^ubnt|^UBNT/, vendor: 'Ubiquiti', role: 'access-point', confidence: 0.7 },
]

export const hostnameRules: readonly TextRule[] = [
  { pattern: /^(?:EPSON|TM-)[A-Z0-9-]+/i, vendor: 'Epson', role: 'printer', confidence: 0.6 },
  { pattern: /^BRN[0-9A-F]{6,}/i, vendor: 'Brother', role: 'printer', confidence: 0.7 },
  { pattern: /^NPI[0-9A-F]{6}/i, vendor: 'HP', role: 'printer', confidence: 0.7 },
  { pattern: /^(?:iphone|ipad|galaxy|pixel)/i, role: 'mobile', confidence: 0.6 },
  { pattern: /^(?:desktop|laptop)-[A-Z0-9]+/i, role: 'workstation', confidence: 0.7 },
]
