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
    'Newland',
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
    'Godex',
  ]),
  ...entries('printer', 0.5, ['Canon']),
  ...entries('access-point', 0.5, [
    'Ruckus',
    'Aruba',
    'Cambium',
    'Ubiquiti',
    'Mimosa',
    'EnGenius',
    'Aerohive',
  ]),
  ...entries('firewall', 0.6, [
    'Fortinet',
    'SonicWall',
    'WatchGuard',
    'Sophos',
    'Netgate',
    'Check Point',
    'Palo Alto Networks',
    'Stormshield',
    'Barracuda',
  ]),
  ...entries('modem', 0.4, ['Arris', 'Sagemcom', 'Technicolor']),
  ...entries('router', 0.6, [
    'Sierra Wireless',
    'Cradlepoint',
    'Teltonika',
    'Peplink',
    'DrayTek',
    'LANCOM',
    'AVM',
    'bintec elmeg',
  ]),
  ...entries('mobile', 0.35, ['Apple', 'Samsung']),
  ...entries('switch', 0.35, [
    'TP-Link',
    'Netgear',
    'Zyxel',
    'D-Link',
    'Cisco',
    'Meraki',
    'MikroTik',
    'Juniper',
    'Extreme',
    'HPE',
  ]),
  ...entries('workstation', 0.5, ['Dell', 'Lenovo', 'HP', 'Intel', 'Microsoft']),
  ...entries('server', 0.5, ['Super Micro', 'VMware']),
  ...entries('storage', 0.7, ['Synology', 'QNAP']),
  ...entries('ups', 0.7, ['APC', 'Eaton', 'CyberPower', 'Vertiv', 'Tripp Lite']),
  ...entries('pdu', 0.7, ['Raritan', 'ServerTech']),
  ...entries('environment', 0.7, ['AKCP']),
  ...entries('camera', 0.8, ['Axis', 'Hikvision', 'Dahua', 'Hanwha']),
  ...entries('phone', 0.8, ['Yealink', 'Polycom', 'Grandstream', 'Snom', 'Mitel']),
])

/** Makers whose boxes stand at the border of a network: as a gateway they are believed at once. */
export const routerVendors: ReadonlySet<string> = new Set([
  ...['MikroTik', 'Ubiquiti', 'Cisco', 'Meraki', 'Fortinet', 'SonicWall', 'DrayTek', 'Peplink', 'TP-Link'],
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

const makerNames = Object.keys(ouiText)

const maxMakers = 1_024

/** Prefix × {@link maxMakers} + maker, in order: one array of numbers is a tenth of a map's size. */
const entriesInOrder = sortEntries()

function sortEntries(): Float64Array {
  const texts = Object.values(ouiText)
  const sorted = new Float64Array(texts.reduce((sum, text) => sum + text.split(' ').length, 0))
  let at = 0
  for (const [maker, text] of texts.entries()) {
    for (const prefix of text.split(' ')) sorted[at++] = toNumber(prefix) * maxMakers + maker
  }
  return sorted.sort()
}

/** A one in front keeps prefixes of 24, 28 and 36 bits apart. */
function toNumber(digits: string): number {
  return Number.parseInt(`1${digits}`, 16)
}

/** Registry blocks are 36, 28 or 24 bits long: the longest that fits names the maker (IEEE RA). */
const prefixDigits = [9, 7, 6]

/** Maker of a MAC address by the IEEE registry; undefined for makers we do not list and for locally administered addresses. */
export function vendorOf(mac: string): string | undefined {
  if (isLocallyAdministered(mac)) return undefined
  const digits = mac.replaceAll(':', '').toLowerCase()
  for (const length of prefixDigits) {
    const maker = findMaker(toNumber(digits.slice(0, length)))
    if (maker !== undefined) return makerNames[maker]
  }
  return undefined
}

function findMaker(prefix: number): number | undefined {
  let low = 0
  let high = entriesInOrder.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const entry = entriesInOrder[middle] ?? 0
    const found = Math.floor(entry / maxMakers)
    if (found === prefix) return entry % maxMakers
    if (found < prefix) low = middle + 1
    else high = middle - 1
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
