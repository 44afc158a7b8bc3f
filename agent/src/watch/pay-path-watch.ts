import type { Evidence, MonotonicMs, PayPath, PayPathStage } from '@proactive/shared'
import { payPathStages } from '@proactive/shared'
import type { Stop } from '../ports/index.ts'
import { evidenceOf, type WallClock, type WatchContext } from './context.ts'
import { isAnswer } from './dns-watch.ts'
import type { Links } from './links.ts'

export interface PayPathWatchDeps {
  readonly links: Links
  readonly wall: WallClock
  readonly periodSeconds: number
  readonly isInternetFine: () => boolean
  /** The line loses so many packets that silence on the path takes longer to believe. */
  readonly isInternetLossy: () => boolean
}

/** Walks the way to each payment processor: name, connection, handshake; then hangs up. Never any card data. */
export interface PayPathWatch {
  start(): Stop
  /** The list of paths may have changed. */
  arrange(): void
}

/** One walk; what comes behind the first failing stage is not known. */
interface Walk {
  readonly stage: PayPathStage
  readonly dnsMs: number | null
  readonly tcpMs: number | null
  readonly tlsMs: number | null
  readonly certificateDays: number | null
  readonly evidence: Evidence
}

interface Walked {
  path: PayPath
  /** The last walk with a handshake, and when it was; what it found stands in for the walks without one. */
  full:
    | { readonly atMono: MonotonicMs; readonly tlsMs: number | null; readonly certificateDays: number | null }
    | undefined
  stage: PayPathStage | 'unknown'
  failures: number
  successes: number
  firstFailureMono: MonotonicMs
  /** When it was last told to fail. */
  failedAtMono: MonotonicMs
  stopNext: Stop | undefined
}

/** Until judged the path is walked this often, start to start. */
const doubtMs = 5_000
const failuresToTell = 3
const failuresWhenLossy = 8
const successesToTell = 2
/**
 * For so long after it was told to fail it is walked as in doubt, and this soon again after a walk that went well: what was bad luck after all
 * (a burst of lost packets lasts up to twenty seconds) is told as over well within the ten seconds that the cloud's rule waits.
 */
const newlyFailedMs = 15_000
const confirmMs = 2_000
const timeoutMs = 3_000
/** While all is well the handshake is made this often; between two of them the connection alone is tried. A processor has many customers. */
const handshakeEveryMs = 60_000
/** Packets that leave for the processor: SYN and its answers, a greeting, the goodbye (RFC 9293, RFC 8446). */
const packetsOf = { connection: 4, handshake: 10 } as const
/** A question to a resolver is one packet there and one back; whoever uses it asks again when one is lost. */
const lookupTries = 3
const lookupTimeoutMs = 1_000

export function createPayPathWatch(context: WatchContext, deps: PayPathWatchDeps): PayPathWatch {
  const { scheduler, resolver, connector, log } = context
  const { links, wall } = deps
  const walkedById = new Map<string, Walked>()
  let isStopped = false
  let isStarted = false

  const uplink = () => links.uplinks().find(({ kind }) => kind === 'primary') ?? links.uplinks()[0]

  function arrange(): void {
    if (!isStarted || isStopped) return
    const paths = new Map(context.plan().payPaths.map((path) => [path.id, path]))
    for (const [id, walked] of walkedById) {
      if (paths.has(id)) continue
      walked.stopNext?.()
      walkedById.delete(id)
    }
    for (const path of paths.values()) {
      const known = walkedById.get(path.id)
      if (known !== undefined) {
        known.path = path
        continue
      }
      const walked: Walked = {
        path,
        full: undefined,
        stage: 'unknown',
        failures: 0,
        successes: 0,
        firstFailureMono: 0,
        failedAtMono: 0,
        stopNext: undefined,
      }
      walkedById.set(path.id, walked)
      schedule(walked, 0)
    }
  }

  function schedule(walked: Walked, delayMs: number): void {
    walked.stopNext?.()
    walked.stopNext = scheduler.after(delayMs, () => {
      const startedMono = scheduler.monotonicMs()
      void walkOnce(walked)
        .catch((err: unknown) => {
          log.warn({ err, path: walked.path.id }, 'a payment path could not be walked')
          return deps.periodSeconds * 1_000
        })
        .then((nextMs) => {
          if (isStopped || walkedById.get(walked.path.id) !== walked) return
          schedule(walked, Math.max(500, nextMs - (scheduler.monotonicMs() - startedMono)))
        })
    })
  }

  /** Resolves with when to walk again, counted from the start of this walk. */
  async function walkOnce(walked: Walked): Promise<number> {
    const { path } = walked
    const startedMono = scheduler.monotonicMs()
    const isSettled = walked.stage === 'none' && walked.failures === 0
    const isShort =
      isSettled && walked.full !== undefined && startedMono - walked.full.atMono < handshakeEveryMs
    if (!context.budget.take('outside', isShort ? packetsOf.connection : packetsOf.handshake)) {
      log.debug({ path: path.id }, 'a payment path waits for its budget')
      return doubtMs
    }
    const result = await walk(path, isShort ? walked.full : undefined)
    if (!isShort && result.stage === 'none')
      walked.full = { atMono: startedMono, tlsMs: result.tlsMs, certificateDays: result.certificateDays }
    const alias = context.targetAlias('paypath', path.id, path.name)
    const { stage, dnsMs, tcpMs, tlsMs, certificateDays } = result
    context.sample(['y', alias, payPathStages.indexOf(stage), dnsMs, tcpMs, tlsMs, certificateDays])
    if (stage === 'none') {
      walked.failures = 0
      walked.successes++
      if (walked.stage === 'unknown') walked.stage = 'none'
      if (walked.stage === 'none') return deps.periodSeconds * 1_000
      if (walked.successes < successesToTell) return confirmMs
      tell(walked, result, scheduler.monotonicMs())
      return deps.periodSeconds * 1_000
    }
    walked.successes = 0
    // With the internet gone the path is gone too; that is no news about the processor.
    if (!deps.isInternetFine()) {
      walked.failures = 0
      return doubtMs
    }
    if (walked.failures === 0) walked.firstFailureMono = scheduler.monotonicMs()
    walked.failures++
    // A refusal is an answer; silence, also in the middle of a handshake, may be bad luck.
    const isDoubtful = result.evidence.answer !== 'refused' && deps.isInternetLossy()
    if (walked.failures >= (isDoubtful ? failuresWhenLossy : failuresToTell) && walked.stage !== stage) {
      tell(walked, result, walked.firstFailureMono)
      walked.failedAtMono = scheduler.monotonicMs()
    }
    const isInDoubt = walked.stage !== stage || scheduler.monotonicMs() - walked.failedAtMono < newlyFailedMs
    return isInDoubt ? doubtMs : Math.min(deps.periodSeconds * 1_000, 2 * doubtMs)
  }

  function tell(walked: Walked, { stage, evidence }: Walk, sinceMono: MonotonicMs): void {
    walked.stage = stage
    log.info({ path: walked.path.id, stage }, 'a payment path changed')
    context.observe({
      type: 'paypath-changed',
      targetId: walked.path.id,
      stage,
      sinceMs: wall(sinceMono),
      evidence: [evidence],
    })
  }

  /** @param known where the handshake is left out: what the last one found */
  async function walk({ host, port }: PayPath, known: Walked['full']): Promise<Walk> {
    const localAddress = uplink()?.localAddress
    const own = localAddress === undefined ? {} : { localAddress }
    const nothing = { dnsMs: null, tcpMs: null, tlsMs: null, certificateDays: null }
    const name = await resolveHost(host, own)
    if (name.ip === undefined)
      return { ...nothing, stage: 'dns', evidence: evidenceOf('dns', host, name.answer, wall(), name.detail) }
    const target = `${host}:${port}`
    if (known !== undefined) return connectOnly(name.ip, port, target, name.tookMs, known)
    const outcome = await connector.handshake(name.ip, port, { timeoutMs, serverName: host, ...own })
    const dnsMs = name.tookMs
    switch (outcome.kind) {
      case 'connected': {
        const { tcpMs, tlsMs, certificateDays } = outcome
        const isExpired = certificateDays < 0
        return {
          stage: isExpired ? 'tls' : 'none',
          ...{ dnsMs, tcpMs, tlsMs, certificateDays },
          evidence: isExpired
            ? evidenceOf('tls', target, 'error', wall(), `certificate ended ${-certificateDays} days ago`)
            : evidenceOf('tls', target, 'reply', wall(), `certificate good for ${certificateDays} days`),
        }
      }
      case 'tcp-failed': {
        const { kind, detail } = outcome.outcome
        return { ...nothing, dnsMs, stage: 'tcp', evidence: evidenceOf('tcp', target, kind, wall(), detail) }
      }
      case 'tls-failed':
        return {
          ...nothing,
          ...{ dnsMs, tcpMs: outcome.tcpMs, stage: 'tls' },
          evidence: evidenceOf('tls', target, 'error', wall(), outcome.detail),
        }
    }
  }

  async function connectOnly(
    ip: string,
    port: number,
    target: string,
    dnsMs: number | null,
    { tlsMs, certificateDays }: NonNullable<Walked['full']>,
  ): Promise<Walk> {
    const localAddress = uplink()?.localAddress
    const outcome = await connector.connect(ip, port, {
      timeoutMs,
      ...(localAddress === undefined ? {} : { localAddress }),
    })
    if (outcome.kind === 'connected')
      return {
        stage: 'none',
        ...{ dnsMs, tcpMs: outcome.tookMs, tlsMs, certificateDays },
        evidence: evidenceOf('tcp', target, 'reply', wall()),
      }
    return {
      stage: 'tcp',
      ...{ dnsMs, tcpMs: null, tlsMs: null, certificateDays: null },
      evidence: evidenceOf('tcp', target, outcome.kind, wall(), outcome.detail),
    }
  }

  /** As the terminals do: by the router's resolver. */
  async function resolveHost(host: string, own: { readonly localAddress?: string }) {
    if (/^[\d.]+$/.test(host)) {
      const reason = context.whyNotOutside(host, host)
      return reason === undefined
        ? { ip: host, tookMs: null, answer: 'reply' as const, detail: '' }
        : { ip: undefined, tookMs: null, answer: 'error' as const, detail: reason }
    }
    let last: { answer: 'reply' | 'timeout' | 'refused' | 'error'; detail: string } = {
      answer: 'error',
      detail: 'no resolver known',
    }
    for (const server of uplink()?.resolvers ?? []) {
      for (let attempt = 0; attempt < lookupTries; attempt++) {
        if (!context.budget.take('gateway', 1)) break
        const outcome = await resolver.lookup(host, { server, timeoutMs: lookupTimeoutMs, ...own })
        if (outcome.kind === 'answer' && outcome.addresses[0] !== undefined) {
          const ip = outcome.addresses[0]
          const reason = context.whyNotOutside(host, ip)
          if (reason === undefined)
            return { ip, tookMs: outcome.tookMs, answer: 'reply' as const, detail: '' }
          last = { answer: 'error', detail: `${server}: ${reason}` }
          break
        }
        last = isAnswer(outcome)
          ? { answer: 'reply', detail: 'no such name' }
          : { answer: outcome.kind, detail: `${server} ${outcome.detail}` }
        if (outcome.kind !== 'timeout') break
      }
    }
    return { ip: undefined, tookMs: null, ...last }
  }

  return {
    start() {
      isStarted = true
      arrange()
      return () => {
        isStopped = true
        for (const { stopNext } of walkedById.values()) stopNext?.()
      }
    },
    arrange,
  }
}
