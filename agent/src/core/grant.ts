import type { AgentConfig, DeviceOverride, PayPath, Reported } from '@proactive/shared'
import { contains } from './networks.ts'
import { whyNotOutside } from './outside.ts'

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

/** Most of each that is watched at a time. */
const most = { networks: 16, payPaths: 8, devices: 1_100, refused: 64 } as const

/**
 * What is in force: local settings with the cloud's wishes on top, item by item, as far as local limits allow.
 * A network is taken only where the appliance is attached to it or was configured with it on site; internet targets and payment processors
 * only where they lie outside the Location. The cloud adds; it cannot take away what was set on site.
 */
export function grant(
  local: LocalSettings,
  wanted: AgentConfig | undefined,
  attachedNetworks: readonly string[],
): Granted {
  const refused: { path: string; reason: string }[] = []
  const networks = [...local.networks]
  for (const [index, network] of (wanted?.networks ?? []).entries()) {
    const isAllowed = [...attachedNetworks, ...local.networks].some((own) => contains(own, network))
    if (!isAllowed)
      refused.push({
        path: `networks.${index}`,
        reason: `${network} is no network this appliance is attached to`,
      })
    else if (networks.includes(network)) continue
    else if (networks.length < most.networks) networks.push(network)
    else refused.push({ path: `networks.${index}`, reason: `more than ${most.networks} networks` })
  }
  const ownNetworks = [...networks, ...attachedNetworks]
  const isTaken = (path: string, host: string, isNamedOnSite: boolean): boolean => {
    const reason = whyNotOutside(host, { ownNetworks, isNamedOnSite })
    if (reason !== undefined) refused.push({ path, reason: cut(reason) })
    return reason === undefined
  }

  const isCloudsTargets = wanted !== undefined && wanted.internetTargets.length > 0
  const internetTargets = (isCloudsTargets ? wanted.internetTargets : local.internetTargets).filter(
    (host, index) =>
      isTaken(`internetTargets.${index}`, host, !isCloudsTargets || local.internetTargets.includes(host)),
  )
  const payPaths = new Map<string, PayPath>()
  for (const [origin, paths] of [
    ['site', local.payPaths],
    ['cloud', wanted?.payPaths ?? []],
  ] as const)
    for (const [index, path] of paths.entries()) {
      const where = `payPaths.${index}.host`
      const isSite = origin === 'site' || isNamedOnSite(local, path.host)
      // A name is judged by what it resolves to, each time.
      if (/^[\d.]+$|:/.test(path.host) && !isTaken(where, path.host, isSite)) continue
      if (payPaths.size >= most.payPaths && !payPaths.has(path.id))
        refused.push({ path: `payPaths.${index}`, reason: `more than ${most.payPaths} payment paths` })
      else payPaths.set(path.id, path)
    }
  const devices = new Map(local.devices.map((device) => [device.deviceId, device]))
  for (const device of wanted?.devices ?? [])
    devices.set(device.deviceId, { ...devices.get(device.deviceId), ...device })
  return {
    config: {
      telemetrySeconds: wanted?.telemetrySeconds ?? local.telemetrySeconds,
      networks,
      payPaths: [...payPaths.values()],
      internetTargets,
      dnsNames: [...(wanted !== undefined && wanted.dnsNames.length > 0 ? wanted.dnsNames : local.dnsNames)],
      devices: [...devices.values()].slice(0, most.devices),
    },
    refused: refused.slice(0, most.refused),
    ...(wanted?.sealedSnmpCommunity === undefined ? {} : { sealedSnmpCommunity: wanted.sealedSnmpCommunity }),
  }
}

/** Whether a person on site named this host as a target or a payment processor. */
export function isNamedOnSite(local: LocalSettings, host: string): boolean {
  return local.internetTargets.includes(host) || local.payPaths.some((path) => path.host === host)
}

/** Reasons are as long as the contract takes. */
const cut = (text: string): string => text.slice(0, 200)
