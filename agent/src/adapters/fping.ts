import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Echo, EchoOutcome, EchoPlan, Log, Stop } from '../ports/index.ts'
import { type ChildEvents, runProgram, startChild } from './child-lines.ts'

/** One line of `fping -l` (5.1): `192.0.2.1 : [0], 64 bytes, 0.073 ms (…)` or `… : [0], timed out (…)`; with `-D` the time stands before it. */
const linePattern = /^(?:\[[\d.]+\] )?(\S+)\s*: \[\d+\], (?:\d+ bytes, ([\d.]+) ms|timed out)/
const exceededPattern = /^ICMP Time Exceeded from (\S+) for ICMP Echo sent to /

/** What one line of fping says; undefined = not about an echo. */
export function parseFpingLine(line: string): EchoOutcome | undefined {
  const match = linePattern.exec(line)
  if (match?.[1] === undefined) return undefined
  return { ip: match[1], rttMs: match[2] === undefined ? null : Number(match[2]) }
}

/** Pause between two packets of one round, whoever sends them: spreads a round without stretching it. */
const spacingMs = 1
/** Between two tries of one question. */
const askPeriodMs = 300
const restartMs = 1_000
/** Rounds this slow are read in heaps of this long: their round-trip times are fping's own. */
const slowRoundMs = 5_000
const gatherMs = 250
/** A busy machine prints late; only what is clearly missing counts. */
const overdueSlackMs = 700
const maxRestartMs = 30_000
/** One child's targets: its command line stays far below the system's limit. Of more (networks are a /22 each, at most 16) nobody is left out: the rest has children of its own. */
export const mostPerChild = 1_200

function childLists(ips: readonly string[]): string[][] {
  const lists: string[][] = []
  for (let from = 0; from < ips.length; from += mostPerChild) lists.push(ips.slice(from, from + mostPerChild))
  return lists
}

/** Pause between two packets of one of so many children, so that all together keep the pace of one, as far as the round fits into its period. */
export function childSpacingMs(children: number, periodMs = Number.POSITIVE_INFINITY): number {
  return Math.max(1, Math.min(children, Math.floor(periodMs / mostPerChild))) * spacingMs
}

/** Whether a program is on the PATH. */
export function hasProgram(name: string, path: string | undefined): boolean {
  return (path ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** ICMP by an `fping` child per plan: round-trip times are taken in C, so a busy event loop never reads as a slow network. */
export function createFping(log: Log, path: string | undefined): Echo {
  const isThere = hasProgram('fping', path)
  const source = (localAddress: string | undefined) =>
    localAddress === undefined ? [] : ['-S', localAddress]
  /** One child for as long as nobody stops it. */
  function monitorBy(
    plan: EchoPlan,
    ips: readonly string[],
    ownSpacingMs: number,
    onOutcome: (outcome: EchoOutcome) => void,
  ): Stop {
    let stopChild: Stop | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    let isStopped = false
    let failures = 0
    const args = [
      ...['-l', '-i', String(ownSpacingMs), '-p', String(plan.periodMs), '-t', String(plan.timeoutMs)],
      ...source(plan.localAddress),
      ...ips,
    ]
    const heardAt = new Map(ips.map((ip) => [ip, performance.now()]))
    const hear = (outcome: EchoOutcome) => {
      heardAt.set(outcome.ip, performance.now())
      onOutcome(outcome)
    }
    // fping says nothing at all about a packet it could not send (no route, no source address): that is silence too.
    const overdueMs = plan.periodMs + plan.timeoutMs + overdueSlackMs
    const overdue = setInterval(() => {
      const now = performance.now()
      for (const [ip, at] of heardAt) if (now - at > overdueMs) hear({ ip, rttMs: null })
    }, plan.periodMs)
    const start = () => {
      const events: ChildEvents = {
        onLine(line) {
          const outcome = parseFpingLine(line)
          if (outcome === undefined || !heardAt.has(outcome.ip)) return
          failures = 0
          hear(outcome)
        },
        onExit(detail) {
          if (isStopped) return
          failures++
          if (failures === 1) log.warn({ detail, targets: ips.length }, 'fping ended; starting it again')
          timer = setTimeout(start, Math.min(maxRestartMs, restartMs * failures))
        },
      }
      // A slow round may be told a moment later; the gateway's and the internet's are told at once.
      stopChild = startChild('fping', args, events, plan.periodMs < slowRoundMs ? {} : { gatherMs })
    }
    start()
    return () => {
      isStopped = true
      clearTimeout(timer)
      clearInterval(overdue)
      stopChild?.()
    }
  }

  async function askBy(
    ips: readonly string[],
    ownSpacingMs: number,
    { count, timeoutMs, localAddress }: Parameters<Echo['ask']>[1],
  ): Promise<EchoOutcome[]> {
    const pace = [
      '-i',
      String(ownSpacingMs),
      '-p',
      String(Math.min(timeoutMs, askPeriodMs)),
      '-t',
      String(timeoutMs),
    ]
    const { stderr } = await runProgram(
      'fping',
      ['-C', String(count), '-q', ...pace, ...source(localAddress), ...ips],
      count * (timeoutMs + ips.length * ownSpacingMs) + 3_000,
    )
    return stderr.split('\n').flatMap(parseFpingSummary)
  }

  return {
    isAvailable: () => isThere,
    monitor(plan, onOutcome) {
      if (!isThere) return () => undefined
      const lists = childLists(plan.ips)
      const ownSpacingMs = childSpacingMs(lists.length, plan.periodMs)
      const stops = lists.map((ips) => monitorBy(plan, ips, ownSpacingMs, onOutcome))
      return () => {
        for (const stop of stops) stop()
      }
    },
    async ask(ips, options) {
      if (!isThere) return []
      const lists = childLists(ips)
      const ownSpacingMs = childSpacingMs(lists.length)
      return (await Promise.all(lists.map((list) => askBy(list, ownSpacingMs, options)))).flat()
    },
    async hop(ip, { hops, timeoutMs, localAddress }) {
      if (!isThere) return undefined
      const { stdout, stderr } = await runProgram(
        'fping',
        ['-c', '1', '-t', String(timeoutMs), '-H', String(hops), ...source(localAddress), ip],
        timeoutMs + 3_000,
      )
      for (const line of `${stderr}\n${stdout}`.split('\n')) {
        const router = exceededPattern.exec(line)?.[1]
        if (router !== undefined) return router
        if (parseFpingLine(line)?.rttMs != null) return ip
      }
      return undefined
    },
  }
}

/** One line of `fping -C n -q`: `192.0.2.1 : 0.05 - 0.07`, a dash where no answer came. */
export function parseFpingSummary(line: string): EchoOutcome[] {
  const match = /^(\S+)\s*: ((?:(?:[\d.]+|-)\s*)+)$/.exec(line)
  const [, ip, values] = match ?? []
  if (ip === undefined || values === undefined) return []
  return values
    .trim()
    .split(/\s+/)
    .map((value) => ({ ip, rttMs: value === '-' ? null : Number(value) }))
}
