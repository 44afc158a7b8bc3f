import type { IncidentStory } from '../virtual-ingest.ts'
import type { PlannedFault } from './plan.ts'

/** What came of a fleet's days. All figures add up over Locations. */
export interface Tally {
  locationDays: number
  /** Faults for which something had to open, and for which it did. */
  due: number
  found: number
  /** Incidents that a fault accounts for, and those whose final cause is right. */
  explained: number
  right: number
  /** Incidents nobody is to blame for: no fault near, or a second one for the same fault. */
  falseIssues: number
  incidents: number
  records: number
  repeats: number
  payloadBytes: number
  /** `fault → final class` (or `nothing`) → how often. */
  readonly confusion: Map<string, Map<string, number>>
  /** Fault in trading hours → seconds from its beginning to the first incident. */
  readonly secondsToOpen: Map<string, number[]>
  /** The first cases that went wrong, for whoever wants to look into them. */
  readonly examples: WrongCase[]
}

export interface WrongCase {
  readonly location: number
  readonly kind: 'false' | 'wrong-cause' | 'missed' | 'child'
  readonly fault: string
  readonly faultClass: string
  /** Seconds after midnight of the first day. */
  readonly atSeconds: number
  readonly headline: string
}

const maxExamples = 40
/** What opens this long after a fault's end still belongs to it: devices that boot, a line that trains, an explanation that waits. */
const aftermathMs = 15 * 60_000
/** Clocks of both sides are one here; the slack is for evidence that was gathered before the act. */
const slackMs = 1_000

export function emptyTally(): Tally {
  return {
    locationDays: 0,
    due: 0,
    found: 0,
    explained: 0,
    right: 0,
    falseIssues: 0,
    incidents: 0,
    records: 0,
    repeats: 0,
    payloadBytes: 0,
    confusion: new Map(),
    secondsToOpen: new Map(),
    examples: [],
  }
}

/** Holds the incidents of one Location against what was done to it. */
export function score(
  tally: Tally,
  outcome: {
    readonly location: number
    readonly startMs: number
    readonly faults: readonly PlannedFault[]
    readonly incidents: readonly IncidentStory[]
  },
): void {
  const { faults, incidents, location, startMs } = outcome
  const takenBy = new Map<PlannedFault, IncidentStory[]>()
  const example = (kind: WrongCase['kind'], fault: string, atMs: number, story?: IncidentStory) => {
    if (tally.examples.length >= maxExamples) return
    const { faultClass = 'nothing', headline = '' } = story?.report ?? {}
    tally.examples.push({
      location,
      kind,
      fault,
      faultClass,
      atSeconds: Math.round((atMs - startMs) / 1_000),
      headline,
    })
  }
  tally.incidents += incidents.length
  for (const story of incidents) {
    const fault = faults.find(
      ({ fromMs, toMs }) => story.openedAtMs >= fromMs - slackMs && story.openedAtMs <= toMs + aftermathMs,
    )
    if (fault === undefined) {
      tally.falseIssues++
      count(tally.confusion, 'no fault', story.report.faultClass)
      example('false', 'no fault', story.openedAtMs, story)
      continue
    }
    takenBy.set(fault, [...(takenBy.get(fault) ?? []), story])
  }
  for (const planned of faults) {
    const name = `${planned.fault.name} ${planned.fault.argument}`.trim()
    const [first, ...others] = takenBy.get(planned) ?? []
    const { right, mustOpen } = planned.truth
    if (mustOpen) tally.due++
    count(tally.confusion, name, first?.report.faultClass ?? 'nothing')
    if (first === undefined) {
      if (mustOpen) example('missed', name, planned.fromMs)
      continue
    }
    if (right.length === 0) {
      tally.falseIssues++
      example('false', name, first.openedAtMs, first)
    } else {
      if (mustOpen) tally.found++
      tally.explained++
      if (right.includes(first.report.faultClass)) tally.right++
      else example('wrong-cause', name, first.openedAtMs, first)
      if (planned.isTrading) {
        const seconds = tally.secondsToOpen.get(name) ?? []
        seconds.push((first.openedAtMs - planned.fromMs) / 1_000)
        tally.secondsToOpen.set(name, seconds)
      }
    }
    for (const other of others) {
      tally.falseIssues++
      count(tally.confusion, `${name} (second)`, other.report.faultClass)
      example('child', name, other.openedAtMs, other)
    }
  }
}

function count(table: Map<string, Map<string, number>>, row: string, column: string): void {
  const cells = table.get(row) ?? new Map<string, number>()
  table.set(row, cells)
  cells.set(column, (cells.get(column) ?? 0) + 1)
}

/** Adds the second tally to the first. */
export function addTally(into: Tally, more: Tally): void {
  for (const key of [
    'locationDays',
    'due',
    'found',
    'explained',
    'right',
    'falseIssues',
    'incidents',
    'records',
    'repeats',
    'payloadBytes',
  ] as const) {
    into[key] += more[key]
  }
  for (const [row, cells] of more.confusion) {
    const own = into.confusion.get(row) ?? new Map<string, number>()
    into.confusion.set(row, own)
    for (const [column, times] of cells) own.set(column, (own.get(column) ?? 0) + times)
  }
  for (const [name, seconds] of more.secondsToOpen) {
    into.secondsToOpen.set(name, [...(into.secondsToOpen.get(name) ?? []), ...seconds])
  }
  into.examples.push(...more.examples.slice(0, maxExamples - into.examples.length))
}
