import { addresses } from '../lab/topology.ts'
import type { SeededRandom } from './random.ts'
import type { VirtualLocation, VirtualNode } from './virtual-location.ts'

/** How good the links are when nothing is broken. Ratios are per packet and direction, 0..1. */
export interface LinkQuality {
  readonly lanLossRatio: number
  readonly wanLossRatio: number
  readonly backupLossRatio: number
  /** Median round trips in ms. */
  readonly lanMs: number
  readonly wanMs: number
  readonly backupMs: number
}

/** A good small shop: cables inside, a fibre or DSL line, mobile radio as second way out. */
export const goodLinks: LinkQuality = {
  lanLossRatio: 0,
  wanLossRatio: 0,
  backupLossRatio: 0,
  lanMs: 0.4,
  wanMs: 9,
  backupMs: 45,
}

/** The quality as it is at each moment: whoever holds the object may worsen it for a while (and tell the Location to stir). */
export function liveQuality(quality: Partial<LinkQuality>): LinkQuality {
  return {
    get lanLossRatio() {
      return quality.lanLossRatio ?? goodLinks.lanLossRatio
    },
    get wanLossRatio() {
      return quality.wanLossRatio ?? goodLinks.wanLossRatio
    },
    get backupLossRatio() {
      return quality.backupLossRatio ?? goodLinks.backupLossRatio
    },
    get lanMs() {
      return quality.lanMs ?? goodLinks.lanMs
    },
    get wanMs() {
      return quality.wanMs ?? goodLinks.wanMs
    },
    get backupMs() {
      return quality.backupMs ?? goodLinks.backupMs
    },
  }
}

/** The spread of round trips: sigma of their logarithm. */
const spread = 0.25

/** The way that packets take from the appliance to one address and back. */
export interface Path {
  readonly uplink: 'lan' | 'primary' | 'backup'
  readonly medianMs: number
  /** Chance that one packet is lost on its way there or back. */
  readonly lossRatio: number
  /** Who answers, where it is a device of the Location. */
  readonly node?: VirtualNode
}

export interface VirtualPaths {
  /** Undefined where packets to this address arrive nowhere. */
  to(ip: string, localAddress?: string): Path | undefined
  /** Whether the kernel has any way at all to send it on; without one a connection fails at once. */
  hasRoute(ip: string, localAddress?: string): boolean
  /** One question and its answer: how long it took in ms, null = one of them was lost. */
  roundTrip(path: Path): number | null
  /** The devices that answer an ARP request for this address now, losses included. */
  arpAnswers(ip: string): readonly VirtualNode[]
}

export function createVirtualPaths(options: {
  readonly location: VirtualLocation
  readonly quality: LinkQuality
  readonly random: SeededRandom
}): VirtualPaths {
  const { location, quality, random } = options
  let knownVersion = -1
  let hasLan = false
  /** Source address (undefined = the kernel's choice) → target → way. */
  const pathsBySource = new Map<string | undefined, Map<string, Path | null>>()
  const nodesByAddress = new Map<string, VirtualNode[]>()

  /** What was worked out holds until something changes at the Location. */
  function refresh(): void {
    if (location.version() === knownVersion) return
    knownVersion = location.version()
    pathsBySource.clear()
    nodesByAddress.clear()
    hasLan = location.isApplianceOnLan() && location.node('appliance')?.address !== undefined
    for (const node of location.nodes()) {
      const { address, spec } = node
      if (address === undefined || spec.role === 'appliance' || !isLanAddress(address)) continue
      if (!location.isOnLan(spec.name)) continue
      const list = nodesByAddress.get(address)
      if (list === undefined) nodesByAddress.set(address, [node])
      else list.push(node)
    }
  }

  const hasBackup = () => location.hasBackupUplink && location.node('appliance')?.isOn === true

  function uplinkFor(ip: string, localAddress: string | undefined): Path['uplink'] | undefined {
    if (isLanAddress(ip)) return hasLan && localAddress !== addresses.applianceBackup ? 'lan' : undefined
    if (localAddress === addresses.applianceBackup || ip === addresses.backup)
      return hasBackup() ? 'backup' : undefined
    if (hasLan) return 'primary'
    return localAddress === undefined && hasBackup() ? 'backup' : undefined
  }

  function find(ip: string, localAddress: string | undefined): Path | null {
    const uplink = uplinkFor(ip, localAddress)
    if (uplink === undefined) return null
    if (uplink === 'lan') {
      const node = nodesByAddress.get(ip)?.[0]
      if (node === undefined) return null
      return { uplink, medianMs: quality.lanMs, lossRatio: bothWays(quality.lanLossRatio), node }
    }
    if (ip === addresses.cloud && !location.isCloudReachable()) return null
    if (uplink === 'backup') {
      if (ip !== addresses.backup && !isInternetAddress(ip)) return null
      return { uplink, medianMs: quality.backupMs, lossRatio: bothWays(quality.backupLossRatio) }
    }
    const router = location.node('router')
    if (router === undefined || !location.isOnLan('router')) return null
    const overLan = bothWays(quality.lanLossRatio)
    if (ip === addresses.routerWan)
      return { uplink, medianMs: quality.lanMs, lossRatio: overLan, node: router }
    if (ip !== addresses.provider && !isInternetAddress(ip)) return null
    if (!location.isLineUp()) return null
    const oneWay = 1 - (1 - quality.wanLossRatio) * (1 - location.effects().wanLossRatio)
    const lossRatio = 1 - (1 - overLan) * (1 - bothWays(oneWay))
    const medianMs = ip === addresses.provider ? quality.wanMs * 0.6 : quality.wanMs
    return { uplink, medianMs, lossRatio }
  }

  return {
    to(ip, localAddress) {
      refresh()
      let paths = pathsBySource.get(localAddress)
      if (paths === undefined) {
        paths = new Map()
        pathsBySource.set(localAddress, paths)
      }
      const known = paths.get(ip)
      if (known !== undefined) return known ?? undefined
      const path = find(ip, localAddress)
      paths.set(ip, path)
      return path ?? undefined
    },
    hasRoute(ip, localAddress) {
      refresh()
      return uplinkFor(ip, localAddress) !== undefined
    },
    roundTrip: ({ lossRatio, medianMs }) =>
      random.happens(lossRatio) ? null : random.logNormal(medianMs, spread),
    arpAnswers(ip) {
      refresh()
      if (!hasLan) return []
      const there = nodesByAddress.get(ip)
      if (there === undefined) return []
      const lossRatio = bothWays(quality.lanLossRatio)
      return lossRatio === 0 ? there : there.filter(() => !random.happens(lossRatio))
    },
  }
}

export function isLanAddress(ip: string): boolean {
  return ip.startsWith('192.168.77.')
}

export function isInternetAddress(ip: string): boolean {
  return ip.startsWith('198.51.100.')
}

function bothWays(oneWay: number): number {
  return 1 - (1 - oneWay) ** 2
}
