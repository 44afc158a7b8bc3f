import type { EpochMs, FaultClass } from '@proactive/shared'
import type { FleetSignal } from '../../../ingest/src/faults/index.ts'
import { createLocationRun, type LocationRun, type LocationRunOptions } from '../location-run.ts'
import { turn } from '../manual-scheduler.ts'
import { createRandom } from '../random.ts'
import { carryOut, type Site } from './deeds.ts'
import { restOf } from './leap-rest.ts'
import { drawOutages, outagesOf } from './outages.ts'
import { drawPlan, type Plan, type PlannedFault } from './plan.ts'
import { drawTraits, type Traits } from './traits.ts'

export interface FleetOptions {
  readonly seed: string
  readonly locations: number
  readonly days: number
  /** Own faults per Location and day, on average; outages of many come on top. */
  readonly faultsPerDay: number
  readonly telemetrySeconds: number
  /** Probe by probe, nothing is leapt over: for whoever compares. */
  readonly isStepwise?: boolean
}

/** An incident of one Location in true time, as far as the score needs it. */
export interface ToldIncident {
  readonly openedAtMs: EpochMs
  /** When it recovered first, or was closed. */
  readonly endedAtMs: EpochMs | null
  readonly faultClass: FaultClass
  readonly headline: string
  /** Planned work, a notice: no Issue by itself. */
  readonly isHeld: boolean
  readonly causes: readonly { readonly atMs: EpochMs; readonly faultClass: FaultClass }[]
}

/** What came of one Location. */
export interface LocationTale {
  readonly index: number
  readonly days: number
  readonly hasBackupUplink: boolean
  readonly hasRawArp: boolean
  readonly faults: readonly PlannedFault[]
  readonly nuisances: Readonly<Record<string, number>>
  readonly incidents: readonly ToldIncident[]
  readonly signals: readonly { readonly atMs: EpochMs; readonly signal: FleetSignal }[]
  readonly openedAtMs: readonly EpochMs[]
  readonly observations: number
  readonly payloadBytes: number
  readonly stateBytes: number
}

/** Monday, 2026-11-16, 00:00 UTC. */
export const fleetStartMs = Date.UTC(2026, 10, 16)
const dayMs = 86_400_000
/** How long after its end a fault may still be told of. */
const settleMs = 40 * 60_000
/** Locations that go side by side: each turn of the event loop serves them all. */
const abreast = 24
/** Tasks between two looks at the clock and at the caller's signal. */
const tasksPerLook = 2_000
/** A shorter stretch is not worth leaping over. */
const leastLeapMs = 5_000
/** How often a Location is looked at whether it is steady, in its own time. */
const lookEveryMs = 1_000

interface Walker {
  readonly index: number
  readonly site: Site
  readonly plan: Plan
  readonly traits: Traits
  readonly signals: { atMs: EpochMs; signal: FleetSignal }[]
  nextAct: number
  /** When the next act, look or end is due, in the Location's own time. */
  actAtMono: number
  lookAtMono: number
  toldDays: number
}

/**
 * Runs Locations by their numbers, each for all its days, through both cores. What comes of a Location depends on seed and number only, not on
 * how the numbers are dealt out. Stops early, with what was seen until then, when the signal aborts.
 */
export async function runFleet(
  options: FleetOptions & {
    readonly indexes: readonly number[]
    readonly onDays: (days: number) => void
    readonly onTale: (tale: LocationTale) => void
    readonly signal: AbortSignal
  },
): Promise<void> {
  const { indexes, days, onDays, onTale, signal } = options
  const waiting = [...indexes]
  const walkers: Walker[] = []
  const endMs = fleetStartMs + days * dayMs
  let tasks = 0
  while (waiting.length > 0 || walkers.length > 0) {
    while (walkers.length < abreast && waiting.length > 0 && !signal.aborted) {
      walkers.push(createWalker(options, waiting.shift() as number))
    }
    for (let place = walkers.length - 1; place >= 0; place--) {
      const walker = walkers[place] as Walker
      if (walk(walker, endMs, options.isStepwise === true)) continue
      walkers.splice(place, 1)
      onTale(finish(walker, days))
      onDays(days - walker.toldDays)
    }
    await turn()
    tasks += walkers.length
    if (tasks < tasksPerLook) continue
    tasks = 0
    for (const walker of walkers) tellDays(walker, onDays)
    if (signal.aborted) break
  }
  // Whoever is under way counts for the time it has behind it.
  for (const walker of walkers) {
    const passedMs = walker.site.run.ingest.nowMs() - fleetStartMs - settleMs
    if (passedMs > 0) onTale(finish(walker, passedMs / dayMs))
  }
}

/** One step of one Location: the next task, the next act of its plan, or a leap. False at its end. */
function walk(walker: Walker, endMs: EpochMs, isStepwise: boolean): boolean {
  const { site, plan } = walker
  const { run } = site
  const { scheduler, ingest } = run
  if (ingest.nowMs() >= endMs) return false
  const nextMono = scheduler.nextAtMono()
  if (walker.actAtMono <= nextMono) {
    const act = plan.acts[walker.nextAct]
    if (act === undefined) {
      run.passTo(walker.actAtMono)
      return false
    }
    run.passTo(walker.actAtMono)
    carryOut(site, act.deed)
    walker.nextAct++
    planNext(walker, endMs)
    return true
  }
  if (!isStepwise && nextMono >= walker.lookAtMono) {
    walker.lookAtMono = scheduler.monotonicMs() + lookEveryMs
    const untilNextMs = walker.actAtMono - scheduler.monotonicMs()
    const restMs = restOf(plan.acts, walker.nextAct, untilNextMs, run.leaper.lineMemoryMs())
    if (restMs >= leastLeapMs && run.leaper.isSteady()) {
      run.leaper.leap(restMs - 1)
      planNext(walker, endMs)
      return true
    }
  }
  scheduler.step()
  return true
}

function planNext(walker: Walker, endMs: EpochMs): void {
  const { run } = walker.site
  const atMs = Math.min(walker.plan.acts[walker.nextAct]?.atMs ?? endMs, endMs)
  walker.actAtMono = run.scheduler.monotonicMs() + Math.max(0, atMs - run.ingest.nowMs())
}

function tellDays(walker: Walker, onDays: (days: number) => void): void {
  walker.site.run.check()
  const days = (walker.site.run.ingest.nowMs() - fleetStartMs) / dayMs
  onDays(days - walker.toldDays)
  walker.toldDays = days
}

/** One Location of the fleet with everything that is going to happen to it; nothing has run yet. */
export function createFleetLocation(
  options: FleetOptions,
  index: number,
  more: Partial<LocationRunOptions> = {},
): { readonly site: Site; readonly run: LocationRun; readonly plan: Plan; readonly traits: Traits } {
  const { days, locations } = options
  const seed = `${options.seed}/${index}`
  const traits = drawTraits(createRandom(`${seed}/traits`), index, locations)
  const outages = drawOutages({ seed: options.seed, startMs: fleetStartMs, days, locations })
  const plan = drawPlan({
    traits,
    random: createRandom(`${seed}/plan`),
    startMs: fleetStartMs,
    days,
    faultsPerDay: options.faultsPerDay,
    index,
    locations,
    ...outagesOf(outages, options.seed, index, traits),
  })
  const quality = { ...traits.quality }
  const clock = { errorMs: 0 }
  const { address, region } = sharedWith(traits, index)
  const run = createLocationRun({
    seed,
    startMs: fleetStartMs,
    hasBackupUplink: traits.hasBackupUplink,
    calendar: traits.calendar,
    timeZone: 'UTC',
    quality,
    timing: traits.timing,
    hasRawArp: traits.hasRawArp,
    wallClock: () => ({ errorMs: () => clock.errorMs, isTrusted: () => true }),
    bootMs: 25_000,
    telemetrySeconds: options.telemetrySeconds,
    keepsJournal: false,
    publicAddress: address,
    region,
    ...more,
  })
  return { site: { run, quality, clock }, run, plan, traits }
}

function createWalker(options: FleetOptions, index: number): Walker {
  const signals: Walker['signals'] = []
  const { site, plan, traits } = createFleetLocation(options, index, {
    onSignal: (signal) =>
      signals.push({ atMs: site.run.ingest.nowMs(), signal: placed(signal, traits, index) }),
  })
  const walker: Walker = {
    index,
    site,
    plan,
    traits,
    signals,
    nextAct: 0,
    actAtMono: 0,
    lookAtMono: 0,
    toldDays: 0,
  }
  site.run.begin()
  planNext(walker, fleetStartMs + options.days * dayMs)
  return walker
}

/** What the world gives a Location by its place: each provider has a /16 of its own, and none of them is carrier NAT. */
export function sharedWith(
  { neighbourhood: { provider, town } }: Traits,
  index: number,
): { readonly address: string; readonly region: string } {
  return {
    address: `${60 + Math.floor(provider / 250)}.${provider % 250}.${index % 250}.7`,
    region: `Town ${town}`,
  }
}

/** Each Location is the lab's; what it shares with others is its place in the fleet. */
export function placed(signal: FleetSignal, { neighbourhood }: Traits, index: number): FleetSignal {
  const { provider, hop, processor } = neighbourhood
  const name = (text: string) => (text === '' ? '' : `${text} ${processor}`)
  return {
    ...signal,
    locationId: `loc-${index}`,
    name: `Shop ${index}`,
    firstHop: signal.firstHop === null ? null : `100.${64 + (provider >> 8)}.${provider & 255}.${hop}`,
    processors: signal.processors.map(name),
    trouble: signal.trouble === null ? null : { ...signal.trouble, subject: name(signal.trouble.subject) },
  }
}

function finish({ index, site, plan, traits, signals }: Walker, days: number): LocationTale {
  const { run } = site
  run.check()
  const { ingest } = run
  // A fault at the very end has not had its time; neither have its incidents.
  const untilMs = fleetStartMs + days * dayMs
  const cutOff = plan.faults.filter(({ toMs }) => toMs > untilMs)
  const nuisances: Record<string, number> = {}
  for (const { kind, fromMs } of plan.nuisances)
    if (fromMs < untilMs) nuisances[kind] = (nuisances[kind] ?? 0) + 1
  return {
    index,
    days,
    hasBackupUplink: traits.hasBackupUplink,
    hasRawArp: traits.hasRawArp,
    faults: plan.faults.filter(({ toMs }) => toMs <= untilMs),
    nuisances,
    incidents: run
      .incidents()
      .filter(
        ({ openedAtMs }) =>
          openedAtMs <= untilMs && !cutOff.some(({ fromMs }) => openedAtMs >= fromMs - 1_000),
      )
      .map(({ report, openedAtMs, changes }) => ({
        openedAtMs,
        endedAtMs: changes.find(({ change }) => change === 'recovered' || change === 'closed')?.atMs ?? null,
        faultClass: report.faultClass,
        headline: report.headline,
        isHeld: report.issueHeldBy !== undefined,
        causes: changes
          .map(({ atMs, faultClass }) => ({ atMs, faultClass: faultClass as FaultClass }))
          .filter(({ faultClass }, place, all) => faultClass !== all[place - 1]?.faultClass),
      })),
    signals,
    openedAtMs: ingest.openedAtMs,
    observations: ingest.figures.observations,
    payloadBytes: ingest.figures.payloadBytes,
    stateBytes: ingest.stateBytes(),
  }
}
