import type { Birth, Command, CommandResult } from '@proactive/shared'
import type { UplinkStanding } from '../core/failover.ts'
import type { PreviousEnd } from '../core/previous-run.ts'
import type { CloudRoute, DhcpListener, Stop } from '../ports/index.ts'
import type { Settings } from '../settings/settings.ts'
import { createLinkAsker } from './ask-link.ts'
import type { WallClock, WatchContext } from './context.ts'
import { createDiscovery } from './discovery.ts'
import { createFirstHops } from './first-hop.ts'
import { createLinks } from './links.ts'
import { createPresenceWatch } from './presence-watch.ts'
import { createUplinkWatch } from './uplink-watch.ts'

export interface WatchesDeps {
  readonly settings: Settings
  readonly snmpCommunity: string | undefined
  readonly dhcp: DhcpListener
  readonly wall: WallClock
  readonly isClockSynced: () => boolean
  readonly onStanding: () => void
}

/** All that looks at the Location, wired together. */
export interface Watches {
  start(): Promise<Stop>
  standings(): readonly UplinkStanding[]
  routeOf(uplinkId: string): CloudRoute
  birthUplinks(): Birth['uplinks']
  attachedNetworks(): readonly string[]
  planChanged(): void
  command(command: Command, answer: (result: CommandResult) => void): void
  cloudChanged(isConnected: boolean): void
  startedAfter(run: { readonly previousEnd: PreviousEnd; readonly lastAliveMs: number | null }): void
  sweep(): Promise<number>
  status(): {
    readonly uplinks: readonly UplinkStanding[]
    readonly presence: { readonly present: number; readonly known: number }
    readonly isDhcpHeard: boolean
    readonly isArpAllowed: boolean
    readonly isEchoAvailable: boolean
  }
}

const anyWay: UplinkStanding = { id: 'any', hasCarrier: true, isGatewayReachable: null, isWanUp: null }

export function createWatches(context: WatchContext, deps: WatchesDeps): Watches {
  const { settings, wall } = deps
  const { lan, log } = context
  const links = createLinks(context, settings.uplinks, wall)
  const asker = createLinkAsker(context, links)
  const discovery = createDiscovery(context, links, wall)
  const presence = createPresenceWatch(context, links, asker, wall)
  const firstHops = createFirstHops(context, links, settings.uplinks, settings.firstHop)
  const uplinks = createUplinkWatch(context, {
    links,
    asker,
    wall,
    firstHops,
    readWanLink: () => Promise.resolve(null),
    onGatewayRound: (deviceId, outcome, rttMs) => presence.feed(deviceId, outcome, rttMs),
    onStanding: deps.onStanding,
  })
  let isDhcpHeard = false

  function wire(): void {
    links.onChange(() => {
      uplinks.arrange()
      presence.arrange()
    })
    firstHops.onLearned(() => uplinks.arrange())
    discovery.onAlive((ip) => presence.nudge(ip))
    discovery.onNew(() => {
      uplinks.arrange()
      presence.arrange()
    })
  }

  return {
    async start() {
      wire()
      const stops: Stop[] = [await links.start()]
      stops.push(
        lan.watch({
          onNeighbor: (neighbor) => discovery.neighborChanged(neighbor),
          onInterfaces: () => links.changed(),
        }),
      )
      stops.push(await discovery.start(), uplinks.start(), firstHops.start(), presence.start())
      try {
        stops.push(await deps.dhcp.listen((heard) => discovery.heardDhcp(heard)))
        isDhcpHeard = true
      } catch (err) {
        log.warn({ err }, 'DHCP clients cannot be heard; new devices are found by sweeps only')
      }
      return () => {
        for (const stop of stops.reverse()) stop()
      }
    },
    // Without configured uplinks the kernel's own choice of way is the only one.
    standings: () => (settings.uplinks.length === 0 ? [anyWay] : uplinks.standings()),
    routeOf(uplinkId) {
      const link = links.uplinks().find(({ id }) => id === uplinkId)
      return {
        uplinkId,
        ...(link?.localAddress === undefined ? {} : { localAddress: link.localAddress }),
        resolvers: link?.resolvers ?? [],
      }
    },
    birthUplinks: () =>
      links.uplinks().map(({ id, kind, interface: name, hasCarrier, gateway }) => ({
        id,
        kind,
        interface: name,
        hasCarrier,
        ...(gateway === undefined ? {} : { gateway }),
      })),
    attachedNetworks: () => links.attachedNetworks(),
    planChanged() {
      uplinks.arrange()
      presence.arrange()
    },
    command(command, answer) {
      answer({
        v: 1,
        commandId: command.id,
        seq: 0,
        isFinal: true,
        outcome: { status: 'refused', reason: 'not supported by this version' },
      })
    },
    cloudChanged: () => undefined,
    startedAfter: () => undefined,
    sweep: () => discovery.sweep(),
    status: () => ({
      uplinks: uplinks.standings(),
      presence: presence.figures(),
      isDhcpHeard,
      isArpAllowed: context.arp.isAvailable(),
      isEchoAvailable: context.echo.isAvailable(),
    }),
  }
}
