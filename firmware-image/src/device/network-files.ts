import type { BoxConfig } from './config-file.ts'

/** Names are the kernel's own (`net.ifnames=0`): one box, one Ethernet port, the same name on every board. */
export const WIRED = 'eth0'
export const WIRELESS = 'wlan0'

export interface GeneratedFile {
  readonly name: string
  readonly text: string
}

/**
 * systemd.network(5) files for this configuration. A static address belongs to the wire, or to Wi-Fi where that is set up;
 * the client id is the MAC address, so that a router hands out the same address after every start and every update.
 */
export function networkFiles(config: BoxConfig): GeneratedFile[] {
  const main = config.wifi === undefined ? WIRED : WIRELESS
  const files = [{ name: `10-${main}.network`, text: networkText(main, config) }]
  if (config.wifi !== undefined) files.push({ name: `20-${WIRED}.network`, text: networkText(WIRED, {}) })
  return files
}

function networkText(name: string, { network, ntp }: Pick<BoxConfig, 'network' | 'ntp'>): string {
  const lines = ['[Match]', `Name=${name}`, '', '[Link]', 'RequiredForOnline=no', '', '[Network]']
  if (network === undefined) lines.push('DHCP=ipv4')
  else {
    lines.push(`Address=${network.address}`, `Gateway=${network.gateway}`)
    lines.push(...network.dns.map((server) => `DNS=${server}`))
  }
  lines.push(...(ntp ?? []).map((server) => `NTP=${server}`))
  lines.push('LLMNR=no', 'MulticastDNS=no', 'IPv6AcceptRA=yes', 'LinkLocalAddressing=ipv6')
  if (network === undefined)
    lines.push('', '[DHCPv4]', 'ClientIdentifier=mac', 'SendHostname=no', 'UseHostname=no')
  return `${lines.join('\n')}\n`
}

/** wpa_supplicant.conf(5); quotes are safe because the passphrase has no control characters and hexadecimal needs none. */
export function wifiFile(wifi: NonNullable<BoxConfig['wifi']>): string {
  const hex = Buffer.from(wifi.ssid).toString('hex')
  return `country=${wifi.country}
network={
  ssid=${hex}
  psk="${wifi.password}"
  key_mgmt=WPA-PSK WPA-PSK-SHA256 SAE
  ieee80211w=1
}
`
}

/** The agent's settings, with the way out that every appliance has. */
export function agentSettings(config: BoxConfig): unknown {
  const settings = config.agent
  const uplinks = settings?.uplinks.length
    ? settings.uplinks
    : [{ id: 'primary', kind: 'primary', interface: config.wifi === undefined ? WIRED : WIRELESS }]
  return { ...settings, uplinks, ...(config.proxy === undefined ? {} : { proxy: config.proxy }) }
}
