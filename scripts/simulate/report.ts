import type { Tally } from '../../test/sim/fleet/score.ts'
import type { SimulateArguments } from './arguments.ts'

/** What a simulated fleet showed; the last line of `--json`. */
export interface SimulateReport {
  readonly locations: number
  readonly days: number
  readonly seed: string
  readonly isComplete: boolean
  readonly locationDays: number
  readonly falseIssues: number
  /** Incidents of a real fault that ended with its true cause, 0..1; null without any. */
  readonly rightCauseRatio: number | null
  /** Faults that had to open something, and those that did. */
  readonly dueFaults: number
  readonly foundFaults: number
  readonly incidents: number
  /** Fault → final class, or `nothing` → how often. */
  readonly confusion: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Fault in trading hours → seconds until something opened. */
  readonly secondsToOpen: Readonly<
    Record<
      string,
      { readonly count: number; readonly p50: number; readonly p95: number; readonly max: number }
    >
  >
  readonly bytesPerLocationDay: number
  readonly wallSeconds: number
  readonly locationDaysPerSecond: number
  readonly workers: number
  readonly examples: Tally['examples']
}

/** The number to hold (design): right causes, of all that opened. */
export const wantedRightCauseRatio = 0.99

export function createReport(args: SimulateArguments, tally: Tally, wallMs: number): SimulateReport {
  const wallSeconds = Math.round(wallMs / 100) / 10
  return {
    locations: args.locations,
    days: args.days,
    seed: args.seed,
    isComplete: tally.locationDays >= args.locations * args.days,
    locationDays: Math.round(tally.locationDays * 100) / 100,
    falseIssues: tally.falseIssues,
    rightCauseRatio:
      tally.explained === 0 ? null : Math.round((tally.right / tally.explained) * 10_000) / 10_000,
    dueFaults: tally.due,
    foundFaults: tally.found,
    incidents: tally.incidents,
    confusion: Object.fromEntries(
      [...tally.confusion].sort(byName).map(([row, cells]) => [row, Object.fromEntries(cells)]),
    ),
    secondsToOpen: Object.fromEntries(
      [...tally.secondsToOpen].sort(byName).map(([name, values]) => [name, spreadOf(values)]),
    ),
    bytesPerLocationDay: tally.locationDays === 0 ? 0 : Math.round(tally.payloadBytes / tally.locationDays),
    wallSeconds,
    locationDaysPerSecond: wallSeconds === 0 ? 0 : Math.round((tally.locationDays / wallSeconds) * 100) / 100,
    workers: args.workers,
    examples: tally.examples,
  }
}

/** Whether the fleet held the numbers: nothing false, nothing missed, causes right. */
export function isHeld({ falseIssues, rightCauseRatio, dueFaults, foundFaults }: SimulateReport): boolean {
  return falseIssues === 0 && foundFaults === dueFaults && (rightCauseRatio ?? 1) >= wantedRightCauseRatio
}

/** The same figures as tables. */
export function printReport(report: SimulateReport): string {
  const { confusion, secondsToOpen, examples } = report
  const right = report.rightCauseRatio === null ? '–' : `${(report.rightCauseRatio * 100).toFixed(2)} %`
  const rows = Object.entries(confusion).map(([fault, cells]) => {
    const seconds = secondsToOpen[fault]
    const times = Object.entries(cells).map(([name, times]) => `${times} × ${name}`)
    const open =
      seconds === undefined ? '' : `p50 ${seconds.p50} s, p95 ${seconds.p95} s, max ${seconds.max} s`
    return `  ${fault.padEnd(26)} ${times.join(', ').padEnd(44)} ${open}`
  })
  const cases = examples
    .slice(0, 10)
    .map(
      ({ location, kind, fault, faultClass, atSeconds, headline }) =>
        `  ${kind}: Location ${location}, day ${Math.floor(atSeconds / 86_400) + 1} at ${clock(atSeconds)}, ${fault} → ${faultClass}  ${headline}`,
    )
  return [
    `${report.locationDays} Location-days${report.isComplete ? '' : ' (stopped early)'} in ${report.wallSeconds} s: ${report.locationDaysPerSecond} Location-days a second on ${report.workers} thread(s)`,
    `false Issues: ${report.falseIssues}   right cause: ${right} of ${report.incidents} incidents   found: ${report.foundFaults} of ${report.dueFaults} faults that had to be`,
    '',
    'fault → final cause, and how long until it opened in trading hours',
    ...rows,
    ...(cases.length > 0 ? ['', 'what went wrong', ...cases] : []),
  ].join('\n')
}

function spreadOf(values: readonly number[]): SimulateReport['secondsToOpen'][string] {
  const sorted = values.toSorted((a, b) => a - b)
  const rank = (share: number) =>
    Math.round((sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0) * 10) / 10
  return { count: sorted.length, p50: rank(0.5), p95: rank(0.95), max: rank(1) }
}

function clock(seconds: number): string {
  return new Date((seconds % 86_400) * 1_000).toISOString().slice(11, 19)
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0
}
