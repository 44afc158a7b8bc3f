import { type Birth, rowFields } from '@proactive/shared'
import type { UplinkStanding } from '../core/failover.ts'
import { createPace } from '../core/pace.ts'
import { createLoadMeter } from '../core/line-load.ts'
import type { PreviousEnd } from '../core/previous-run.ts'
import type {
  AnnouncementListener,
  ArpListener,
  CloudRoute,
  DhcpListener,
  DocumentReader,
  SnmpAccess,
  Stop,
} from '../ports/index.ts'
import type { Settings } from '../settings/settings.ts'
import { type Ailments, createAilments } from './ailments.ts'
import { createLinkAsker } from './ask-link.ts'
import { type AnnouncementFigures, createAnnouncementWatch } from './announcement-watch.ts'
import { createArpWatch } from './arp-watch.ts'
import { createConflictWatch } from './conflict-watch.ts'
import type { WallClock, WatchContext } from './context.ts'
import { createDhcpWatch } from './dhcp-watch.ts'
import { createDiscovery } from './discovery.ts'
import { createDnsWatch } from './dns-watch.ts'
import { createEquipmentWatch } from './equipment-watch.ts'
import { createFirstHops } from './first-hop.ts'
import { createFlightRecorder } from './flight-recorder.ts'
import { createInterfaceWatch } from './interface-watch.ts'
import { createLinks, type Links } from './links.ts'
import { createNameWatch } from './name-watch.ts'
import { createNeighborTables } from './neighbor-tables.ts'
import { createPayPathWatch } from './pay-path-watch.ts'
import { createPresenceWatch, type PresenceWatch } from './presence-watch.ts'
import { createRouterWatch } from './router-watch.ts'
import { createServiceWatch } from './service-watch.ts'
import { createUplinkWatch } from './uplink-watch.ts'

export interface WatchesDeps {
  readonly settings: Settings
  /** undefined = SNMP is not set up; may change while the agent runs. */
  readonly snmpAccess: () => SnmpAccess | undefined
  readonly dhcp: DhcpListener
  readonly announcements: AnnouncementListener | undefined
  readonly arpEars: ArpListener | undefined
  readonly readDocument: DocumentReader | undefined
  readonly wall: WallClock
  readonly onStanding: () => void
  /** The appliance's own interfaces or addresses changed. */
  readonly onLinks: () => void
}

/** What commands of the cloud work with. */
export interface CommandTools {
  readonly links: Links
  readonly presence: Pick<PresenceWatch, 'probe' | 'ignoresIcmp' | 'askOnLink'>
  readonly sweep: () => Promise<number>
  /** First hops and the like: targets that are watched anyway. */
  readonly watchedIps: () => readonly string[]
}

/** All that looks at the Location, wired together. */
export interface Watches {
  readonly commandTools: CommandTools
  start(): Promise<Stop>
  standings(): readonly UplinkStanding[]
  routeOf(uplinkId: string): CloudRoute
  birthUplinks(): Birth['uplinks']
  attachedNetworks(): readonly string[]
  planChanged(): void
  cloudChanged(isConnected: boolean): void
  startedAfter(run: { readonly previousEnd: PreviousEnd; readonly lastAliveMs: number | null }): void
  sweep(): Promise<number>
  /** Whether a device answers at the moment. */
  isPresent(deviceId: string): boolean
  status(): {
    readonly uplinks: readonly UplinkStanding[]
    readonly presence: { readonly present: number; readonly known: number }
    readonly isDhcpHeard: boolean
    readonly announcements: AnnouncementFigures
    readonly isArpHeard: boolean
    readonly ailments: ReturnType<Ailments['list']>
    readonly droppedLineReadings: number
    readonly ignoredWords: { readonly dhcp: number; readonly arp: number }
    readonly isArpAllowed: boolean
    readonly isEchoAvailable: boolean
  }
}

/** Long enough for a crowd, short enough for one: the first round to a new device is a second away anyway. */
const arrangeGatherMs = 100

/** A whole shop that starts at once asks less often; a broadcast storm repeats one packet thousands of times. */
const maxDhcpPerSecond = 50

const anyWay: UplinkStanding = { id: 'any', hasCarrier: true, isGatewayReachable: null, isWanUp: null }

export function createWatches(context: WatchContext, deps: WatchesDeps): Watches {
  const { settings, wall, snmpAccess } = deps
  const { lan, log, inventory } = context
  const links = createLinks(context, settings.uplinks, wall)
  const asker = createLinkAsker(context, links)
  const discovery = createDiscovery(context, links, wall)
  const presence = createPresenceWatch(context, links, asker, wall)
  const firstHops = createFirstHops(context, links, settings.uplinks, settings.firstHop)
  const primary = () => links.uplinks().find(({ kind }) => kind === 'primary') ?? links.uplinks()[0]
  const routerDevice = () => inventory.byIp(primary()?.gateway ?? '')
  const lineLoad = createLoadMeter()
  const router = createRouterWatch(context, {
    links,
    wall,
    firstHops,
    snmpAccess,
    wanInterfaceName: settings.routerWanInterface,
    isInternetFine: () => uplinks.isInternetFine(),
    onTraffic: (reading, routerAlias) => {
      const load = lineLoad.traffic(reading)
      if (load !== undefined) context.sample(['l', routerAlias, ...rowFields.load.map((name) => load[name])])
    },
  })
  const uplinks = createUplinkWatch(context, {
    links,
    asker,
    wall,
    firstHops,
    readWanLink: () => router.readWanLink(),
    onRoundTrip: (target, rttMs) => lineLoad.roundTrip(target, rttMs, context.scheduler.monotonicMs()),
    onGatewayRound: (deviceId, outcome, rttMs) => presence.feed(deviceId, outcome, rttMs),
    onStanding: () => {
      deps.onStanding()
      presence.arrange()
    },
  })
  const dns = createDnsWatch(context, {
    links,
    wall,
    alternatives: settings.alternativeResolvers,
    isInternetFine: () => uplinks.isInternetFine(),
    isInternetLossy: () => uplinks.isInternetLossy(),
  })
  const payPaths = createPayPathWatch(context, {
    links,
    wall,
    periodSeconds: settings.payPathSeconds,
    isInternetFine: () => uplinks.isInternetFine(),
    isInternetLossy: () => uplinks.isInternetLossy(),
  })
  const conflicts = createConflictWatch(context, asker, wall)
  const names = createNameWatch(context, {
    resolver: () => primary()?.resolvers[0] ?? primary()?.gateway,
    onNamed: () => context.announce(),
  })
  const announcements = createAnnouncementWatch(context, {
    links,
    listener: deps.announcements,
    readDocument: deps.readDocument,
    onStranger: (ip) => discovery.look(ip),
    onLearned: () => discovery.learned(),
  })
  const arpWords = createArpWatch(context, {
    ...{ links, discovery, listener: deps.arpEars },
    onSpoke: (ip) => presence.nudge(ip),
  })
  const neighborTables = createNeighborTables(context, {
    links,
    snmpAccess,
    onSeen: (ip, mac, isStillUsed) => discovery.seenElsewhere(ip, mac, isStillUsed),
    onLearned: () => discovery.learned(),
  })
  const dhcp = createDhcpWatch(context, wall, () => primary()?.gateway)
  const flightRecorder = createFlightRecorder(context, {
    wall,
    uplinks: () => uplinks.snapshot(),
    routerBootMs: (notBeforeMono) => router.bootMs(notBeforeMono),
    canReadRouter: () => snmpAccess() !== undefined,
    readRouterSoon: () => router.readSoon(),
    isDnsAnswering: () => dns.isAnswering(primary()?.resolvers[0] ?? ''),
    routerDeviceId: () => routerDevice()?.id,
  })
  const commandTools: CommandTools = {
    links,
    presence,
    sweep: () => discovery.sweep(),
    watchedIps: () => [
      ...links
        .uplinks()
        .flatMap(({ gateway, resolvers }) => [...(gateway === undefined ? [] : [gateway]), ...resolvers]),
      ...settings.uplinks.flatMap(({ id }) => firstHops.of(id) ?? []),
      ...settings.alternativeResolvers,
    ],
  }
  const isPresent = (deviceId: string) => presence.statusOf(deviceId) === 'present'
  const ailments = createAilments(context, wall)
  const equipment = createEquipmentWatch(context, { ailments, snmpAccess, isPresent })
  const ports = createInterfaceWatch(context, { ailments, snmpAccess, isPresent })
  const services = createServiceWatch(context, isPresent)
  const dhcpPace = createPace(maxDhcpPerSecond, () => context.scheduler.monotonicMs())
  let isDhcpHeard = false
  let stopGather: Stop | undefined

  /** New devices come in crowds: whoever sorts them does it once for all of them. */
  function arrangeSoon(): void {
    stopGather ??= context.scheduler.after(arrangeGatherMs, () => {
      stopGather = undefined
      uplinks.arrange()
      presence.arrange()
    })
  }

  /** Hosts outside that are asked at a steady pace: the bucket is sized for them. */
  function sizeOutside(): void {
    const { internetTargets, payPaths: paths } = context.plan()
    const ways = Math.max(1, settings.uplinks.length)
    const hosts = (internetTargets.length + 1) * ways + paths.length + settings.alternativeResolvers.length
    context.budget.setPopulation('outside', hosts)
  }

  function wire(): void {
    links.onChange(() => {
      deps.onLinks()
      uplinks.arrange()
      presence.arrange()
      discovery.arrange()
      announcements.arrange()
      arpWords.arrange()
    })
    links.onLent(() => dhcp.lent())
    firstHops.onLearned(() => uplinks.arrange())
    discovery.onAlive((ip) => {
      presence.nudge(ip)
      announcements.deviceKnown(ip)
    })
    discovery.onTakenOver((ip) => conflicts.suspect(ip))
    discovery.onNew(({ device }) => {
      arrangeSoon()
      names.ask(device)
      for (const ip of device.ips.slice(0, 1)) router.identify(ip)
    })
  }

  return {
    commandTools,
    async start() {
      wire()
      const stops: Stop[] = [await links.start()]
      stops.push(
        lan.watch({
          onNeighbor(neighbor) {
            discovery.neighborChanged(neighbor)
            presence.doubt(neighbor)
          },
          onInterfaces: () => links.changed(),
        }),
      )
      stops.push(
        await discovery.start(),
        uplinks.start(),
        firstHops.start(),
        presence.start(),
        router.start(),
      )
      stops.push(equipment.start(), ports.start(), services.start())
      stops.push(dns.start(), payPaths.start(), conflicts.start(), flightRecorder.start())
      try {
        const stopListening = await deps.dhcp.listen((heard) => {
          if (!dhcpPace.take()) return
          discovery.heardDhcp(heard)
          dhcp.heard(heard)
        })
        stops.push(stopListening)
        isDhcpHeard = true
      } catch (err) {
        log.warn({ err }, 'DHCP clients cannot be heard; new devices are found by sweeps only')
      }
      stops.push(await announcements.start(), arpWords.start(), neighborTables.start())
      stops.push(
        () => names.stop(),
        () => stopGather?.(),
      )
      for (const device of inventory.devices()) {
        names.ask(device)
        for (const ip of device.ips.slice(0, 1)) router.identify(ip)
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
        ...(firstHops.of(id) === undefined ? {} : { firstHop: firstHops.of(id) as string }),
      })),
    attachedNetworks: () => links.attachedNetworks(),
    planChanged() {
      sizeOutside()
      uplinks.arrange()
      presence.arrange()
      announcements.arrange()
      arpWords.arrange()
      payPaths.arrange()
    },
    cloudChanged: (isConnected) => flightRecorder.cloudChanged(isConnected),
    startedAfter: (run) => flightRecorder.startedAfter(run),
    sweep: () => discovery.sweep(),
    isPresent,
    status: () => ({
      uplinks: uplinks.standings(),
      presence: presence.figures(),
      isDhcpHeard,
      announcements: announcements.figures(),
      isArpHeard: arpWords.isHearing(),
      ailments: ailments.list(),
      droppedLineReadings: lineLoad.dropped(),
      ignoredWords: { dhcp: dhcpPace.ignored(), arp: arpWords.ignored() },
      isArpAllowed: context.arp.isAvailable(),
      isEchoAvailable: context.echo.isAvailable(),
    }),
  }
}
