import type { EpochMs, FaultClass } from '@proactive/shared'
import type { PreviousEnd } from './previous-run.ts'

/** What was seen on site during one time of trouble: from the first sign until primary way and cloud were well again. */
export interface EpisodeFacts {
  readonly fromMs: EpochMs
  /** The appliance's own link had no carrier. */
  readonly hasLostCarrier: boolean
  /** The gateway did not answer ARP either, the link being up. */
  readonly hasLostGateway: boolean
  readonly hasLostInternet: boolean
  /** The router said that its WAN interface is down, at any time. */
  readonly wasWanLinkDown: boolean
  /** null = nobody knows a first hop. */
  readonly hasLostFirstHop: boolean | null
  readonly hasLostDns: boolean
  /** How long the cloud could not be reached. */
  readonly cloudLostMs: number
  /** How soon after the carrier the gateway answered again; undefined where it never did or the carrier stayed. */
  readonly gatewayAfterCarrierMs?: number
}

/** What the router's own uptime says; null = it does not tell. */
export interface RouterFacts {
  readonly bootMs: EpochMs | null
}

export interface Judgement {
  readonly cause: FaultClass
  /** Why, in one line for people. */
  readonly why: string
}

/** Shorter gaps of the cloud alone are its own restarts. */
const cloudGapMs = 30_000
/** A router that boots answers later than this after its ports have link; one that ran all along answers at once. */
const promptAnswerMs = 3_000
const slackMs = 5_000

/** The flight recorder's judgement of an episode that is over; undefined = nothing worth a verdict. Pure. */
export function judgeEpisode(facts: EpisodeFacts, router: RouterFacts): Judgement | undefined {
  const didRestart = router.bootMs === null ? null : router.bootMs >= facts.fromMs - slackMs
  if (facts.hasLostCarrier) {
    if (didRestart === true)
      return { cause: 'router-down', why: 'no carrier, and the router came back with a fresh uptime' }
    if (didRestart === false)
      return { cause: 'appliance-cable', why: "no carrier, but the router's uptime is unbroken" }
    const wasPrompt =
      facts.gatewayAfterCarrierMs !== undefined && facts.gatewayAfterCarrierMs <= promptAnswerMs
    return wasPrompt
      ? { cause: 'appliance-cable', why: 'no carrier, and the router answered at once when it was back' }
      : { cause: 'router-down', why: 'no carrier, and the router took its time to answer afterwards' }
  }
  if (facts.hasLostGateway)
    return {
      cause: 'router-down',
      why:
        didRestart === true
          ? 'the router was silent and restarted'
          : 'the router was silent with the link up',
    }
  if (didRestart === true && facts.hasLostInternet)
    return { cause: 'router-down', why: 'the router restarted' }
  if (facts.hasLostInternet) {
    if (facts.wasWanLinkDown) return { cause: 'wan-link-down', why: "the router's WAN interface was down" }
    return facts.hasLostFirstHop === false
      ? { cause: 'provider-down', why: 'the first hop answered, the internet behind it did not' }
      : { cause: 'provider-down', why: 'the router answered, nothing behind it did' }
  }
  if (facts.cloudLostMs < cloudGapMs) return undefined
  if (facts.hasLostDns) return { cause: 'dns-failing', why: 'the internet answered, the resolver did not' }
  return { cause: 'cloud-unreachable', why: 'everything worked but the way to the cloud' }
}

/**
 * What a start of the agent explains: the appliance alone lost power or its agent, or everybody did.
 * undefined = a clean stop, a first start, or not to be told without the router's word.
 */
export function judgeStart(
  previousEnd: PreviousEnd,
  lastAliveMs: EpochMs | null,
  router: RouterFacts,
): Judgement | undefined {
  switch (previousEnd) {
    case 'killed':
      return { cause: 'appliance-down', why: 'the agent was killed and started again, the machine ran on' }
    case 'reboot':
      return { cause: 'appliance-down', why: 'the appliance was restarted in an orderly way' }
    case 'power-loss': {
      if (router.bootMs === null || lastAliveMs === null) return undefined
      return router.bootMs >= lastAliveMs - aliveSlackMs
        ? { cause: 'power-cut', why: 'appliance and router started anew at the same time' }
        : { cause: 'appliance-down', why: 'the appliance lost its power while the router ran on' }
    }
    default:
      return undefined
  }
}

/** The last sign of life is written every 10 s. */
const aliveSlackMs = 15_000
