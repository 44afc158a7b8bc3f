import type { EpochMs, MonotonicMs } from '@proactive/shared'
import type { PreviousEnd } from '../core/previous-run.ts'
import { type EpisodeFacts, type Judgement, judgeEpisode, judgeStart } from '../core/verdict.ts'
import type { Stop } from '../ports/index.ts'
import { evidenceOf, type WallClock, type WatchContext } from './context.ts'
import type { UplinkSnapshot } from './uplink-watch.ts'

export interface FlightRecorderDeps {
  readonly wall: WallClock
  readonly uplinks: () => readonly UplinkSnapshot[]
  /** The router's start by a reading taken at or after this moment; undefined = no such reading yet. */
  readonly routerBootMs: (notBeforeMono: MonotonicMs) => EpochMs | undefined
  readonly canReadRouter: () => boolean
  readonly readRouterSoon: () => void
  readonly isDnsAnswering: () => boolean | null
  readonly routerDeviceId: () => string | undefined
}

/**
 * Keeps judging while nobody listens: from the first sign of trouble on the primary way (or to the cloud) until all is well, it notes
 * what was seen; then it tells the cause. The verdict lies in the spool until the cloud has it.
 */
export interface FlightRecorder {
  start(): Stop
  cloudChanged(isConnected: boolean): void
  startedAfter(run: { readonly previousEnd: PreviousEnd; readonly lastAliveMs: EpochMs | null }): void
}

type Facts = { -readonly [K in keyof EpisodeFacts]: EpisodeFacts[K] }
interface Episode extends Facts {
  readonly fromMono: MonotonicMs
  cloudLostMono: MonotonicMs | undefined
  carrierBackMono: MonotonicMs | undefined
}

const lookEveryMs = 1_000
/** The router's SNMP agent needs a moment after its ports; beyond this it is judged without. */
const routerPatienceMs = 25_000
/** A verdict about the start waits for the router to boot as well. */
const startPatienceMs = 120_000

export function createFlightRecorder(context: WatchContext, deps: FlightRecorderDeps): FlightRecorder {
  const { scheduler, log } = context
  const { wall } = deps
  let episode: Episode | undefined
  /** Over, but the router's uptime is still awaited. */
  let closing: { readonly episode: Episode; readonly endMono: MonotonicMs } | undefined
  let isCloudConnected = false
  let wasCloudConnected = false
  let starting: { previousEnd: PreviousEnd; lastAliveMs: EpochMs | null; sinceMono: MonotonicMs } | undefined
  let stopLook: Stop | undefined

  const primary = () => deps.uplinks().find(({ kind }) => kind === 'primary') ?? deps.uplinks()[0]

  function look(): void {
    const nowMono = scheduler.monotonicMs()
    const way = primary()
    const isWayBroken =
      way !== undefined && (!way.hasCarrier || way.isGatewayReachable === false || way.wan === 'down')
    if (isWayBroken || (!isCloudConnected && wasCloudConnected)) episode ??= begin(nowMono)
    if (episode !== undefined) note(episode, way, nowMono)
    const isWell =
      isCloudConnected &&
      (way === undefined || (way.hasCarrier && way.isGatewayReachable !== false && isWanWell(way)))
    if (episode !== undefined && isWell) {
      settleCloud(episode, nowMono)
      closing ??= { episode, endMono: nowMono }
      episode = undefined
    }
    judgeClosing(nowMono)
    judgeOwnStart(nowMono)
  }

  function begin(nowMono: MonotonicMs): Episode {
    return {
      fromMono: nowMono,
      fromMs: wall(nowMono),
      hasLostCarrier: false,
      hasLostGateway: false,
      hasLostInternet: false,
      wasWanLinkDown: false,
      hasLostFirstHop: null,
      hasLostDns: false,
      cloudLostMs: 0,
      cloudLostMono: undefined,
      carrierBackMono: undefined,
    }
  }

  function note(facts: Episode, way: UplinkSnapshot | undefined, nowMono: MonotonicMs): void {
    if (!isCloudConnected) facts.cloudLostMono ??= nowMono
    else settleCloud(facts, nowMono)
    if (deps.isDnsAnswering() === false) facts.hasLostDns = true
    if (way === undefined) return
    if (!way.hasCarrier) {
      facts.hasLostCarrier = true
      facts.carrierBackMono = undefined
      return
    }
    if (facts.hasLostCarrier) facts.carrierBackMono ??= nowMono
    if (way.isGatewayReachable === false) {
      if (!facts.hasLostCarrier) facts.hasLostGateway = true
      return
    }
    if (facts.carrierBackMono !== undefined && way.isGatewayReachable)
      facts.gatewayAfterCarrierMs ??= nowMono - facts.carrierBackMono
    if (way.wan !== 'down') return
    facts.hasLostInternet = true
    if (way.wanLink === false) facts.wasWanLinkDown = true
    if (way.firstHop !== null) facts.hasLostFirstHop = facts.hasLostFirstHop === true || !way.firstHop
  }

  function settleCloud(facts: Episode, nowMono: MonotonicMs): void {
    if (facts.cloudLostMono === undefined) return
    facts.cloudLostMs += nowMono - facts.cloudLostMono
    facts.cloudLostMono = undefined
  }

  function judgeClosing(nowMono: MonotonicMs): void {
    if (closing === undefined) return
    const { episode: facts, endMono } = closing
    const bootMs = deps.routerBootMs(endMono)
    const needsRouter = facts.hasLostCarrier || facts.hasLostGateway || facts.hasLostInternet
    if (needsRouter && deps.canReadRouter() && bootMs === undefined && nowMono - endMono < routerPatienceMs) {
      deps.readRouterSoon()
      return
    }
    closing = undefined
    // After a power cut router and internet come back one by one: that is the power cut's story, told by the start.
    if (
      starting !== undefined &&
      starting.previousEnd === 'power-loss' &&
      facts.fromMono <= starting.sinceMono + 60_000
    )
      return
    // Told anew: the clock may have been set right since it began.
    const fromMs = wall(facts.fromMono)
    const judgement = judgeEpisode({ ...facts, fromMs }, { bootMs: bootMs ?? null })
    if (judgement !== undefined) tell(judgement, fromMs, wall(endMono), bootMs)
  }

  function judgeOwnStart(nowMono: MonotonicMs): void {
    if (starting === undefined || !isCloudConnected) return
    const { previousEnd, lastAliveMs, sinceMono } = starting
    const bootMs = deps.routerBootMs(sinceMono)
    const judgement = judgeStart(previousEnd, lastAliveMs, { bootMs: bootMs ?? null })
    if (judgement === undefined) {
      if (previousEnd !== 'power-loss' || !deps.canReadRouter() || nowMono - sinceMono > startPatienceMs)
        starting = undefined
      else deps.readRouterSoon()
      return
    }
    starting = undefined
    tell(judgement, lastAliveMs ?? wall(sinceMono), wall(sinceMono), bootMs)
  }

  function tell(
    { cause, why }: Judgement,
    fromMs: EpochMs,
    toMs: EpochMs,
    bootMs: EpochMs | undefined,
  ): void {
    log.info({ cause, why, fromMs, toMs }, 'verdict on what happened')
    const router = cause === 'router-down' || cause === 'wan-link-down' ? deps.routerDeviceId() : undefined
    const atMs = wall()
    context.observe({
      type: 'verdict',
      cause,
      fromMs: Math.min(fromMs, toMs),
      toMs,
      ...(router === undefined ? {} : { deviceId: router }),
      evidence: [
        evidenceOf('journal', 'flight recorder', 'changed', atMs, why),
        ...(bootMs === undefined
          ? []
          : [
              evidenceOf(
                'uptime',
                'router',
                'reply',
                atMs,
                `up for ${Math.round((atMs - bootMs) / 1_000)} s`,
              ),
            ]),
      ],
    })
  }

  return {
    start() {
      stopLook = scheduler.every(lookEveryMs, look)
      return () => stopLook?.()
    },
    cloudChanged(isConnected) {
      isCloudConnected = isConnected
      wasCloudConnected ||= isConnected
      look()
    },
    startedAfter({ previousEnd, lastAliveMs }) {
      if (previousEnd === 'first-start' || previousEnd === 'clean' || previousEnd === 'unknown') return
      starting = { previousEnd, lastAliveMs, sinceMono: scheduler.monotonicMs() }
    },
  }
}

function isWanWell({ wan }: UplinkSnapshot): boolean {
  return wan !== 'down'
}
