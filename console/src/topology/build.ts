import type { DeviceRole, FaultClass } from '@proactive/shared'
import type { DeviceState, HealthState, LocationDetail } from '@proactive/shared/http'
import { t } from '../i18n/language.ts'
import { byName, deviceName } from '../words/device.ts'
import { roleWords } from '../words/roles.ts'

/** One box of the tree: where it hangs is told by whose child it is. */
export interface TopologyNode {
  readonly id: string
  readonly label: string
  /** Second line: what it is. */
  readonly detail: string
  readonly icon: DeviceRole | 'internet' | 'provider' | 'processor' | 'appliance' | 'more'
  readonly health: HealthState
  readonly href?: string
  readonly children: readonly TopologyNode[]
}

/** Leaves shown under one box; the rest becomes one box that counts them. */
const maxLeaves = 14
const infrastructure: ReadonlySet<DeviceRole> = new Set(['switch', 'access-point', 'firewall'])

/** Draws the Location from what is known: internet – provider – router – switches – devices. Pure. */
export function buildTopology(detail: LocationDetail): TopologyNode {
  const { devices, summary } = detail
  const open = new Set(
    detail.incidents.filter(({ state }) => state !== 'closed').map(({ faultClass }) => faultClass),
  )
  const isAny = (...classes: FaultClass[]) => classes.some((each) => open.has(each))
  const gateway = devices.find(({ device }) => device.isGateway)
  const isRouterWell = gateway !== undefined && gateway.health === 'ok'
  const hasBackup = detail.uplinks.some(({ kind, hasCarrier }) => kind === 'backup' && hasCarrier)
  const canTell = summary.isOnline && (isRouterWell || hasBackup)

  const provider: HealthState = isAny('provider-down', 'provider-outage', 'wan-link-down')
    ? 'down'
    : isAny('wan-degraded', 'dns-failing')
      ? 'degraded'
      : canTell && isRouterWell
        ? 'ok'
        : 'unknown'
  const processors = detail.targets
    .filter(({ kind }) => kind === 'paypath')
    .map((target): TopologyNode => {
      const isFailing = isAny('payment-path-failing', 'processor-outage')
      return {
        id: `target-${target.id}`,
        label: target.name,
        detail: t('Payment processor'),
        icon: 'processor',
        health: isFailing ? 'down' : provider === 'ok' ? 'ok' : 'unknown',
        children: [],
      }
    })
  const backup = detail.uplinks
    .filter(({ kind }) => kind === 'backup')
    .map((uplink): TopologyNode => {
      const health = summary.isOnline ? (uplink.hasCarrier ? 'ok' : 'down') : 'unknown'
      return {
        id: `uplink-${uplink.id}`,
        label: t('Second way out'),
        detail: uplink.interface,
        icon: 'modem',
        health,
        children: [],
      }
    })
  const appliance: TopologyNode = {
    id: 'appliance',
    label: t('Appliance'),
    detail:
      detail.agentVersion === null
        ? t('not seen yet')
        : [
            ...(detail.hardware === undefined ? [] : [detail.hardware]),
            t('version {version}', { version: detail.agentVersion }),
          ].join(', '),
    icon: 'appliance',
    health: detail.applianceId === null ? 'unknown' : summary.isOnline ? 'ok' : 'dark',
    children: [],
  }
  const router = gateway && deviceNode(summary.id, gateway, [...behindRouter(detail, gateway), appliance])
  const line: TopologyNode = {
    id: 'provider',
    label: t('Provider'),
    detail: t('Line to the internet'),
    icon: 'provider',
    health: provider,
    children: router === undefined ? [...behindRouter(detail, undefined), appliance] : [router],
  }
  return {
    id: 'internet',
    label: t('Internet'),
    detail: '',
    icon: 'internet',
    health: canTell ? (provider === 'ok' || hasBackup ? 'ok' : provider) : 'unknown',
    children: [...processors, line, ...backup],
  }
}

/** Switches and access points hang on the router; the rest hangs on the switch where there is just one. */
function behindRouter(
  { devices, summary }: LocationDetail,
  gateway: DeviceState | undefined,
): TopologyNode[] {
  const others = devices.filter((state) => state !== gateway)
  const middle = others.filter(({ device }) => infrastructure.has(device.role))
  const leaves = others.filter(({ device }) => !infrastructure.has(device.role))
  const switches = middle.filter(({ device }) => device.role === 'switch')
  const shown = shorten(summary.id, leaves)
  const [only] = switches
  if (only === undefined || switches.length > 1)
    return [...middle.map((state) => deviceNode(summary.id, state, [])), ...shown]
  return middle.map((state) => deviceNode(summary.id, state, state === only ? shown : []))
}

const rank: readonly HealthState[] = ['down', 'dark', 'degraded', 'unknown', 'asleep', 'ok']
const importance = ({ device, health }: DeviceState) =>
  (health === 'ok' || health === 'asleep' ? 100 : rank.indexOf(health)) +
  (device.role === 'pos-terminal' || device.role === 'pos-workstation' ? 0 : 50)

function shorten(locationId: string, leaves: readonly DeviceState[]): TopologyNode[] {
  const sorted = leaves.toSorted(
    (a, b) => importance(a) - importance(b) || byName(deviceName(a.device), deviceName(b.device)),
  )
  const nodes = sorted.slice(0, maxLeaves).map((state) => deviceNode(locationId, state, []))
  const rest = sorted.slice(maxLeaves)
  if (rest.length === 0) return nodes
  const worst = rank.find((health) => rest.some((state) => state.health === health)) ?? 'unknown'
  return [
    ...nodes,
    {
      id: 'more',
      label: t('{count} more', { count: rest.length }),
      detail: t('in the table below'),
      icon: 'more',
      health: worst,
      children: [],
    },
  ]
}

function deviceNode(
  locationId: string,
  { device, health, productName }: DeviceState,
  children: readonly TopologyNode[],
): TopologyNode {
  return {
    id: device.id,
    label: deviceName(device),
    detail: productName ?? device.model ?? roleWords[device.role],
    icon: device.role,
    health,
    href: `/locations/${locationId}/devices/${device.id}`,
    children,
  }
}
