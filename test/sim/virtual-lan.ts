import type {
  Arp,
  Connector,
  DhcpListener,
  Echo,
  HealthReader,
  Lan,
  LanInterface,
  PingNow,
  Resolver,
  Snmp,
} from '../../agent/src/ports/index.ts'
import { addresses } from '../lab/topology.ts'
import type { Machine } from './machine.ts'
import type { SeededRandom } from './random.ts'
import { createVirtualNeighbors } from './virtual-neighbors.ts'
import type { VirtualLocation } from './virtual-location.ts'
import {
  createVirtualPaths,
  isLanAddress,
  type LinkQuality,
  liveQuality,
  type VirtualPaths,
} from './virtual-paths.ts'
import { createVirtualArp, createVirtualConnector, createVirtualEcho, later } from './virtual-probes.ts'
import { createVirtualResolver } from './virtual-resolver.ts'
import { createVirtualSnmp } from './virtual-snmp.ts'

/** The Location as one life of the appliance sees it: the agent's own ports, with nothing behind them but memory. */
export interface VirtualLan {
  readonly lan: Lan
  readonly echo: Echo
  readonly arp: Arp
  readonly resolver: Resolver
  readonly connector: Connector
  readonly snmp: Snmp
  readonly dhcp: DhcpListener
  readonly pingNow: PingNow
  readonly health: HealthReader
  /** The ways themselves, for the connection to the cloud. */
  readonly paths: VirtualPaths
  /** So much time was leapt over. */
  leapt(ms: number): void
}

export interface VirtualLanOptions {
  readonly machine: Machine
  readonly location: VirtualLocation
  readonly random: SeededRandom
  readonly quality?: Partial<LinkQuality>
  /** Whether the agent may send raw ARP (arp-scan with CAP_NET_RAW). */
  readonly hasRawArp?: boolean
  /** A regular echo to the internet was lost. */
  readonly onLineMissed?: () => void
}

const pokesPerPause = 16
const pokePauseMs = 5
/** Reading the kernel's tables costs a child process. */
const readMs = 8
/** As the lab's router is set up. */
export const snmpCommunity = 'public'

/** Builds the ports for one life of the appliance. Everything they start ends with that life. */
export function createVirtualLan(options: VirtualLanOptions): VirtualLan {
  const { machine, location, random, hasRawArp = true } = options
  const paths = createVirtualPaths({ location, quality: liveQuality(options.quality ?? {}), random })
  const neighbors = createVirtualNeighbors({
    ...{ machine, paths, random, interfaceName: 'eth0' },
    tellsDoubt: !hasRawArp,
  })
  const world = { machine, location, paths, neighbors }

  function interfaces(): LanInterface[] {
    const appliance = location.node('appliance')
    const address = appliance?.address
    return [
      {
        name: 'eth0',
        ...(appliance === undefined ? {} : { mac: appliance.spec.mac }),
        hasCarrier: location.isApplianceOnLan(),
        addresses: address === undefined ? [] : [`${address}/24`],
        ...(address === undefined ? {} : { gateway: addresses.router }),
      },
      ...(location.hasBackupUplink
        ? [
            {
              name: 'wan1',
              mac: 'dc:a6:32:0f:41:03',
              hasCarrier: true,
              addresses: [`${addresses.applianceBackup}/25`],
              gateway: addresses.backup,
            },
          ]
        : []),
    ]
  }

  const lan: Lan = {
    interfaces: () => later(machine, readMs, interfaces),
    neighbors: () => later(machine, readMs, neighbors.list),
    poke(ips) {
      neighbors.used(ips.filter(isLanAddress))
      return later(machine, Math.ceil(ips.length / pokesPerPause) * pokePauseMs, () => undefined)
    },
    watch(listener) {
      const linkState = () => `${location.isApplianceOnLan()} ${location.node('appliance')?.address}`
      let known = linkState()
      neighbors.onChange((neighbor) => {
        if (machine.isAlive) listener.onNeighbor(neighbor)
      })
      const stop = location.listen({
        onLinks() {
          if (!machine.isAlive) {
            stop()
            return
          }
          const now = linkState()
          if (now === known) return
          known = now
          if (!location.isApplianceOnLan()) neighbors.clear()
          listener.onInterfaces()
        },
      })
      return stop
    },
  }

  const echo = createVirtualEcho(world, options.onLineMissed)
  return {
    lan,
    paths,
    leapt: neighbors.age,
    echo,
    arp: createVirtualArp(world, hasRawArp),
    resolver: createVirtualResolver(world),
    connector: createVirtualConnector(world),
    snmp: createVirtualSnmp(world, snmpCommunity),
    dhcp: {
      async listen(onHeard) {
        const stop = location.listen({
          onDhcp(heard) {
            if (machine.isAlive) onHeard(heard)
            else stop()
          },
        })
        return stop
      },
    },
    pingNow: {
      ping: async (ip, options) => (await echo.ask([ip], options)).map(({ rttMs }) => rttMs),
    },
    health: {
      read: async () => ({
        cpuRatio: Math.round(random.between(20, 60)) / 1_000,
        memoryUsedRatio: 0.31,
        rssBytes: 62_000_000,
        load1: 0.08,
        temperatureC: Math.round(random.between(440, 490)) / 10,
        diskUsedRatio: 0.22,
        writtenBytes: Math.round(machine.monotonicMs() * 0.4),
      }),
    },
  }
}
