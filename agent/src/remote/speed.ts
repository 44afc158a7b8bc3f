import type { SpeedLimits, SpeedMeter, SpeedOutcome, SpeedServer } from '../ports/index.ts'
import type { WatchContext } from '../watch/context.ts'
import type { Links } from '../watch/links.ts'
import { createLines, type Job, type Outcome, refused } from './job.ts'

export interface SpeedDeps {
  readonly links: Links
  /** undefined = this machine cannot move bytes (a simulated LAN). */
  readonly meter: SpeedMeter | undefined
  /** Where bytes may be moved to and from, set on site; there is no default. */
  readonly url: string | undefined
}

/** Each way moves at most this much, for at most this long: a merchant's line is not ours, and neither is the processor's time. */
const most = { bytes: 25_000_000, ms: 4_000 } as const
/** Between two tests, and in any 24 hours together. */
const pauseMs = 60_000
const dayMs = 86_400_000
const maxBytesPerDay = 500_000_000
/** Round trips under load are taken this often while bytes move. */
const echoPeriodMs = 200
const echoTimeoutMs = 2_000
/** Connecting, the idle round trips and the way back need this much of the deadline. */
const overheadMs = 3_500
/** So much more delay under load is felt as a slow network: a terminal's greeting takes four round trips. */
const bufferbloatMs = 100

/** Download, upload and what they do to everybody else's round trips (bufferbloat). Only towards the server that was named on site. */
export function createSpeedTest(context: WatchContext, deps: SpeedDeps): (job: Job) => Promise<Outcome> {
  const { scheduler, echo, resolver } = context
  const tests: { readonly atMono: number; readonly bytes: number }[] = []

  async function findServer(url: string): Promise<SpeedServer | { readonly reason: string }> {
    const uplink = deps.links.uplinks().find(({ kind }) => kind === 'primary') ?? deps.links.uplinks()[0]
    if (uplink !== undefined && !uplink.hasCarrier)
      return { reason: 'the primary uplink has no carrier; the spare one is not used for this' }
    const own = uplink?.localAddress === undefined ? {} : { localAddress: uplink.localAddress }
    const host = new URL(url).hostname
    if (/^[\d.]+$/.test(host)) return { url, ip: host, ...own }
    const server = uplink?.resolvers[0]
    if (server === undefined) return { reason: 'no resolver is known' }
    if (!context.budget.takeSpare('gateway', 1))
      return { reason: 'the probe budget of the router is used up' }
    const outcome = await resolver.lookup(host, { server, timeoutMs: 1_500, ...own })
    const ip = outcome.kind === 'answer' ? outcome.addresses[0] : undefined
    return ip === undefined ? { reason: `${host} does not resolve` } : { url, ip, ...own }
  }

  async function roundTrips(ip: string, localAddress: string | undefined, count: number) {
    const own = localAddress === undefined ? {} : { localAddress }
    const outcomes = await echo.ask([ip], { count, timeoutMs: 400, ...own })
    return outcomes.flatMap(({ rttMs }) => rttMs ?? [])
  }

  /** Moves bytes and takes round trips beside it. */
  async function underLoad(
    ip: string,
    server: SpeedServer,
    move: () => Promise<SpeedOutcome>,
  ): Promise<{ outcome: SpeedOutcome; rttsMs: number[]; asked: number }> {
    const rttsMs: number[] = []
    let asked = 0
    const own = server.localAddress === undefined ? {} : { localAddress: server.localAddress }
    const stop = echo.monitor(
      { ips: [ip], periodMs: echoPeriodMs, timeoutMs: echoTimeoutMs, ...own },
      (one) => {
        context.budget.spend('outside', 1)
        asked++
        if (one.rttMs !== null) rttsMs.push(one.rttMs)
      },
    )
    try {
      return { outcome: await move(), rttsMs, asked }
    } finally {
      stop()
    }
  }

  return async (job) => {
    const { url, meter } = deps
    if (url === undefined)
      return refused(
        'no server for speed tests is set on this appliance: name one as "speedUrl" in agent.json',
      )
    if (meter === undefined) return refused('this appliance cannot move bytes')
    const nowMono = scheduler.monotonicMs()
    while (tests[0] !== undefined && nowMono - tests[0].atMono > dayMs) tests.shift()
    const last = tests.at(-1)
    if (last !== undefined && nowMono - last.atMono < pauseMs)
      return refused('the last speed test was less than a minute ago')
    if (tests.reduce((sum, { bytes }) => sum + bytes, 0) + 2 * most.bytes > maxBytesPerDay)
      return refused('the speed tests of the last 24 hours moved 500 MB: no more today')
    const maxMs = Math.min(most.ms, (job.leftMs() - overheadMs) / 2)
    if (maxMs < 500) return refused('a speed test needs at least 5 seconds: give it a longer budget')
    const server = await findServer(url)
    if ('reason' in server) return refused(server.reason)
    const wrong = context.whyNotOutside(new URL(url).hostname, server.ip)
    if (wrong !== undefined) return refused(wrong)

    const limits: SpeedLimits = { maxBytes: most.bytes, maxMs }
    const lines = createLines(job)
    const near = context.plan().internetTargets[0] ?? server.ip
    const idle = median(await roundTrips(near, server.localAddress, 3))
    lines.add(`idle: ${idle === undefined ? 'no answer' : `${ms(idle)} to ${near}`}`)
    let bytes = 0
    const ways = [
      ['download', () => meter.download(server, limits)],
      ['upload', () => meter.upload(server, limits)],
    ] as const
    for (const [way, move] of ways) {
      if (job.isOver()) break
      const { outcome, rttsMs, asked } = await underLoad(near, server, move)
      if (outcome.kind === 'failed') {
        // How much moved before it broke is not known: booked as the most it may have been.
        bytes += most.bytes
        lines.add(`${way}: ${outcome.detail}`)
        continue
      }
      bytes += outcome.bytes
      const megabits = (outcome.bytes * 8) / 1_000 / outcome.tookMs
      lines.add(
        `${way}: ${megabits.toFixed(1)} Mbit/s (${(outcome.bytes / 1e6).toFixed(1)} MB in ${(outcome.tookMs / 1_000).toFixed(1)} s)`,
      )
      const loaded = median(rttsMs)
      if (loaded === undefined) lines.add(`${way}: none of ${asked} round trips came back under load`)
      else if (idle !== undefined) {
        const more = Math.max(0, loaded - idle)
        const word = more >= bufferbloatMs ? 'bufferbloat: others wait' : 'good'
        lines.add(`${way}: ${ms(loaded)} under load, +${ms(more)} (${word})`)
      }
    }
    tests.push({ atMono: nowMono, bytes })
    return { status: 'ok', evidence: [], lines: [...lines.all] }
  }
}

const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`

function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)]
}
