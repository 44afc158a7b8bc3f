import type { MonotonicMs } from '@proactive/shared'
import type { UplinkStanding } from '../core/failover.ts'
import { judgePresence, newPresence, type Presence, recheckMs, type RoundOutcome } from '../core/presence.ts'
import { countLost, isInQuestion, isLossy, judgeWan, newWan, type WanState } from '../core/wan.ts'
import type { Stop } from '../ports/index.ts'
import type { LinkAsker } from './ask-link.ts'
import { evidenceOf, type WallClock, type WatchContext } from './context.ts'
import type { FirstHops } from './first-hop.ts'
import type { Links, UplinkLink } from './links.ts'
import { createRoundGatherer } from './round-gatherer.ts'
import { evidenceOfWan } from './wan-evidence.ts'

export interface UplinkWatchDeps {
  readonly links: Links
  readonly asker: LinkAsker
  readonly wall: WallClock
  readonly firstHops: FirstHops
  /** The router's WAN interface by SNMP, asked now; null where nobody can tell. */
  readonly readWanLink: () => Promise<boolean | null>
  /** A round on a gateway that is a device of the inventory. */
  readonly onGatewayRound: (deviceId: string, outcome: RoundOutcome, rttMs: number | null | undefined) => void
  readonly onStanding: () => void
  /** A round trip to an internet target over the primary way out. */
  readonly onRoundTrip: (target: string, rttMs: number) => void
}

/** Watches each way out: carrier, gateway, first hop, internet. Every 2 s; three more tries after the first miss. */
export interface UplinkWatch {
  start(): Stop
  /** Targets, interfaces or gateways changed. */
  arrange(): void
  standings(): readonly UplinkStanding[]
  snapshot(): readonly UplinkSnapshot[]
  /** Whether the internet by the primary way works beyond doubt, or was never judged: only then does a failure behind it mean anything. */
  isInternetFine(): boolean
  /** The internet by the primary way answers, but loses so many packets that silence behind it may be bad luck. */
  isInternetLossy(): boolean
}

/** What the flight recorder needs to know about a way out at one moment. */
export interface UplinkSnapshot {
  readonly id: string
  readonly kind: 'primary' | 'backup'
  readonly hasCarrier: boolean
  readonly isGatewayReachable: boolean | null
  readonly wan: WanState['state']
  readonly firstHop: boolean | null
  readonly wanLink: boolean | null
}

interface Watched {
  link: UplinkLink
  gateway: Presence
  wan: WanState
  wanLink: boolean | null
  firstHopAnswered: boolean | null
  healthySinceMono: MonotonicMs | undefined
  monitorKey: string
  stopMonitor: Stop
  stopGatewayRecheck: Stop | undefined
  isWanRechecking: boolean
  /** A round more between the regular ones is due or under way. */
  stopCloseLook: Stop | undefined
}

const periodMs = 2_000
const timeoutMs = 800
const recheckTimeoutMs = 900
/** A recheck of the internet takes over a second itself; so the tries begin about a second and a half apart. */
const wanRecheckMs = 200
const recheckEchoes = 2

export function createUplinkWatch(context: WatchContext, deps: UplinkWatchDeps): UplinkWatch {
  const { scheduler, echo, inventory, log, budget } = context
  const { links, asker, wall, firstHops } = deps
  const watchedById = new Map<string, Watched>()
  let isStopped = false

  const primary = () => [...watchedById.values()].find(({ link }) => link.kind === 'primary')

  function arrange(): void {
    if (isStopped) return
    inventory.setGateways(new Set(links.uplinks().flatMap(({ gateway }) => gateway ?? [])))
    for (const link of links.uplinks()) {
      const watched = watchedById.get(link.id) ?? begin(link)
      const hadCarrier = watched.link.hasCarrier
      watched.link = link
      monitor(watched)
      if (hadCarrier && !link.hasCarrier) carrierLost(watched)
      updateHealth(watched)
    }
    deps.onStanding()
  }

  function begin(link: UplinkLink): Watched {
    const watched: Watched = {
      link,
      gateway: newPresence,
      wan: newWan,
      wanLink: null,
      firstHopAnswered: null,
      healthySinceMono: undefined,
      monitorKey: '',
      stopMonitor: () => undefined,
      stopGatewayRecheck: undefined,
      isWanRechecking: false,
      stopCloseLook: undefined,
    }
    watchedById.set(link.id, watched)
    return watched
  }

  function monitor(watched: Watched): void {
    const { link } = watched
    const targets = context.plan().internetTargets
    const firstHop = firstHops.of(link.id)
    const ips = [...new Set([link.gateway, firstHop, ...targets].filter((ip) => ip !== undefined))]
    const key = `${ips.join(' ')} ${link.localAddress}`
    if (key === watched.monitorKey) return
    watched.monitorKey = key
    watched.stopMonitor()
    const idByTarget = new Map(
      targets.map((ip) => [ip, `${link.id}_${ip.replaceAll(/[^A-Za-z0-9]/g, '-')}`.slice(0, 64)]),
    )
    const gatherer = createRoundGatherer(scheduler, targets.length, timeoutMs + 400, (outcomes) => {
      const asked = targets.filter((ip) => outcomes.has(ip))
      if (asked.length === 0) return
      const answered = asked.filter((ip) => outcomes.get(ip) !== null).length
      wanRound(watched, { asked: asked.length, answered }, false)
    })
    watched.stopMonitor = echo.monitor(
      {
        ips,
        periodMs,
        timeoutMs,
        ...(link.localAddress === undefined ? {} : { localAddress: link.localAddress }),
      },
      ({ ip, rttMs }) => {
        if (ip === link.gateway) {
          budget.spend('gateway', 1)
          gatewayRound(
            watched,
            rttMs === null ? { kind: 'missed', arp: 'not-asked' } : { kind: 'answered' },
            rttMs,
          )
        } else budget.spend('outside', 1)
        if (ip === firstHop) watched.firstHopAnswered = rttMs !== null
        const id = idByTarget.get(ip)
        if (id !== undefined) {
          context.sample(['w', context.targetAlias('wan', id, `${ip} over ${link.id}`), rttMs])
          gatherer.add(ip, rttMs)
          if (rttMs !== null && link.kind === 'primary') deps.onRoundTrip(ip, rttMs)
        }
      },
    )
  }

  function gatewayRound(watched: Watched, told: RoundOutcome, rttMs?: number | null): void {
    const ip = watched.link.gateway
    if (ip === undefined) return
    // Without carrier nobody on the link can answer ARP either.
    const outcome: RoundOutcome =
      told.kind === 'missed' && !watched.link.hasCarrier ? { kind: 'missed', arp: 'silent' } : told
    const device = inventory.byIp(ip)
    if (device !== undefined) deps.onGatewayRound(device.id, outcome, rttMs)
    const before = watched.gateway.status
    const [presence, effect] = judgePresence(watched.gateway, outcome, scheduler.monotonicMs())
    watched.gateway = presence
    if (effect?.type === 'recheck') recheckGateway(watched)
    if (effect?.type === 'silent') tellGateway(watched, false, effect.sinceMono)
    if (effect?.type === 'answered' || (before === 'unknown' && presence.status === 'present'))
      tellGateway(watched, true, scheduler.monotonicMs())
    updateHealth(watched)
  }

  function recheckGateway(watched: Watched): void {
    watched.stopGatewayRecheck ??= scheduler.after(recheckMs, () => {
      const { gateway: ip, localAddress } = watched.link
      if (ip === undefined || isStopped) return
      const own = localAddress === undefined ? {} : { localAddress }
      if (!budget.take('gateway', 2)) {
        watched.stopGatewayRecheck = undefined
        return
      }
      Promise.all([echo.ask([ip], { count: 1, timeoutMs: recheckTimeoutMs, ...own }), asker.ask([ip])])
        .then(([echoes, onLink]) => {
          watched.stopGatewayRecheck = undefined
          const isThere = echoes.some(({ rttMs }) => rttMs !== null) || onLink.get(ip) === 'answered'
          const arp = onLink.get(ip) === 'silent' ? 'silent' : 'unsure'
          gatewayRound(watched, isThere ? { kind: 'answered' } : { kind: 'missed', arp })
        })
        .catch((err: unknown) => {
          watched.stopGatewayRecheck = undefined
          log.warn({ err }, 'the gateway could not be asked again')
        })
    })
  }

  /** Without carrier nobody needs to be asked: the gateway cannot be reached, now. */
  function carrierLost(watched: Watched): void {
    const { gateway } = watched
    if (watched.link.gateway === undefined || gateway.status === 'silent') return
    const nowMono = scheduler.monotonicMs()
    watched.gateway = {
      ...gateway,
      status: 'silent',
      misses: gateway.misses + 1,
      hits: 0,
      firstMissMono: nowMono,
    }
    tellGateway(watched, false, nowMono)
  }

  function tellGateway(watched: Watched, isReachable: boolean, sinceMono: MonotonicMs): void {
    const { id, gateway: ip = '', interface: name, hasCarrier } = watched.link
    const device = inventory.byIp(ip)
    const atMs = wall()
    log.info({ uplinkId: id, gateway: ip, isReachable }, 'gateway changed')
    const answer = isReachable ? 'reply' : 'timeout'
    context.observe({
      type: 'gateway-changed',
      uplinkId: id,
      ...(device === undefined ? {} : { deviceId: device.id }),
      isReachable,
      sinceMs: wall(sinceMono),
      evidence: [
        ...(hasCarrier ? [] : [evidenceOf('carrier', name, 'down', atMs)]),
        evidenceOf('icmp', ip, answer, atMs),
        ...(isReachable ? [] : [evidenceOf('arp', ip, 'timeout', atMs, asker.method())]),
      ],
    })
    updateHealth(watched)
    deps.onStanding()
  }

  /** Behind a gateway that is not there the internet cannot be judged. */
  const isJudged = ({ gateway, link }: Watched) => gateway.status !== 'silent' && link.hasCarrier

  function wanRound(watched: Watched, counts: { asked: number; answered: number }, isRecheck: boolean): void {
    if (!isJudged(watched)) return
    const round = { atMono: scheduler.monotonicMs(), ...counts }
    if (watched.isWanRechecking && !isRecheck && counts.answered === 0) {
      watched.wan = countLost(watched.wan, round)
      return
    }
    const [wan, effect] = judgeWan(watched.wan, round, isRecheck)
    watched.wan = wan
    if (effect?.type === 'recheck') recheckWan(watched)
    if (effect?.type === 'changed')
      void tellWan(watched, effect.sinceMono, effect.lossRatio).catch((err: unknown) =>
        log.warn({ err }, 'a change of the internet could not be told'),
      )
    if (!isRecheck) lookClosely(watched)
    updateHealth(watched)
  }

  /** Whether what was told is a burst must be known before the cloud calls somebody: a round more between the regular ones (ADR 134). */
  function lookClosely(watched: Watched): void {
    if (watched.stopCloseLook !== undefined || !isInQuestion(watched.wan, scheduler.monotonicMs())) return
    watched.stopCloseLook = scheduler.after(periodMs / 2, () => {
      oneMoreRound(watched)
        .catch((err: unknown) => log.warn({ err }, 'the internet could not be looked at more closely'))
        .finally(() => {
          watched.stopCloseLook = undefined
        })
    })
  }

  async function oneMoreRound(watched: Watched): Promise<void> {
    const { localAddress } = watched.link
    const targets = context.plan().internetTargets
    if (targets.length === 0 || !isJudged(watched) || !budget.take('outside', targets.length)) return
    const own = localAddress === undefined ? {} : { localAddress }
    const outcomes = await echo.ask(targets, { count: 1, timeoutMs, ...own })
    const answered = outcomes.filter(({ rttMs }) => rttMs !== null).length
    if (isStopped || outcomes.length === 0 || !isJudged(watched)) return
    const counts = { asked: outcomes.length, answered }
    if (answered > 0) wanRound(watched, counts, false)
    // Only regular rounds find out that a line is dead.
    else watched.wan = countLost(watched.wan, { atMono: scheduler.monotonicMs(), ...counts })
  }

  function recheckWan(watched: Watched): void {
    if (watched.isWanRechecking || isStopped) return
    watched.isWanRechecking = true
    scheduler.after(wanRecheckMs, () => {
      const { localAddress } = watched.link
      const targets = context.plan().internetTargets
      if (!budget.take('outside', targets.length * recheckEchoes)) {
        watched.isWanRechecking = false
        return
      }
      const own = localAddress === undefined ? {} : { localAddress }
      if (watched.wan.misses === 1) void deps.readWanLink().then((wanLink) => noteWanLink(watched, wanLink))
      echo
        .ask(targets, { count: recheckEchoes, timeoutMs: recheckTimeoutMs, ...own })
        .then((outcomes) => {
          const answered = new Set(outcomes.filter(({ rttMs }) => rttMs !== null).map(({ ip }) => ip))
          watched.isWanRechecking = false
          wanRound(watched, { asked: targets.length, answered: answered.size }, true)
        })
        .catch((err: unknown) => {
          watched.isWanRechecking = false
          log.warn({ err }, 'the internet targets could not be asked again')
        })
    })
  }

  function noteWanLink(watched: Watched, wanLink: boolean | null): void {
    if (watched.link.kind === 'primary') watched.wanLink = wanLink
  }

  async function tellWan(watched: Watched, sinceMono: MonotonicMs, lossRatio: number): Promise<void> {
    const { id } = watched.link
    const state = watched.wan.state === 'unknown' ? 'up' : watched.wan.state
    if (watched.link.kind === 'primary') watched.wanLink = await deps.readWanLink()
    const atMs = wall()
    const firstHopIp = firstHops.of(id)
    const firstHop = state === 'up' ? true : firstHopIp === undefined ? null : watched.firstHopAnswered
    log.info({ uplinkId: id, state, firstHop, wanLink: watched.wanLink, lossRatio }, 'the internet changed')
    context.observe({
      type: 'wan-changed',
      uplinkId: id,
      state,
      firstHop,
      wanLink: watched.wanLink,
      lossRatio: Math.round(lossRatio * 1_000) / 1_000,
      sinceMs: wall(sinceMono),
      evidence: evidenceOfWan(
        {
          ...{ isDown: state === 'down', targets: context.plan().internetTargets },
          ...{ firstHopIp, firstHop, gateway: watched.link.gateway, wanLink: watched.wanLink },
        },
        atMs,
      ),
    })
    updateHealth(watched)
    deps.onStanding()
    if (state === 'up') firstHops.learnSoon()
  }

  function updateHealth(watched: Watched): void {
    const isWell =
      watched.link.hasCarrier &&
      (watched.gateway.status === 'present' || watched.link.gateway === undefined) &&
      (watched.wan.state === 'up' || watched.wan.state === 'unknown')
    if (!isWell) watched.healthySinceMono = undefined
    else watched.healthySinceMono ??= scheduler.monotonicMs()
  }

  return {
    start() {
      arrange()
      return () => {
        isStopped = true
        for (const { stopMonitor, stopGatewayRecheck, stopCloseLook } of watchedById.values()) {
          stopMonitor()
          stopGatewayRecheck?.()
          stopCloseLook?.()
        }
      }
    },
    arrange,
    standings: () =>
      [...watchedById.values()].map(({ link, gateway, wan, healthySinceMono }) => ({
        id: link.id,
        hasCarrier: link.hasCarrier,
        isGatewayReachable: gateway.status === 'unknown' ? null : gateway.status === 'present',
        isWanUp: wan.state === 'unknown' ? null : wan.state !== 'down',
        ...(healthySinceMono === undefined ? {} : { healthySinceMono }),
      })),
    isInternetFine() {
      const watched = primary()
      if (watched === undefined) return true
      const { link, gateway, wan } = watched
      return link.hasCarrier && gateway.status !== 'silent' && wan.state !== 'down' && wan.misses === 0
    },
    isInternetLossy() {
      const watched = primary()
      return watched !== undefined && isLossy(watched.wan)
    },
    snapshot: () =>
      [...watchedById.values()].map(({ link, gateway, wan, wanLink, firstHopAnswered }) => ({
        id: link.id,
        kind: link.kind,
        hasCarrier: link.hasCarrier,
        isGatewayReachable: gateway.status === 'unknown' ? null : gateway.status === 'present',
        wan: wan.state,
        firstHop: firstHopAnswered,
        wanLink,
      })),
  }
}
