import type { EpochMs, FaultClass } from '@proactive/shared'
import { fleetIssues, type ToldOutage } from './fleet-issues.ts'
import type { Outage } from './outages.ts'
import type { PlannedFault } from './plan.ts'
import type { LocationTale, ToldIncident } from './run-fleet.ts'

/** What came of a fleet's days, held against what was done to it. */
export interface Score {
  readonly locationDays: number
  readonly injected: Readonly<Record<string, number>>
  readonly nuisances: Readonly<Record<string, number>>
  readonly unobservableFaults: readonly {
    readonly locationId: string
    readonly cause: FaultClass
    readonly atMs: EpochMs
    readonly reason: string
  }[]
  readonly incidents: number
  /** Issues nobody is to blame for. */
  readonly falseIssues: number
  /** Faults that had to have an Issue and have none. */
  readonly missed: number
  /** Issues whose final cause is not the true one. */
  readonly wrongCause: number
  /** Issues beside the first one of the same fault. */
  readonly childIssues: number
  /** Issues that a fault accounts for. */
  readonly explained: number
  /** `posWithoutArp` = where the appliance may not send ARP itself: a terminal that ignores ICMP is then known by the kernel's neighbor table only, which takes longer. */
  readonly openSeconds: Readonly<
    Record<'router' | 'wan' | 'pos' | 'posWithoutArp' | 'dark', readonly number[]>
  >
  readonly explainSeconds: readonly number[]
  /** `cause → final class` (or `nothing`) → how often. */
  readonly confusion: ReadonlyMap<string, ReadonlyMap<string, number>>
  readonly observations: number
  readonly payloadBytes: number
  readonly stateBytesPerLocation: number
  /** The first cases that went wrong, for whoever wants to look into them. */
  readonly examples: readonly WrongCase[]
}

export interface WrongCase {
  readonly location: number
  readonly kind: 'false' | 'wrong-cause' | 'missed' | 'child'
  readonly cause: string
  readonly told: string
  /** Seconds after midnight of the first day. */
  readonly atSeconds: number
  readonly headline: string
}

const maxExamples = 60
/** What opens this long after a fault's end still belongs to it: devices that boot, a line that trains, an explanation that waits. */
const aftermathMs = 15 * 60_000
/** Clocks of both sides are one here; the slack is for evidence that was gathered before the act. */
const slackMs = 1_000
/** Fewer Locations than this in trouble are no outage: each has an Issue of its own. */
const fewestOfOutage = 3
const second = 1_000

/** Holds what was told against what was done. Pure; the order of the tales does not matter. */
export function score(tales: readonly LocationTale[], outages: readonly Outage[], startMs: EpochMs): Score {
  const ordered = [...tales].sort((a, b) => a.index - b.index)
  const { outages: toldOutages, issueAtMs } = fleetIssues(ordered)
  const count = { falseIssues: 0, missed: 0, wrongCause: 0, childIssues: 0, explained: 0 }
  const injected: Record<string, number> = {}
  const nuisances: Record<string, number> = {}
  const unobservableFaults: Score['unobservableFaults'][number][] = []
  const openSeconds = {
    router: [] as number[],
    wan: [] as number[],
    pos: [] as number[],
    posWithoutArp: [] as number[],
    dark: [] as number[],
  }
  const explainSeconds: number[] = []
  const confusion = new Map<string, Map<string, number>>()
  const examples: WrongCase[] = []
  const example = (
    kind: WrongCase['kind'],
    location: number,
    cause: string,
    atMs: EpochMs,
    told?: Pick<ToldOutage, 'faultClass' | 'headline'>,
  ) => {
    if (examples.length >= maxExamples) return
    const { faultClass = 'nothing', headline = '' } = told ?? {}
    examples.push({ location, kind, cause, told: faultClass, atSeconds: (atMs - startMs) / second, headline })
  }
  const confuse = (row: string, column: string) => {
    const cells = confusion.get(row) ?? new Map<string, number>()
    confusion.set(row, cells)
    cells.set(column, (cells.get(column) ?? 0) + 1)
  }

  const hitBy = new Map<number, PlannedFault[]>()
  for (const { faults } of ordered)
    for (const fault of faults)
      if (fault.outage !== null) hitBy.set(fault.outage, [...(hitBy.get(fault.outage) ?? []), fault])
  const isOutage = (number: number | null): boolean =>
    number !== null && (hitBy.get(number)?.length ?? 0) >= fewestOfOutage

  const unclaimed = new Set(toldOutages)
  for (const outage of outages) {
    if (!isOutage(outage.number)) continue
    injected[outage.cause] = (injected[outage.cause] ?? 0) + 1
    const mine = toldOutages.filter(
      ({ openedAtMs }) => openedAtMs >= outage.fromMs - slackMs && openedAtMs <= outage.toMs + aftermathMs,
    )
    for (const told of mine) unclaimed.delete(told)
    const [first, ...others] = mine
    confuse(outage.cause, first?.faultClass ?? 'nothing')
    if (first === undefined) {
      count.missed++
      example('missed', -1, outage.cause, outage.fromMs)
      continue
    }
    count.explained++
    if (first.faultClass !== outage.cause) {
      count.wrongCause++
      example('wrong-cause', -1, outage.cause, first.openedAtMs, first)
    }
    for (const other of others) {
      count.childIssues++
      example('child', -1, outage.cause, other.openedAtMs, other)
    }
  }
  for (const told of unclaimed) {
    count.falseIssues++
    confuse('no fault', told.faultClass)
    example('false', -1, 'no fault', told.openedAtMs, told)
  }

  for (const tale of ordered) {
    for (const [kind, times] of Object.entries(tale.nuisances))
      nuisances[kind] = (nuisances[kind] ?? 0) + times
    const issuesByFault = new Map<PlannedFault, ToldIncident[]>()
    for (const incident of tale.incidents) {
      const atMs = issueAtMs.get(incident)
      if (atMs === undefined) continue
      const fault = tale.faults.find(
        ({ fromMs, toMs }) =>
          incident.openedAtMs >= fromMs - slackMs && incident.openedAtMs <= toMs + aftermathMs,
      )
      if (fault === undefined) {
        count.falseIssues++
        confuse('no fault', finalClass(incident))
        example('false', tale.index, 'no fault', incident.openedAtMs, {
          ...incident,
          faultClass: finalClass(incident),
        })
        continue
      }
      issuesByFault.set(fault, [...(issuesByFault.get(fault) ?? []), incident])
    }
    for (const fault of tale.faults) {
      const issues = issuesByFault.get(fault) ?? []
      if (isOutage(fault.outage)) {
        // The parent has the Issue.
        for (const issue of issues) {
          count.childIssues++
          example('child', tale.index, fault.cause, issue.openedAtMs, {
            ...issue,
            faultClass: finalClass(issue),
          })
        }
        continue
      }
      scoreOwn(tale, fault, issues)
    }
  }

  function scoreOwn(tale: LocationTale, fault: PlannedFault, issues: readonly ToldIncident[]): void {
    const cause = fault.right[0] ?? fault.cause
    injected[cause] = (injected[cause] ?? 0) + 1
    const [first, ...others] = issues
    const told = first === undefined ? 'nothing' : finalClass(first)
    confuse(cause, told)
    if (fault.unseen !== null)
      unobservableFaults.push({
        locationId: `loc-${tale.index}`,
        cause,
        atMs: fault.fromMs,
        reason: fault.unseen,
      })
    if (first === undefined) {
      if (fault.unseen !== null) return
      count.missed++
      example('missed', tale.index, cause, fault.fromMs)
      return
    }
    count.explained++
    if (!fault.right.includes(finalClass(first))) {
      count.wrongCause++
      example('wrong-cause', tale.index, cause, first.openedAtMs, { ...first, faultClass: finalClass(first) })
    }
    for (const other of others) {
      count.childIssues++
      example('child', tale.index, cause, other.openedAtMs, { ...other, faultClass: finalClass(other) })
    }
    const kind = latencyKind(tale, fault)
    if (kind !== null)
      openSeconds[kind].push(((issueAtMs.get(first) ?? first.openedAtMs) - fault.fromMs) / second)
    const explained = explainedAfter(tale, fault, first)
    if (explained !== null) explainSeconds.push(explained)
  }

  return {
    locationDays: ordered.reduce((sum, { days }) => sum + days, 0),
    injected,
    nuisances,
    unobservableFaults,
    incidents: toldOutages.length + ordered.reduce((sum, { incidents }) => sum + incidents.length, 0),
    ...count,
    openSeconds,
    explainSeconds,
    confusion,
    observations: ordered.reduce((sum, { observations }) => sum + observations, 0),
    payloadBytes: ordered.reduce((sum, { payloadBytes }) => sum + payloadBytes, 0),
    stateBytesPerLocation:
      ordered.length === 0
        ? 0
        : Math.round(ordered.reduce((sum, { stateBytes }) => sum + stateBytes, 0) / ordered.length),
    examples,
  }
}

function finalClass({ causes, faultClass }: ToldIncident): FaultClass {
  return causes.at(-1)?.faultClass ?? faultClass
}

/** Which promise of the design's figures this fault counts for; outside opening hours rules wait longer on purpose. */
function latencyKind(
  { hasBackupUplink, hasRawArp }: LocationTale,
  { cause, isTrading }: PlannedFault,
): keyof Score['openSeconds'] | null {
  if (!isTrading) return null
  switch (cause) {
    case 'pos-down':
      return hasRawArp ? 'pos' : 'posWithoutArp'
    case 'router-down':
      return hasBackupUplink ? 'router' : 'dark'
    case 'wan-link-down':
    case 'provider-down':
      return hasBackupUplink ? 'wan' : 'dark'
    case 'power-cut':
      return 'dark'
    default:
      return null
  }
}

/** Seconds from the first connection after the darkness until the incident had its true cause; null where it was never dark. */
function explainedAfter(
  { openedAtMs }: LocationTale,
  { right }: PlannedFault,
  { causes, openedAtMs: incidentAtMs }: ToldIncident,
): number | null {
  if (causes[0]?.faultClass !== 'location-dark') return null
  const backAtMs = openedAtMs.find((atMs) => atMs > incidentAtMs)
  const moved = causes.findLast(({ faultClass }) => right.includes(faultClass))
  if (backAtMs === undefined || moved === undefined) return null
  return Math.max(0, (moved.atMs - backAtMs) / second)
}
