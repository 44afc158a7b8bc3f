import type { DeviceRole } from '@proactive/shared'
import ouiText from './oui.json' with { type: 'json' }

/**
 * What a maker's network hardware usually is, with how far the maker alone carries that belief (0..1).
 * Makers of everything have no entry: their prefix names the vendor and nothing else.
 */
const roleByVendor = new Map<string, { readonly role: DeviceRole; readonly confidence: number }>([
  ...entries('pos-terminal', 0.85, [
    'Verifone',
    'Ingenico',
    'PAX',
    'Clover',
    'Castles',
    'BBPOS',
    'Miura',
    'Spire Payments',
    'Equinox',
  ]),
  ...entries('pos-terminal', 0.6, ['Square', 'Sunmi']),
  ...entries('pos-workstation', 0.6, ['Toast', 'Elo', 'PAR', 'NCR', 'Diebold Nixdorf']),
  ...entries('printer', 0.8, [
    'Epson',
    'Star Micronics',
    'Zebra',
    'Brother',
    'Bixolon',
    'Lexmark',
    'Xerox',
    'Kyocera',
    'Ricoh',
    'Konica Minolta',
    'OKI',
    'Toshiba TEC',
    'SATO',
  ]),
  ...entries('printer', 0.5, ['Canon']),
  ...entries('access-point', 0.5, ['Ruckus', 'Aruba', 'Cambium', 'Ubiquiti']),
  ...entries('firewall', 0.6, ['Fortinet', 'SonicWall', 'WatchGuard', 'Sophos', 'Netgate']),
  ...entries('modem', 0.4, ['Arris', 'Sagemcom', 'Technicolor', 'Sierra Wireless', 'Cradlepoint']),
  ...entries('switch', 0.35, [
    'TP-Link',
    'Netgear',
    'Zyxel',
    'D-Link',
    'Cisco',
    'Cisco Meraki',
    'MikroTik',
    'Juniper',
    'Extreme',
    'HPE',
  ]),
  ...entries('workstation', 0.5, ['Dell', 'Lenovo', 'HP', 'Intel', 'Microsoft']),
  ...entries('server', 0.5, ['Super Micro', 'VMware']),
  ...entries('storage', 0.7, ['Synology', 'QNAP']),
  ...entries('ups', 0.7, ['APC', 'Eaton']),
  ...entries('camera', 0.8, ['Axis', 'Hikvision', 'Dahua', 'Hanwha']),
  ...entries('phone', 0.8, ['Yealink', 'Polycom', 'Grandstream', 'Snom']),
])

/** Makers whose boxes stand at the border of a network: as a gateway they are believed at once. */
export const routerVendors: ReadonlySet<string> = new Set([
  ...[
    'MikroTik',
    'Ubiquiti',
    'Cisco',
    'Cisco Meraki',
    'Fortinet',
    'SonicWall',
    'DrayTek',
    'Peplink',
    'TP-Link',
  ],
  ...[
    'Netgear',
    'Zyxel',
    'AVM',
    'Juniper',
    'Cradlepoint',
    'D-Link',
    'WatchGuard',
    'Sophos',
    'Teltonika',
    'ASUS',
  ],
  ...['Arris', 'Sagemcom', 'Technicolor', 'Sierra Wireless', 'Digi', 'Netgate', 'Linksys', 'LANCOM'],
])

const vendorByPrefix = new Map(
  Object.entries(ouiText).flatMap(([vendor, prefixes]) =>
    prefixes.split(' ').map((prefix) => [prefix, vendor]),
  ),
)

/** Registry blocks are 36, 28 or 24 bits long: the longest that fits names the maker (IEEE RA). */
const prefixDigits = [9, 7, 6]

/** Maker of a MAC address by the IEEE registry; undefined for makers we do not list and for locally administered addresses. */
export function vendorOf(mac: string): string | undefined {
  if (isLocallyAdministered(mac)) return undefined
  const digits = mac.replaceAll(':', '').toLowerCase()
  for (const length of prefixDigits) {
    const vendor = vendorByPrefix.get(digits.slice(0, length))
    if (vendor !== undefined) return vendor
  }
  return undefined
}

export function roleOfVendor(
  vendor: string,
): { readonly role: DeviceRole; readonly confidence: number } | undefined {
  return roleByVendor.get(vendor)
}

/** Made up by software, often a new one per network: no identity by itself (IEEE 802-2014 §8.4). */
export function isLocallyAdministered(mac: string): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 0x02) !== 0
}

function entries(role: DeviceRole, confidence: number, vendors: readonly string[]) {
  return vendors.map((vendor) => [vendor, { role, confidence }] as const)
}
