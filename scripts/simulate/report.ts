import type { Score } from '../../test/sim/fleet/score.ts'
import type { SimulateArguments } from './arguments.ts'

/** What a simulated fleet showed; the last line of `--json`. */
export interface SimulateReport {
  readonly locationDays: number
  readonly injected: Score['injected']
  readonly nuisances: Score['nuisances']
  /** Faults that nobody could have seen, and which; they are not counted as missed. */
  readonly unobservable: number
  readonly unobservableFaults: Score['unobservableFaults']
  readonly incidents: number
  readonly falseIssues: number
  readonly missed: number
  readonly wrongCause: number
  readonly childIssues: number
  /** Fault → Issue in opening hours; router and WAN where there is a second way out, dark where there is none, POS where the appliance may send ARP. null = there was none. */
  readonly p95OpenSeconds: Readonly<Record<keyof typeof mostSeconds, number | null>>
  /** Reconnect → the dark Location's Issue has its cause. */
  readonly explainSeconds: { readonly p95: number | null }
  /** Observations that the fault core took, per second of the run. */
  readonly observationsPerSecond: number
  readonly stateBytesPerLocation: number
}

/** The numbers to hold. */
const wantedRightCauseRatio = 0.99
/** Most of the plan that may lie where that shop's appliance has no means to see it (no raw ARP, say): what the run would say nothing about. */
const mostUnobservableRatio = 0.01
/** In a smaller plan one such fault alone is more than that share. */
const fewestFaultsForShare = 1 / mostUnobservableRatio
const mostSeconds = { router: 15, wan: 15, pos: 30, dark: 60 } as const
const mostExplainSeconds = 60
/** Of terminals that ignore ICMP, where the appliance may not send ARP itself; its doctor warns of that. */
const mostSecondsWithoutArp = 60

export function createReport(score: Score, wallMs: number): SimulateReport {
  const { openSeconds, unobservableFaults } = score
  return {
    locationDays: Math.round(score.locationDays * 100) / 100,
    injected: sortKeys(score.injected),
    nuisances: sortKeys(score.nuisances),
    unobservable: unobservableFaults.length,
    unobservableFaults,
    incidents: score.incidents,
    falseIssues: score.falseIssues,
    missed: score.missed,
    wrongCause: score.wrongCause,
    childIssues: score.childIssues,
    p95OpenSeconds: {
      router: p95(openSeconds.router),
      wan: p95(openSeconds.wan),
      pos: p95(openSeconds.pos),
      dark: p95(openSeconds.dark),
    },
    explainSeconds: { p95: p95(score.explainSeconds) },
    observationsPerSecond: wallMs <= 0 ? 0 : Math.round((score.observations * 1_000) / wallMs),
    stateBytesPerLocation: score.stateBytesPerLocation,
  }
}

/** What the fleet did not hold, one sentence each; empty = all of it. */
export function brokenPromises(report: SimulateReport, score: Score): string[] {
  const { falseIssues, missed, wrongCause, childIssues, p95OpenSeconds, explainSeconds } = report
  const faults = Object.values(report.injected).reduce((sum, count) => sum + count, 0)
  const broken: string[] = []
  if (falseIssues > 0) broken.push(`${falseIssues} false Issue(s)`)
  if (missed > 0) broken.push(`${missed} fault(s) missed`)
  if (childIssues > 0) broken.push(`${childIssues} Issue(s) beside the first one of their fault`)
  if (wrongCause > score.explained * (1 - wantedRightCauseRatio))
    broken.push(`${wrongCause} of ${score.explained} Issues with a wrong cause`)
  if (report.unobservable > faults * mostUnobservableRatio)
    broken.push(
      `${report.unobservable} of ${faults} faults showed nothing that anybody could have seen, more than ${mostUnobservableRatio * 100} % of the plan${
        faults < fewestFaultsForShare
          ? ` (a share of so few says little: below ${fewestFaultsForShare} faults one alone is more; take more Locations or days)`
          : ''
      }`,
    )
  for (const [kind, most] of Object.entries(mostSeconds)) {
    const seconds = p95OpenSeconds[kind as keyof typeof mostSeconds]
    if (seconds !== null && seconds > most)
      broken.push(`${kind}: p95 ${seconds} s until the Issue, ${most} s are promised`)
  }
  const withoutArp = p95(score.openSeconds.posWithoutArp)
  if (withoutArp !== null && withoutArp > mostSecondsWithoutArp)
    broken.push(
      `pos where no ARP may be sent: p95 ${withoutArp} s until the Issue, ${mostSecondsWithoutArp} s are promised`,
    )
  if (explainSeconds.p95 !== null && explainSeconds.p95 > mostExplainSeconds)
    broken.push(
      `p95 ${explainSeconds.p95} s until a dark Location was explained, ${mostExplainSeconds} s are promised`,
    )
  return broken
}

/** The same figures as tables. */
export function printReport(
  args: SimulateArguments,
  report: SimulateReport,
  score: Score,
  wallMs: number,
): string {
  const isComplete = report.locationDays >= args.locations * args.days
  const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((a, b) => a + b, 0)
  const perDay = (counts: Readonly<Record<string, number>>) =>
    (sum(counts) / Math.max(1e-9, report.locationDays)).toFixed(2)
  const rows = [...score.confusion]
    .sort(byName)
    .map(
      ([cause, cells]) =>
        `  ${cause.padEnd(22)} ${[...cells].map(([told, times]) => `${times} × ${told}`).join(', ')}`,
    )
  const cases = score.examples
    .slice(0, 20)
    .map(
      ({ location, kind, cause, told, atSeconds, headline }) =>
        `  ${kind}: ${location < 0 ? 'fleet' : `Location ${location}`}, day ${Math.floor(atSeconds / 86_400) + 1} at ${clock(atSeconds)}, ${cause} → ${told}  ${headline}`,
    )
  const { p95OpenSeconds: open, explainSeconds } = report
  const broken = brokenPromises(report, score)
  return [
    `${report.locationDays} Location-days${isComplete ? '' : ' (stopped early)'} in ${Math.round(wallMs / 100) / 10} s on ${args.workers} thread(s), seed ${args.seed}`,
    `${sum(report.injected)} faults (${perDay(report.injected)} a Location-day), ${sum(report.nuisances)} nuisances (${perDay(report.nuisances)}), ${report.unobservable} that nobody can see`,
    `false Issues ${report.falseIssues}, missed ${report.missed}, wrong cause ${report.wrongCause} of ${score.explained}, child Issues ${report.childIssues}`,
    `p95 fault → Issue: router ${seconds(open.router)}, WAN ${seconds(open.wan)}, POS ${seconds(open.pos)} (where no ARP may be sent ${seconds(p95(score.openSeconds.posWithoutArp))}), dark ${seconds(open.dark)}; reconnect → cause ${seconds(explainSeconds.p95)}`,
    `${report.observationsPerSecond} observations a second, ${report.stateBytesPerLocation} bytes of state a Location`,
    '',
    'cause → what the Issue said in the end',
    ...rows,
    ...(cases.length > 0 ? ['', 'what went wrong', ...cases] : []),
    ...(broken.length > 0 ? ['', ...broken.map((sentence) => `NOT HELD: ${sentence}`)] : []),
  ].join('\n')
}

function p95(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil(0.95 * sorted.length) - 1)]
  return value === undefined ? null : Math.round(value * 10) / 10
}

function seconds(value: number | null): string {
  return value === null ? '–' : `${value} s`
}

function sortKeys(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).sort(byName))
}

function clock(seconds: number): string {
  return new Date((seconds % 86_400) * 1_000).toISOString().slice(11, 19)
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0
}
