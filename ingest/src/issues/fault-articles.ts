import type { FaultClass } from '@proactive/shared'

/** How a fault class is filed at the helpdesk: the categories of its Issue. Its article is the runbook of the same name. */
export const categoriesByFaultClass: Readonly<Record<FaultClass, readonly string[]>> = {
  'router-down': ['Network', 'Router'],
  'wan-link-down': ['Network', 'Internet line'],
  'provider-down': ['Network', 'Internet line'],
  'dns-failing': ['Network', 'DNS'],
  'dhcp-failing': ['Network', 'DHCP'],
  'switch-down': ['Network', 'Switch'],
  'pos-down': ['Point of sale', 'Terminal'],
  'device-down': ['Device'],
  'payment-path-failing': ['Payments'],
  'wan-degraded': ['Network', 'Internet line'],
  'power-cut': ['Power'],
  'appliance-cable': ['Monitoring', 'Cabling'],
  'appliance-down': ['Monitoring'],
  'ip-conflict': ['Network', 'Addresses'],
  'location-dark': ['Network', 'Location dark'],
  'cloud-unreachable': ['Monitoring'],
  'provider-outage': ['Network', 'Internet line', 'Many Locations'],
  'processor-outage': ['Payments', 'Many Locations'],
  'region-outage': ['Power', 'Many Locations'],
}

/** Path of the article with the safe checks for a fault class. */
export function articleUrl(faultClass: FaultClass): string {
  return `/docs/runbooks/${faultClass}.md`
}
