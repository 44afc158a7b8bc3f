import type { MonotonicMs } from '@proactive/shared'
import type { LookupOutcome, Stop } from '../ports/index.ts'
import { evidenceOf, type WallClock, type WatchContext } from './context.ts'
import type { Links } from './links.ts'

export interface DnsWatchDeps {
  readonly links: Links
  readonly wall: WallClock
  /** Resolvers to compare the Location's own with. They are measured; nobody there depends on them, so their silence is no change to tell. */
  readonly alternatives: readonly string[]
  /** False while the internet behind the router is down or in doubt: then a resolver that fails proves nothing about itself. */
  readonly isInternetFine: () => boolean
  /** The line loses so many packets that it takes more misses to believe them. */
  readonly isInternetLossy: () => boolean
}

/**
 * Watches whether the Location's own resolvers resolve. Fails after the first miss and three more tries; works again after two answers. A resolver
 * that just failed is asked again and again for a while: a burst of lost packets is over within seconds, and so must be what it looked like.
 */
export interface DnsWatch {
  start(): Stop
  isAnswering(resolver: string): boolean | null
}

interface Judged {
  status: 'unknown' | 'good' | 'bad'
  misses: number
  hits: number
  firstMissMono: MonotonicMs
  failedAtMono: MonotonicMs
  stopRetry: Stop | undefined
}

const periodMs = 10_000
const alternativePeriodMs = 30_000
const timeoutMs = 1_000
const retryMs = 1_000
const missesToFail = 4
/** At one packet in five lost each way four misses in a row come every minute or so; ten do not come in a day. */
const missesWhenLossy = 10
const hitsToReturn = 2
/** For so long after it failed, and this soon after each miss: well within the hold of the cloud's rule. */
const doubtMs = 30_000
const doubtRetryMs = 1_500

export function createDnsWatch(context: WatchContext, deps: DnsWatchDeps): DnsWatch {
  const { scheduler, resolver, log } = context
  const { links, wall } = deps
  const judgedByServer = new Map<string, Judged>()
  let isStopped = false

  const primary = () => links.uplinks().find(({ kind }) => kind === 'primary') ?? links.uplinks()[0]
  const ownServers = () => primary()?.resolvers ?? []
  const name = () => context.plan().dnsNames[0]

  async function ask(server: string, question: string): Promise<LookupOutcome> {
    const localAddress = ownServers().includes(server) ? primary()?.localAddress : undefined
    const own = localAddress === undefined ? {} : { localAddress }
    const outcome = await resolver.lookup(question, { server, timeoutMs, ...own })
    const alias = context.targetAlias(
      'dns',
      `dns_${server.replaceAll(/[^A-Za-z0-9]/g, '-')}`.slice(0, 64),
      server,
    )
    context.sample(['d', alias, isAnswer(outcome) ? outcome.tookMs : null])
    return outcome
  }

  /** The router's resolver is paid from the gateway's budget, all others from that of hosts outside. */
  const mayAsk = (server: string) =>
    context.budget.take(server === primary()?.gateway ? 'gateway' : 'outside', 1)

  async function check(server: string): Promise<void> {
    const question = name()
    if (question === undefined || isStopped || !mayAsk(server)) return
    const judged = judgedByServer.get(server) ?? begin(server)
    judged.stopRetry?.()
    judged.stopRetry = undefined
    const outcome = await ask(server, question)
    if (isAnswer(outcome)) {
      judged.misses = 0
      judged.hits++
      if (judged.status === 'unknown') judged.status = 'good'
      if (judged.status !== 'bad') return
      if (judged.hits >= hitsToReturn) await tell(server, judged, true, outcome)
      else retry(server, judged)
      return
    }
    judged.hits = 0
    if (!deps.isInternetFine()) {
      judged.misses = 0
      return
    }
    if (judged.misses === 0) judged.firstMissMono = scheduler.monotonicMs()
    judged.misses++
    if (judged.status === 'bad') {
      if (scheduler.monotonicMs() - judged.failedAtMono < doubtMs) retry(server, judged, doubtRetryMs)
      return
    }
    if (judged.misses >= (deps.isInternetLossy() ? missesWhenLossy : missesToFail))
      await tell(server, judged, false, outcome)
    else retry(server, judged)
  }

  function begin(server: string): Judged {
    const judged: Judged = {
      ...{ status: 'unknown', misses: 0, hits: 0, firstMissMono: 0, failedAtMono: 0 },
      stopRetry: undefined,
    }
    judgedByServer.set(server, judged)
    return judged
  }

  function retry(server: string, judged: Judged, afterMs = retryMs): void {
    judged.stopRetry ??= scheduler.after(afterMs, () => {
      judged.stopRetry = undefined
      checkQuietly(server)
    })
  }

  async function tell(
    server: string,
    judged: Judged,
    isAnswering: boolean,
    outcome: LookupOutcome,
  ): Promise<void> {
    judged.status = isAnswering ? 'good' : 'bad'
    if (!isAnswering) {
      judged.failedAtMono = scheduler.monotonicMs()
      retry(server, judged, doubtRetryMs)
    }
    const sinceMono = isAnswering ? scheduler.monotonicMs() : judged.firstMissMono
    const otherResolverAnswers = await askOthers(server)
    const atMs = wall()
    const detail = isAnswer(outcome) ? `${Math.round(outcome.tookMs)} ms` : outcome.detail
    log.info({ resolver: server, isAnswering, otherResolverAnswers }, 'a resolver changed')
    context.observe({
      type: 'dns-changed',
      resolver: server,
      isAnswering,
      otherResolverAnswers,
      sinceMs: wall(sinceMono),
      evidence: [evidenceOf('dns', server, answerOf(outcome), atMs, `${name() ?? ''} ${detail}`)],
    })
  }

  /** Whether any other resolver answers now; null where there is none to ask. */
  async function askOthers(server: string): Promise<boolean | null> {
    const question = name()
    const others = [...new Set([...ownServers(), ...deps.alternatives])].filter(
      (other) => other !== server && mayAsk(other),
    )
    if (question === undefined || others.length === 0) return null
    const outcomes = await Promise.all(others.map((other) => ask(other, question)))
    return outcomes.some(isAnswer)
  }

  function measureQuietly(server: string): void {
    const question = name()
    if (question === undefined || isStopped || !mayAsk(server)) return
    ask(server, question).catch((err: unknown) =>
      log.warn({ err, resolver: server }, 'a resolver could not be measured'),
    )
  }

  function checkQuietly(server: string): void {
    check(server).catch((err: unknown) =>
      log.warn({ err, resolver: server }, 'a resolver could not be asked'),
    )
  }

  return {
    start() {
      const stopOwn = scheduler.every(periodMs, () => ownServers().forEach(checkQuietly))
      const stopOthers = scheduler.every(alternativePeriodMs, () =>
        deps.alternatives.filter((other) => !ownServers().includes(other)).forEach(measureQuietly),
      )
      const stopFirst = scheduler.after(retryMs, () => ownServers().forEach(checkQuietly))
      return () => {
        isStopped = true
        stopOwn()
        stopOthers()
        stopFirst()
        for (const { stopRetry } of judgedByServer.values()) stopRetry?.()
      }
    },
    isAnswering: (server) => {
      const status = judgedByServer.get(server)?.status ?? 'unknown'
      return status === 'unknown' ? null : status === 'good'
    },
  }
}

type Answer = Extract<LookupOutcome, { kind: 'answer' | 'no-such-name' }>

/** "No such name" proves that the resolver works as well as an address does. */
export function isAnswer(outcome: LookupOutcome): outcome is Answer {
  return outcome.kind === 'answer' || outcome.kind === 'no-such-name'
}

function answerOf(outcome: LookupOutcome): 'reply' | 'timeout' | 'refused' | 'error' {
  return isAnswer(outcome) ? 'reply' : outcome.kind
}
