import type { AgentConfig, DeviceOverride, PayPath, Reported } from '@proactive/shared'
import { contains } from './networks.ts'

/** What was set on site, as far as the cloud may add to it. */
export interface LocalSettings {
  readonly networks: readonly string[]
  readonly payPaths: readonly PayPath[]
  readonly internetTargets: readonly string[]
  readonly dnsNames: readonly string[]
  readonly devices: readonly DeviceOverride[]
  readonly telemetrySeconds: number
}

export interface Granted {
  readonly config: Reported['config']
  readonly refused: Reported['refused']
  /** The sealed community, if any, is opened elsewhere. */
  readonly sealedSnmpCommunity?: string
}

/**
 * What is in force: local settings with the cloud's wishes on top, item by item, as far as local limits allow (design §8).
 * A network is taken only where the appliance is attached to it or was configured with it on site. The cloud adds; it cannot take away
 * what was set on site.
 */
export function grant(
  local: LocalSettings,
  wanted: AgentConfig | undefined,
  attachedNetworks: readonly string[],
): Granted {
  if (wanted === undefined) return { config: toConfig(local), refused: [] }
  const refused: { path: string; reason: string }[] = []
  const networks = [...local.networks]
  for (const [index, network] of wanted.networks.entries()) {
    const isAllowed = [...attachedNetworks, ...local.networks].some((own) => contains(own, network))
    if (isAllowed) {
      if (!networks.includes(network)) networks.push(network)
    } else {
      refused.push({
        path: `networks.${index}`,
        reason: `${network} is no network this appliance is attached to`,
      })
    }
  }
  const payPaths = new Map([...local.payPaths, ...wanted.payPaths].map((path) => [path.id, path]))
  const devices = new Map(local.devices.map((device) => [device.deviceId, device]))
  for (const device of wanted.devices)
    devices.set(device.deviceId, { ...devices.get(device.deviceId), ...device })
  const config = toConfig({
    networks: networks.slice(0, 16),
    payPaths: [...payPaths.values()].slice(0, 8),
    internetTargets: wanted.internetTargets.length > 0 ? wanted.internetTargets : local.internetTargets,
    dnsNames: wanted.dnsNames.length > 0 ? wanted.dnsNames : local.dnsNames,
    devices: [...devices.values()].slice(0, 1_100),
    telemetrySeconds: wanted.telemetrySeconds,
  })
  return {
    config,
    refused: refused.slice(0, 64),
    ...(wanted.sealedSnmpCommunity === undefined ? {} : { sealedSnmpCommunity: wanted.sealedSnmpCommunity }),
  }
}

function toConfig(settings: LocalSettings): Reported['config'] {
  return {
    telemetrySeconds: settings.telemetrySeconds,
    networks: [...settings.networks],
    payPaths: [...settings.payPaths],
    internetTargets: [...settings.internetTargets],
    dnsNames: [...settings.dnsNames],
    devices: [...settings.devices],
  }
}
