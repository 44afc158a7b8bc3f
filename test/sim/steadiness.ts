import type { LocationState } from '../../ingest/src/faults/index.ts'
import { isLanAddress } from './virtual-paths.ts'
import type { LinkQuality } from './virtual-paths.ts'
import type { VirtualLocation, VirtualNode } from './virtual-location.ts'

/** Machines of the Location beside the appliance itself. */
const isDevice = ({ spec }: VirtualNode) => !['appliance', 'provider', 'internet'].includes(spec.role)

/** Whether any packet may get lost by chance: then no answer is sure to be the same again. */
export function isLossy(location: VirtualLocation, quality: Partial<LinkQuality>): boolean {
  const { lanLossRatio = 0, wanLossRatio = 0, backupLossRatio = 0 } = quality
  return lanLossRatio + wanLossRatio + backupLossRatio + location.effects().wanLossRatio > 0
}

/** Whether all that the Location needs works: router, line, names, addresses, processor, cloud. Devices may come and go. */
export function isWhole(location: VirtualLocation): boolean {
  const { conflicts, isDhcpDown, isDnsSilent, processor } = location.effects()
  return (
    location.isApplianceOnLan() &&
    location.node('router')?.isOn === true &&
    location.node('switch')?.isOn === true &&
    location.isLineUp() &&
    location.isCloudReachable() &&
    conflicts.size === 0 &&
    !isDhcpDown &&
    !isDnsSilent &&
    processor === 'up'
  )
}

/** Whether the fault core holds of each device what is true: who is there, at which address, and who is not. */
export function isTrue(state: LocationState, location: VirtualLocation): boolean {
  const factsByMac = new Map(state.devices.flatMap((facts) => facts.device.macs.map((mac) => [mac, facts])))
  const met = new Set<LocationState['devices'][number]>()
  for (const node of location.nodes()) {
    if (!isDevice(node)) continue
    const { spec, address } = node
    const facts = factsByMac.get(spec.mac)
    if (facts !== undefined) met.add(facts)
    const isThere = location.isOnLan(spec.name)
    if (isThere && (address === undefined || !isLanAddress(address))) return false
    if (isThere && (facts?.state !== 'good' || !facts.device.ips.includes(address as string))) return false
    if (!isThere && (facts?.state ?? 'bad') !== 'bad') return false
  }
  return state.devices.every((facts) => met.has(facts) || facts.state === 'bad')
}
